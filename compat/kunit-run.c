// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit suites that are built in, for trees of vendors whose init/main.c does not start
 * them: those expect all suites to be in modules.
 */
#include <kunit/test.h>
#include <linux/init.h>

static int __init kunit_run(void)
{
	return kunit_run_all_tests();
}
late_initcall_sync(kunit_run);
