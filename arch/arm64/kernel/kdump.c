// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory for a crash kernel: what the kernel that reserves it does.
 *
 * After a panic nothing is taken back: locks may be held, and the state of the ledger is
 * what the dump is for. So the crash kernel finds only that memory private for certain
 * which was never shared, and crashkernel= memory is kept so.
 *
 * Below that memory is a mark, for the crash kernel to know that a kernel has run in this
 * VM before: see pguest_check_tree(). It is a granule that is shared and not used. Only the
 * VM itself can share one, so that no host can put a mark into a VM that has not run yet.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/init.h>
#include <linux/ioport.h>
#include <linux/kexec.h>
#include <linux/minmax.h>
#include <linux/mm.h>

#include <asm/pguest.h>

static bool in_resource(const struct resource *res, phys_addr_t start, phys_addr_t end)
{
	return res->end && start <= res->end && end > res->start;
}

/**
 * pguest_is_crash_memory() - is a range reserved for a crash kernel?
 * @start: first byte
 * @end: byte after the last
 *
 * Context: Any.
 * Return: true if a part of it is.
 */
bool pguest_is_crash_memory(phys_addr_t start, phys_addr_t end)
{
	return in_resource(&crashk_res, start, end) || in_resource(&crashk_low_res, start, end);
}

/* A page of another size in the crash kernel makes no difference: the mark ends there. */
static int __init mark_crash_memory(void)
{
	phys_addr_t mark = crashk_res.start, unit;
	int err;

	/* In a realm the measurement registers are the mark. */
	if (!pguest_active() || pguest_backend->shared_bit || !crashk_res.end)
		return 0;
	unit = max_t(phys_addr_t, pguest_backend->granule, PAGE_SIZE);
	err = adjust_resource(&crashk_res, mark + unit, resource_size(&crashk_res) - unit) ?:
	      pguest_share_pages((unsigned long)phys_to_virt(mark), unit >> PAGE_SHIFT,
				 PGUEST_OTHER);
	if (err)
		pr_warn("no mark for a crash kernel, which will refuse its memory: %d\n", err);
	return 0;
}
core_initcall(mark_crash_memory);
