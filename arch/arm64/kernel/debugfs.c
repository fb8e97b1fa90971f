// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/pguest: memory that is shared with the host, and the findings of the boot.
 */
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/seq_file.h>

#include <asm/pguest.h>
#include <asm/rsi.h>

#include <compat/swiotlb.h>

static const char *yes_no(bool yes)
{
	return yes ? "yes" : "no";
}

static int status_show(struct seq_file *m, void *unused)
{
	const struct pguest_backend *b = pguest_backend;
	const struct rsi_realm *realm = rsi_realm();

	seq_printf(m, "backend: %s\n", b ? b->ops->name : "none");
	if (!b)
		return 0;
	seq_printf(m, "claim: %s\n", b->ops->claim);
	seq_printf(m, "granule: %llu\n", b->granule);
	seq_printf(m, "ranges: %s\n", yes_no(b->ranges));
	seq_printf(m, "shared_bit: %#llx\n", b->shared_bit);
	seq_printf(m, "mmio_guard: %s\n", yes_no(b->mmio_granule));
	seq_printf(m, "relinquish: %s\n", yes_no(b->relinquish));
	if (realm) {
		seq_printf(m, "rsi: %u.%u\n", RSI_VERSION_MAJOR(realm->version),
			   RSI_VERSION_MINOR(realm->version));
		seq_printf(m, "rsi_features: %#llx\n", realm->features);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(status);

static bool same_line(const struct pguest_entry *a, const struct pguest_entry *b)
{
	return a->state == b->state && a->owner == b->owner &&
	       a->refs == b->refs && a->caller == b->caller;
}

static void show_run(struct seq_file *m, unsigned long first, unsigned long end,
		     const struct pguest_entry *entry)
{
	u64 granule = pguest_backend->granule;

	seq_printf(m, "0x%llx-0x%llx %lu %s %u %pS\n", first * granule,
		   end * granule, end - first,
		   entry->state == PGUEST_LOST ? "lost" :
		   pguest_owner_name(entry->owner), entry->refs,
		   (void *)entry->caller);
}

static int ledger_show(struct seq_file *m, void *unused)
{
	struct pguest_ledger *ledger = &pguest_memory.ledger;
	unsigned long index, first = 0, end = 0;
	struct pguest_entry entry, run = { };
	void *packed;

	if (!pguest_active())
		return 0;
	/* Not a snapshot: the ledger can change between two granules. */
	xa_for_each(&ledger->granules, index, packed) {
		entry = pguest_ledger_get(ledger, index * pguest_backend->granule);
		if (index == end && end > first && same_line(&entry, &run)) {
			end++;
			continue;
		}
		if (end > first)
			show_run(m, first, end, &run);
		first = index;
		end = index + 1;
		run = entry;
	}
	if (end > first)
		show_run(m, first, end, &run);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ledger);

static int stats_show(struct seq_file *m, void *unused)
{
	struct pguest_space *space = &pguest_memory;
	struct pguest_ledger *ledger = &space->ledger;
	unsigned long taken, given;
	enum pguest_owner owner;

	if (!pguest_active())
		return 0;
	seq_printf(m, "shared_now: %lu\n", ledger->now);
	seq_printf(m, "shared_peak: %lu\n", ledger->peak);
	seq_printf(m, "lost: %lu\n", ledger->lost);
	seq_printf(m, "bytes_bounced: %llu\n", pguest_bytes_bounced());
	seq_printf(m, "share_calls: %lu\n", space->calls_share);
	seq_printf(m, "unshare_calls: %lu\n", space->calls_unshare);
	seq_printf(m, "shared_again: %lu\n", space->again);
	seq_printf(m, "refused: %lu\n", space->refused);
	seq_printf(m, "pool_bytes: %lu\n",
		   is_swiotlb_allocated() ? swiotlb_size_or_default() : 0);
	seq_printf(m, "pool_present: %llu\n", pguest_pool_memory_now());
	seq_printf(m, "pool_settled: %s\n", yes_no(pguest_pool_settled()));
	pguest_pool_traffic(&taken, &given);
	seq_printf(m, "pool_taken: %lu\n", taken);
	seq_printf(m, "pool_given: %lu\n", given);
	seq_printf(m, "pool_shared: %llu\n",
		   ledger->by_owner[PGUEST_BOUNCE] * pguest_backend->granule);
	seq_printf(m, "pool_full: %lu\n", pguest_pool_was_full());
	for (owner = 0; owner < PGUEST_NR_OWNERS; owner++)
		seq_printf(m, "owner %s %lu\n", pguest_owner_name(owner),
			   ledger->by_owner[owner]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int features_show(struct seq_file *m, void *unused)
{
	pguest_backend->ops->show_features(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(features);

static int devices_show(struct seq_file *m, void *unused)
{
	if (pguest_active())
		pguest_show_devices(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(devices);

static int pool_show(struct seq_file *m, void *unused)
{
	if (pguest_active())
		pguest_show_pool(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pool);

static int __init pguest_debugfs_init(void)
{
	struct dentry *dir = debugfs_create_dir("pguest", NULL);

	debugfs_create_file("status", 0400, dir, NULL, &status_fops);
	debugfs_create_file("ledger", 0400, dir, NULL, &ledger_fops);
	debugfs_create_file("stats", 0400, dir, NULL, &stats_fops);
	debugfs_create_file("devices", 0400, dir, NULL, &devices_fops);
	debugfs_create_file("pool", 0400, dir, NULL, &pool_fops);
	if (pguest_backend && pguest_backend->ops->show_features)
		debugfs_create_file("features", 0400, dir, NULL, &features_fops);
	return 0;
}
late_initcall(pguest_debugfs_init);
