/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steps of a suspend that are taken on the last CPU, with interrupts off.
 *
 * On older kernels they get no argument, and are registered without a structure around
 * them. Stable updates have changed that within a series.
 */
#ifndef _COMPAT_SYSCORE_H
#define _COMPAT_SYSCORE_H

#include <linux/syscore_ops.h>

#ifdef COMPAT_SYSCORE_OPS

#define COMPAT_DEFINE_SYSCORE(name, suspend_step, resume_step)			\
	static int name##_suspend(void) { return suspend_step(NULL); }		\
	static void name##_resume(void) { resume_step(NULL); }			\
	static struct syscore_ops name = {					\
		.suspend = name##_suspend,					\
		.resume = name##_resume,					\
	}

#define compat_register_syscore(syscore)	register_syscore_ops(syscore)

#else /* !COMPAT_SYSCORE_OPS */

#define COMPAT_DEFINE_SYSCORE(name, suspend_step, resume_step)			\
	static const struct syscore_ops name##_ops = {				\
		.suspend = suspend_step,					\
		.resume = resume_step,						\
	};									\
	static struct syscore name = { .ops = &name##_ops }

#define compat_register_syscore(syscore)	register_syscore(syscore)

#endif /* COMPAT_SYSCORE_OPS */

#endif /* _COMPAT_SYSCORE_H */
