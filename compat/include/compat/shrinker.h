/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A shrinker that is never removed. Up to Linux 6.6 the caller allocates it.
 */
#ifndef _COMPAT_SHRINKER_H
#define _COMPAT_SHRINKER_H

#include <linux/errno.h>
#include <linux/shrinker.h>

typedef unsigned long (*compat_shrink_t)(struct shrinker *shrinker,
					 struct shrink_control *sc);

static inline int compat_register_shrinker(const char *name, compat_shrink_t count,
					   compat_shrink_t scan)
{
#ifdef COMPAT_SHRINKER
	static struct shrinker shrinker = { .seeks = DEFAULT_SEEKS };

	shrinker.count_objects = count;
	shrinker.scan_objects = scan;
	return register_shrinker(&shrinker, "%s", name);
#else
	struct shrinker *shrinker = shrinker_alloc(0, "%s", name);

	if (!shrinker)
		return -ENOMEM;
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
	shrinker_register(shrinker);
	return 0;
#endif
}

#endif /* _COMPAT_SHRINKER_H */
