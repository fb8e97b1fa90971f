/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Macros that KUnit has since Linux 6.2, and 6.6.
 */
#ifndef _COMPAT_KUNIT_H
#define _COMPAT_KUNIT_H

#include <kunit/test.h>
#include <linux/string.h>

#ifndef KUNIT_EXPECT_MEMEQ
#define KUNIT_EXPECT_MEMEQ(test, left, right, size)	\
	KUNIT_EXPECT_EQ(test, memcmp(left, right, size), 0)
#endif

#ifndef KUNIT_CASE_SLOW
#define KUNIT_CASE_SLOW(name)				KUNIT_CASE(name)
#endif

#endif /* _COMPAT_KUNIT_H */
