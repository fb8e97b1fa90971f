/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * COMPAT_GET_CHARS(): the head of a function for hv_ops.get_chars of
 * drivers/tty/hvc/hvc_console.h, whose types are others since 6.8.
 */
#ifndef _COMPAT_HVC_H
#define _COMPAT_HVC_H

#include <linux/types.h>

#ifdef COMPAT_HVC_CHARS
#define COMPAT_GET_CHARS(name)	int name(u32 vtermno, char *to, int room)
#else
#define COMPAT_GET_CHARS(name)	ssize_t name(u32 vtermno, u8 *to, size_t room)
#endif

#endif /* _COMPAT_HVC_H */
