// SPDX-License-Identifier: GPL-2.0-only
#include "base.h"

#define LOCK_SECONDS	60

static u32 lock_word;

void lock(void)
{
	u64 start = sysreg_read(cntpct_el0);

	while (__atomic_exchange_n(&lock_word, 1, __ATOMIC_ACQUIRE)) {
		asm volatile("yield");
		if (sysreg_read(cntpct_el0) - start > LOCK_SECONDS * sysreg_read(cntfrq_el0))
			fail("the lock was not free for %d s", LOCK_SECONDS);
	}
}

void unlock(void)
{
	__atomic_store_n(&lock_word, 0, __ATOMIC_RELEASE);
}
