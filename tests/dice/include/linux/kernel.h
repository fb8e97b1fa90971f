/* SPDX-License-Identifier: GPL-2.0-only */
#include <linux/types.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
