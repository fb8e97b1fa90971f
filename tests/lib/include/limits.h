/* SPDX-License-Identifier: GPL-2.0-only */
/* gcc's own <limits.h> asks for a libc's; this is what libfdt uses of it. */
#ifndef MONITOR_LIMITS_H
#define MONITOR_LIMITS_H

#define INT_MAX		__INT_MAX__
#define INT_MIN		(-INT_MAX - 1)
#define UINT_MAX	(__INT_MAX__ * 2U + 1)

#endif
