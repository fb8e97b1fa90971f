/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * u128, which <linux/types.h> has since Linux 6.4.
 */
#ifndef _COMPAT_INT128_H
#define _COMPAT_INT128_H

#include <linux/types.h>

#ifdef COMPAT_INT128
#define u128	__uint128_t
#endif

#endif /* _COMPAT_INT128_H */
