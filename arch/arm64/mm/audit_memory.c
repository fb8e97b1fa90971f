// SPDX-License-Identifier: GPL-2.0-only
/*
 * The check of the memory layout that the host describes, before memory is allocated.
 *
 * The device tree is checked (check_devicetree.c) as soon as it is known that the VM is
 * protected. The result of the device tree, early parameters and EFI is checked when
 * they all have been read, before the first page table is allocated.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/crash_dump.h>
#include <linux/initrd.h>
#include <linux/libfdt.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/of_fdt.h>

#include <asm/mmu.h>
#include <asm/pguest.h>
#include <asm/pguest_devicetree.h>
#include <asm/sections.h>
#include <asm/setup.h>

#include <compat/fdt.h>

/* Bounds on the log: the host chooses how much is refused, and its names. */
#define MAX_LINES	8
#define MAX_NAME	40

/* Regions that the kernel itself reserves before memblock can grow its array */
#define SPARE_REGIONS	16

static struct pguest_tree tree __initdata;
static struct pguest_facts facts __initdata;

/* The restricted-dma-pools that have an address */
static struct pguest_ranges pools __ro_after_init;

/* Where the firmware hands over secrets; empty if it does not */
static struct pguest_range handover __ro_after_init;

/* In a crash kernel, RAM of the kernel that crashed and its own */
static struct pguest_ranges old_ram __ro_after_init;
static bool crash_kernel __ro_after_init;

static void __init log_ignored(const char *what, const char *why, u64 at)
{
	/* Escaped: the host could choose a name that looks like a line of the log. */
	if (tree.refused <= MAX_LINES)
		pr_warn("ignored: %*pE %s (%#llx)\n", (int)strnlen(what, MAX_NAME), what, why, at);
}

/* In a realm RAM is in the lower half of the addresses. */
static u64 __init end_of_protected(void)
{
	return pguest_backend->shared_bit ?: BIT_ULL(PHYS_MASK_SHIFT);
}

/* With the mark that mark_crash_memory() has left below memory for a crash kernel */
static bool __init ran_before(u64 start)
{
	phys_addr_t mark = start - pguest_backend->granule;

	return start >= pguest_backend->granule &&
	       IS_ALIGNED(mark, pguest_backend->granule) &&
	       pguest_backend->ops->ran_before(mark);
}

static void __init know_facts(int size)
{
	facts = (struct pguest_facts){
		.image	= { __pa_symbol(_text), __pa_symbol(_end) },
		.tree	= { __fdt_pointer, __fdt_pointer + size },
		.end	= end_of_protected(),
		.page	= PAGE_SIZE,
		.ran_before = ran_before,
	};
}

static void __init forget_dump(void)
{
#ifdef CONFIG_CRASH_DUMP
	elfcorehdr_addr = ELFCORE_ADDR_MAX;
	elfcorehdr_size = 0;
#endif
}

/* Forget what early code has read from parts of the tree that are refused now. */
static void __init forget_refused(void)
{
	unsigned int i;

	if (tree.initrd_refused)
		phys_initrd_size = 0;
	if (tree.corehdr_refused)
		forget_dump();
	if (!tree.ram_refused)
		return;
	memblock_remove(0, PHYS_ADDR_MAX);
	for (i = 0; i < tree.ram.nr; i++)
		memblock_add(tree.ram.at[i].start, tree.ram.at[i].end - tree.ram.at[i].start);
	early_init_dt_check_for_usable_mem_range();
}

/**
 * pguest_audit_tree() - check the device tree, and remove from it what is refused
 *
 * A reason to stop is kept until pguest_audit_memory(), where an early console can show
 * it. A malformed tree stops the boot at once.
 *
 * Context: setup_arch(), a protected VM, before early parameters are parsed.
 */
