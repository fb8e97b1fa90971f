// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which devices found no slots in a bounce pool, and how often.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/device.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include <asm/pguest.h>

#include <compat/swiotlb.h>

#include "pool.h"

/* Devices that are counted one by one. All others are together in the last entry. */
#define MAX_DEVICES	15

/* A device by its name: it may be gone when its waits are read. */
static struct waiter {
	char name[32];
	unsigned long waits;
} waiters[MAX_DEVICES + 1];

static DEFINE_SPINLOCK(waiters_lock);

static struct waiter *find_waiter(const char *name)
{
	unsigned int i;

	for (i = 0; i < MAX_DEVICES; i++) {
		if (!waiters[i].waits)
			strscpy(waiters[i].name, name, sizeof(waiters[i].name));
		if (!strncmp(waiters[i].name, name, sizeof(waiters[i].name) - 1))
			return &waiters[i];
	}
	strscpy(waiters[i].name, "others", sizeof(waiters[i].name));
	return &waiters[i];
}

/**
 * pguest_pool_waits() - count a mapping that found no slots, and log the first of a device
 * @dev: the device that does DMA
 *
 * Context: Any.
 */
void pguest_pool_waits(struct device *dev)
{
	unsigned long flags, waits;

	spin_lock_irqsave(&waiters_lock, flags);
	waits = ++find_waiter(dev_name(dev))->waits;
	spin_unlock_irqrestore(&waiters_lock, flags);
	if (waits == 1)
		printk_deferred(PGUEST_INFO "%s waits for the bounce pool, which has %llu KiB now; swiotlb= sets how far it grows\n",
				dev_name(dev), pguest_pool_memory_now() / SZ_1K);
}

/**
 * pguest_show_pool() - the state of the default bounce pool as text
 * @m: where to write it
 *
 * Context: Process.
 */
void pguest_show_pool(struct seq_file *m)
{
	struct pguest_ledger *ledger = &pguest_memory.ledger;
	unsigned long taken, given, flags;
	unsigned int i;

	pguest_pool_traffic(&taken, &given);
	seq_printf(m, "limit: %lu\n", is_swiotlb_allocated() ? swiotlb_size_or_default() : 0);
	seq_printf(m, "present: %llu\n", pguest_pool_memory_now());
	seq_printf(m, "present_peak: %llu\n", pguest_pool_memory_peak());
	seq_printf(m, "shared: %llu\n",
		   ledger->by_owner[PGUEST_BOUNCE] * pguest_backend->granule);
	seq_printf(m, "small_buffers: %lu\n", pguest_cells_used());
	seq_printf(m, "pieces_taken: %lu\n", taken);
	seq_printf(m, "pieces_given: %lu\n", given);
	seq_printf(m, "requests_cut: %ld\n", atomic_long_read(&pguest_requests_cut));
	seq_printf(m, "settled: %s\n", pguest_pool_settled() ? "yes" : "no");
	seq_printf(m, "waits: %lu\n", pguest_pool_was_full());
	spin_lock_irqsave(&waiters_lock, flags);
	for (i = 0; i <= MAX_DEVICES && waiters[i].waits; i++)
		seq_printf(m, "waits of %s: %lu\n", waiters[i].name, waiters[i].waits);
	spin_unlock_irqrestore(&waiters_lock, flags);
}
