// SPDX-License-Identifier: GPL-2.0-only
/*
 * Before another kernel starts in this VM, all that is shared with the host becomes
 * private again, and is cleared.
 *
 * This CPU is the only one, exceptions are masked, and the kernel's memory is given up
 * next. So no lock is taken, since a task that does not run any more may hold it; nothing
 * is allocated; and the ledger stays as it is. Each granule takes a bounded number of
 * calls.
 */
#define pr_fmt(fmt) "pguest: kexec: " fmt

#include <linux/kexec.h>
#include <linux/libfdt.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/pguest_kexec.h>
#include <linux/printk.h>

#include <asm/pguest.h>

static pte_t *pte_of(pgd_t *pgd, unsigned long addr)
{
	pgd_t *pgdp = pgd_offset_pgd(pgd, addr);
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd;

	if (pgd_none(READ_ONCE(*pgdp)))
		return NULL;
	p4d = p4d_offset(pgdp, addr);
	if (p4d_none(READ_ONCE(*p4d)))
		return NULL;
	pud = pud_offset(p4d, addr);
	if (pud_none(READ_ONCE(*pud)))
		return NULL;
	pmd = pmd_offset(pud, addr);
	return pmd_none(READ_ONCE(*pmd)) ? NULL : pte_offset_kernel(pmd, addr);
}

/*
 * The next kernel is copied to its place through a copy of the linear map. That was made
 * when the kernel was loaded, and has pages at the addresses that they had then. Where
 * shared memory has an address of its own, the linear map consists of single pages.
 */
static void update_copy(pgd_t *copy, phys_addr_t start, phys_addr_t end)
{
	unsigned long addr = (unsigned long)phys_to_virt(start);
	unsigned long stop = addr + (end - start);

	for (; addr < stop; addr += PAGE_SIZE) {
		pte_t *to = pte_of(copy, addr);

		/* Memory that was plugged in later is not in the copy, and nothing goes there. */
		if (to)
			set_pte(to, READ_ONCE(*pte_of(init_mm.pgd, addr)));
	}
}

/* The copy of the linear map that the kernel behind pguest_before_kexec() is copied by */
static pgd_t *linear_copy;

static int map_both(phys_addr_t start, phys_addr_t end, enum pguest_map how)
{
	int err = pguest_map_linear(start, end, how);

	if (!err && linear_copy)
		update_copy(linear_copy, start, end);
	return err;
}

/* RAM that the next kernel keeps reserved, as its device tree says */
#define MAX_KEPT	16

static struct {
	const struct kimage *image;
	unsigned int nr;
	phys_addr_t start[MAX_KEPT], end[MAX_KEPT];
} kept;

static bool is_kept(phys_addr_t addr)
{
	unsigned int i;

	for (i = 0; i < kept.nr; i++) {
		if (addr >= kept.start[i] && addr < kept.end[i])
			return true;
	}
	return false;
}

static void map_run(struct pguest_space *space, phys_addr_t start, phys_addr_t end,
		    enum pguest_map how)
{
	if (space->backend->shared_bit && start < end)
		space->map(start, end, how);
}

/* Take granules back. Returns how many were refused and are not kept out of use. */
static unsigned long take_back(struct pguest_space *space, phys_addr_t start, phys_addr_t end,
			       phys_addr_t *first)
{
	const struct pguest_backend *backend = space->backend;
	unsigned long refused = 0;
	phys_addr_t at, top;

	map_run(space, start, end, PGUEST_MAP_NONE);
	for (at = start; at < end; at = top + backend->granule) {
		pguest_walk(backend->ops->unshare, at, end, backend->granule, &top,
			    &space->calls_unshare);
		map_run(space, at, top, PGUEST_MAP_PRIVATE);
		if (at < top)
			space->clear(at, top);
		if (top < end && !is_kept(top) && !refused++)
			*first = top;
	}
	return refused;
}

/* Memory that the host supplies is no RAM, and no kernel uses it as such. */
static bool is_host_page(struct pguest_space *space, phys_addr_t addr)
{
	return pguest_owner_is_host(pguest_ledger_get(&space->ledger, addr).owner);
}