void __init pguest_audit_tree(void)
{
	int size;
	void *fdt = fixmap_remap_fdt(__fdt_pointer, &size, PAGE_KERNEL);

	if (!fdt)
		pguest_stop("no device tree at", __fdt_pointer);
	know_facts(size);
	tree = (struct pguest_tree){ .facts = &facts, .fdt = fdt, .say = log_ignored };
	pguest_check_tree(&tree);
	if (tree.stop && !tree.address_cells)
		pguest_stop(tree.stop, tree.stop_at);
	if (tree.kho && IS_ENABLED(CONFIG_KEXEC_HANDOVER))
		tree.stop = "memory that another kernel has handed over";
	if (tree.refused > MAX_LINES)
		pr_warn("ignored: %u more parts of the device tree\n", tree.refused - MAX_LINES);
	if (tree.refused) {
		compat_fdt_changed(fdt, __fdt_pointer);
		forget_refused();
	}
	fixmap_remap_fdt(__fdt_pointer, &size, PAGE_KERNEL_RO);
	pools = tree.pools;
	handover = tree.handover;
	crash_kernel = tree.crash;
	if (crash_kernel)
		old_ram = tree.ram;
}

/**
 * pguest_handover_region() - where has the firmware handed over secrets?
 * @start: set to the first byte, at the start of a page
 * @end: set to the byte after the last, at the end of a page
 *
 * Context: Any, after pguest_audit_tree().
 * Return: false if it has not.
 */
bool pguest_handover_region(phys_addr_t *start, phys_addr_t *end)
{
	*start = handover.start;
	*end = handover.end;
	return handover.end;
}

static void __init remove_ram(phys_addr_t start)
{
	if (memblock_end_of_DRAM() <= start)
		return;
	pr_warn("ignored: RAM is outside of what is protected (%#llx)\n", (u64)start);
	memblock_remove(start, PHYS_ADDR_MAX - start);
}

static bool __init is_usable_ram(u64 start, u64 end)
{
	return memblock_is_region_memory(start, end - start) && memblock_is_map_memory(start);
}

static bool __init range_meets(u64 start, u64 end, const struct pguest_range *r)
{
	return start < r->end && r->start < end;
}

/* The initrd may be one of the command line or of EFI. */
static void __init audit_initrd(void)
{
	u64 start = phys_initrd_start, end = start + phys_initrd_size;

	if (!IS_ENABLED(CONFIG_BLK_DEV_INITRD) || !phys_initrd_size)
		return;
	if (end > start && is_usable_ram(ALIGN_DOWN(start, PAGE_SIZE), PAGE_ALIGN(end)) &&
	    !range_meets(start, end, &facts.image) && !range_meets(start, end, &facts.tree))
		return;
	pr_warn("ignored: the initrd overlaps what is not its own, or is not in RAM (%#llx)\n",
		start);
	phys_initrd_size = 0;
}

/* elfcorehdr= of the command line */
static void __init audit_dump(void)
{
#ifdef CONFIG_CRASH_DUMP
	u64 start = elfcorehdr_addr;

	if (start == ELFCORE_ADDR_MAX || (tree.crash && is_usable_ram(start, start + 1)))
		return;
	pr_warn("ignored: there is no crash dump at %#llx\n", start);
	forget_dump();
#endif
}

/**
 * pguest_audit_memory() - check the RAM of memblock before it is used
 *
 * Context: setup_arch(), when the device tree, early parameters and EFI have been read,
 *	    before arm64_memblock_init().
 */
void __init pguest_audit_memory(void)
{
	phys_addr_t at;

	if (!pguest_active())
		return;
	if (tree.stop)
		pguest_stop(tree.stop, tree.stop_at);
	remove_ram(facts.end);
	if (!is_usable_ram(facts.image.start, facts.image.end))
		pguest_stop("the kernel is not in what is said to be RAM", facts.image.start);
	if (!is_usable_ram(facts.tree.start, facts.tree.end))
		pguest_stop("the device tree is not in what is said to be RAM", facts.tree.start);
	audit_initrd();
	audit_dump();
	if (pguest_early_device_in_ram(&at))
		pguest_stop("an early console is in RAM", at);
}

