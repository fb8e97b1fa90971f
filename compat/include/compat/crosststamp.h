/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cross timestamps of a device that reads the CPU's counter.
 *
 * Up to Linux 6.8 get_device_system_crosststamp() identifies the counter by a pointer to
 * a clock source that is static in the driver of the arch timer. On these kernels the
 * system time is interpolated between two readings.
 */
#ifndef _COMPAT_CROSSTSTAMP_H
#define _COMPAT_CROSSTSTAMP_H

#include <linux/clocksource_ids.h>
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/timekeeping.h>

#ifdef COMPAT_CROSSTSTAMP

struct compat_counterval {
	u64 cycles;
	enum clocksource_ids cs_id;
};

/* Interpolate between @from and @to: @part of @all cycles */
static inline ktime_t compat_between(ktime_t from, ktime_t to, u64 part, u64 all)
{
	return ktime_add_ns(from, mul_u64_u64_div_u64(ktime_to_ns(ktime_sub(to, from)),
						      part, all));
}

static inline bool compat_same_clock(const struct system_time_snapshot *a,
				     const struct system_time_snapshot *b)
{
	return a->cs_id == b->cs_id && a->cs_was_changed_seq == b->cs_was_changed_seq &&
	       a->clock_was_set_seq == b->clock_was_set_seq;
}

/* get_device_system_crosststamp() without a history */
static inline int
compat_crosststamp(int (*get_time)(ktime_t *time, struct compat_counterval *counter, void *ctx),
		   void *ctx, struct system_device_crosststamp *stamp)
{
	struct system_time_snapshot before, after;
	struct compat_counterval counter;
	unsigned int tries = 4;
	u64 part, all;
	int err;

	do {
		if (!tries--)
			return -EAGAIN;
		ktime_get_snapshot(&before);
		err = get_time(&stamp->device, &counter, ctx);
		if (err)
			return err;
		ktime_get_snapshot(&after);
	} while (!compat_same_clock(&before, &after));

	part = counter.cycles - before.cycles;
	all = after.cycles - before.cycles;
	if (before.cs_id != counter.cs_id || !all || part > all)
		return -ENODEV;
	stamp->sys_realtime = compat_between(before.real, after.real, part, all);
	stamp->sys_monoraw = compat_between(before.raw, after.raw, part, all);
	return 0;
}

#else /* !COMPAT_CROSSTSTAMP */

#define compat_counterval	system_counterval_t

#define compat_crosststamp(get_time, ctx, stamp)	\
	get_device_system_crosststamp(get_time, ctx, NULL, stamp)

#endif /* COMPAT_CROSSTSTAMP */

#endif /* _COMPAT_CROSSTSTAMP_H */