/* In a realm a page of the host's is shared by its address, and there is no call to undo. */
static void leave_host_pages(struct pguest_space *space, phys_addr_t start, phys_addr_t end)
{
	phys_addr_t first;

	if (!space->backend->shared_bit)
		take_back(space, start, end, &first);
}

static phys_addr_t end_of_kind(struct pguest_space *space, phys_addr_t start, phys_addr_t end)
{
	bool host = is_host_page(space, start);

	do {
		start += space->backend->granule;
	} while (start < end && is_host_page(space, start) == host);
	return start;
}

static unsigned long end_run(struct pguest_space *space, phys_addr_t start, phys_addr_t end,
			     phys_addr_t *first)
{
	unsigned long refused = 0;
	phys_addr_t at, next;

	for (at = start; at < end; at = next) {
		next = end_of_kind(space, at, end);
		if (is_host_page(space, at))
			leave_host_pages(space, at, next);
		else
			refused += take_back(space, at, next, first);
	}
	return refused;
}

static unsigned long end_state(struct pguest_space *space, enum pguest_state state,
			       phys_addr_t *first)
{
	phys_addr_t at = 0, end = PHYS_MASK + 1, stop = end;
	unsigned long refused = 0;

	while (pguest_ledger_next_run(&space->ledger, state, &at, &stop)) {
		refused += end_run(space, at, stop, first);
		at = stop;
		stop = end;
	}
	return refused;
}

/**
 * pguest_space_end() - take back and clear all that is shared or lost
 * @space: the space; its ledger does not change
 * @first: set to the address of a granule that was refused, if there is one
 *
 * Granules that are kept out of the next kernel's use do not count.
 *
 * Context: One CPU online, with exceptions masked; the memory of the kernel is given up
 *	    next.
 * Return: number of granules of RAM that may still be shared.
 */
unsigned long pguest_space_end(struct pguest_space *space, phys_addr_t *first)
{
	unsigned long refused, pending;

	refused = end_state(space, PGUEST_SHARED, first);
	refused += end_state(space, PGUEST_LOST, first);
	/*
	 * Granules whose task was stopped while it shared them or took them back. pKVM
	 * refuses those that are private; an RMM does not.
	 */
	pending = end_state(space, PGUEST_PENDING, first);
	return refused + (space->backend->shared_bit ? pending : 0);
}

static int keep_range(void *tree, phys_addr_t start, phys_addr_t end)
{
	if (kept.nr == MAX_KEPT || fdt_add_mem_rsv(tree, start, end - start))
		return -ENOSPC;
	kept.start[kept.nr] = start;
	kept.end[kept.nr++] = end;
	return 0;
}

static int keep_lost(struct pguest_space *space, void *tree)
{
	phys_addr_t at = 0, end = PHYS_MASK + 1, stop = end;
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&space->lock, flags);
	while (!err && pguest_ledger_next_run(&space->ledger, PGUEST_LOST, &at, &stop)) {
		err = keep_range(tree, at, stop);
		at = stop;
		stop = end;
	}
	spin_unlock_irqrestore(&space->lock, flags);
	return err;
}

/* Behind pguest_kexec_tree(). */
int __pguest_kexec_tree(const struct kimage *image, void *tree)
{
	int err;

	if (image->type == KEXEC_TYPE_CRASH)
		return 0;
	kept.image = image;
	kept.nr = 0;
	err = keep_lost(&pguest_memory, tree);
	if (err)
		pr_err("too many lost granules for the next kernel's tree\n");
	else if (kept.nr)
		pr_warn("%lu lost granules stay reserved in the next kernel, from %pa on\n",
			pguest_memory.ledger.lost, &kept.start[0]);
	return err;
}

/* Behind pguest_before_kexec(). */
void __pguest_before_kexec(const struct kimage *image)
{
	unsigned long refused;
	phys_addr_t first = 0;

	if (image != kept.image || !image->file_mode)
		kept.nr = 0;
	if (image->arch.ttbr1)
		linear_copy = phys_to_virt(image->arch.ttbr1);
	pguest_memory.map = map_both;
	pguest_gic_off();
	refused = pguest_space_end(&pguest_memory, &first);
	if (refused)
		panic("pguest: no kexec: %lu granules cannot be taken back from the host, the first at %pa\n",
		      refused, &first);
	pr_info("%lu granules taken back from the host\n", pguest_memory.ledger.now);
}