/**
 * pguest_is_crash_kernel() - was this kernel started after the crash of another one?
 *
 * Context: Any, once the device tree has been checked.
 * Return: true if it was, in a protected VM.
 */
bool pguest_is_crash_kernel(void)
{
	return crash_kernel;
}

/**
 * pguest_is_old_ram() - does a range overlap RAM of a kernel that crashed?
 * @start: first byte
 * @end: byte after the last
 *
 * memblock has none of it. With EFI the list is empty.
 *
 * Context: Any.
 * Return: true if it does. Always false unless this is a crash kernel.
 */
bool pguest_is_old_ram(phys_addr_t start, phys_addr_t end)
{
	const struct pguest_range r = { start, end };

	return pguest_ranges_meet(&old_ram, &r);
}

static bool __init reserve_range(const struct pguest_range *r)
{
	return !memblock_reserve(r->start, r->end - r->start);
}

/**
 * pguest_audit_reserved() - check that the kernel and the device tree are reserved
 *
 * linux,usable-memory-range removes reservations outside of it, and memblock loses
 * regions if there are too many.
 *
 * Context: setup_arch(), after arm64_memblock_init().
 */
void __init pguest_audit_reserved(void)
{
	if (!reserve_range(&facts.image) || !reserve_range(&facts.tree) ||
	    memblock.reserved.cnt + SPARE_REGIONS > memblock.reserved.max)
		pguest_stop("too many pieces of memory are reserved", memblock.reserved.cnt);
	pkvm_dice_reserve();
}

/* Behind pguest_refuse_table(). */
bool __init __pguest_refuse_table(phys_addr_t phys, unsigned long size)
{
	u64 end = phys + size;

	if (!range_meets(phys, end, &facts.image) && !range_meets(phys, end, &facts.tree) &&
	    !(phys < phys_initrd_start + phys_initrd_size && end > phys_initrd_start))
		return false;
	pr_warn("ignored: a table of firmware's in what is not its own (%pa)\n", &phys);
	return true;
}

/**
 * pguest_image_or_tree_beyond() - does the kernel need memory above an address?
 * @at: the address
 *
 * Context: Boot, after pguest_audit_memory().
 * Return: true if the kernel, the device tree or the initrd is above it.
 */
bool __init pguest_image_or_tree_beyond(phys_addr_t at)
{
	u64 initrd_end = phys_initrd_size ? phys_initrd_start + phys_initrd_size : 0;

	return facts.image.end > at || facts.tree.end > at || initrd_end > at;
}

/* Do these pages belong to a restricted-dma-pool, or are they shared? */
static bool is_held(phys_addr_t start, phys_addr_t end)
{
	const struct pguest_range r = { start, end };

	return pguest_ranges_meet(&pools, &r) ||
	       pguest_ledger_any(&pguest_memory.ledger, start, end);
}

/* Behind pguest_keep_page(): free_reserved_area() must not free it. */
bool __pguest_keep_page(const struct page *page)
{
	phys_addr_t start = page_to_phys(page);

	if (!is_held(start, start + PAGE_SIZE))
		return false;
	pr_warn_once("not freed: memory at %pa, which the host can see\n", &start);
	return true;
}

/*
 * Behind pguest_pool_usable(): a range that memblock could not reserve belongs to the
 * page allocator, and must not be a pool as well.
 */
bool __pguest_pool_usable(phys_addr_t start, phys_addr_t size)
{
	phys_addr_t end = start + size, at;
	bool usable = end > start && memblock_is_region_memory(start, size) &&
		      !pguest_is_image(start, end) && !pguest_is_crash_memory(start, end);

	for (at = ALIGN_DOWN(start, PAGE_SIZE); usable && at < end; at += PAGE_SIZE)
		usable = memblock_is_map_memory(at) && PageReserved(phys_to_page(at));
	if (!usable)
		pr_err("the restricted pool at %pa is refused\n", &start);
	return usable;
}
