/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The name of this header since Linux 6.12. Our include directory comes after the tree's,
 * so the tree's is taken where there is one.
 */
#ifndef _LINUX_UNALIGNED_H
#define _LINUX_UNALIGNED_H

#include <asm/unaligned.h>

#endif /* _LINUX_UNALIGNED_H */
