/* SPDX-License-Identifier: GPL-2.0-only */
/* What arch/arm64/mm/check_devicetree.c has of the kernel's headers, for a program of this machine. */
#ifndef FUZZ_KERNEL_H
#define FUZZ_KERNEL_H

#include <linux/types.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define min(a, b)	((a) < (b) ? (a) : (b))
#define max(a, b)	((a) > (b) ? (a) : (b))

#endif
