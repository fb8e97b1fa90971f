/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What hv_ops.get_chars of drivers/tty/hvc/hvc_console.h takes and returns, which has other
 * types since 6.8.
 */
#ifndef _COMPAT_HVC_H
#define _COMPAT_HVC_H

#include <linux/types.h>

#ifdef COMPAT_HVC_CHARS
typedef int compat_hvc_count;
typedef int compat_hvc_room;
typedef char compat_hvc_char;
#else
typedef ssize_t compat_hvc_count;
typedef size_t compat_hvc_room;
typedef u8 compat_hvc_char;
#endif

#endif /* _COMPAT_HVC_H */
