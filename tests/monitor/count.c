// SPDX-License-Identifier: GPL-2.0-only
#include "count.h"

struct counters count;

enum verdict blocked(void)
{
	__atomic_fetch_add(&count.blocked_mmio, 1, __ATOMIC_RELAXED);
	return ABORT;
}
