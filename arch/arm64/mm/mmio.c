// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapping devices: their address in a realm, and the MMIO guard.
 *
 * In a realm the RMM decides whether a device is at the private or at the shared
 * address. Under Android's pKVM the kernel must ask before it accesses a device
 * (mmio_guard.c).
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/io.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <asm/pguest.h>
#include <asm/pguest_mmio.h>

struct pguest_guard pguest_devices;

/*
 * Round a range to whole units. The host may have chosen it: false if it is empty, or
 * if it or the rounded range exceeds the last address.
 */
static bool units_around(phys_addr_t phys, size_t size, phys_addr_t unit,
			 phys_addr_t *start, phys_addr_t *end)
{
	*start = ALIGN_DOWN(phys, unit);
	*end = ALIGN(phys + size, unit);
	return size && phys + size > phys && *end > *start;
}

/* Behind pguest_map_mmio(): set the address of a device. */
int __pguest_locate(phys_addr_t *phys, size_t size, bool device)
{
	phys_addr_t start, end, at;
	int err;

	/* Without a guard this is the only check: the host must not direct MMIO to RAM. */
	if (device && pguest_is_ram(*phys, *phys + size))
		return -EPERM;
	if (!pguest_backend->ops->locate)
		return 0;
	if (!units_around(*phys, size, SZ_4K, &start, &end))
		return -EINVAL;
	err = pguest_backend->ops->locate(start, end, device, &at);
	if (!err)
		*phys += at - start;
	return err;
}

/* Behind pguest_device(): an address that is refused is returned as it is. */
phys_addr_t __pguest_device(phys_addr_t phys, size_t size)
{
	int err = __pguest_locate(&phys, size, true);

	if (err)
		pr_err("no device can be at %pa: %d\n", &phys, err);
	return phys;
}

/* Behind pguest_map_mmio(). */
int __pguest_map_mmio(phys_addr_t phys, size_t size)
{
	phys_addr_t start, end;

	if (!units_around(phys, size, pguest_guard_unit(&pguest_devices), &start, &end))
		return -EINVAL;
	return pguest_guard_map(&pguest_devices, start, end);
}

/* Behind pguest_unmap_mmio(). */
void __pguest_unmap_mmio(phys_addr_t phys, size_t size)
{
	phys_addr_t start, end;

	if (units_around(phys, size, pguest_guard_unit(&pguest_devices), &start, &end))
		pguest_guard_unmap(&pguest_devices, start, end, NULL);
}

/* pguest_iounmap() has the virtual address only. */
static void name_mapping(phys_addr_t phys, size_t size, const void *addr)
{
	phys_addr_t start, end;

	if (units_around(phys, size, pguest_guard_unit(&pguest_devices), &start, &end))
		pguest_guard_name(&pguest_devices, start, end, addr);
}

/*
 * Cacheable memory is never emulated, and the guard refuses RAM. Any other memory type
 * can be a device: Device-* for registers, Normal-NC for frame buffers.
 */
static bool may_be_emulated(pgprot_t prot)
{
	pteval_t attr = pgprot_val(prot) & PTE_ATTRINDX_MASK;

	return attr != PTE_ATTRINDX(MT_NORMAL) && attr != PTE_ATTRINDX(MT_NORMAL_TAGGED);
}

/* Device-* is for registers. Normal-NC can be RAM as well. */
static bool is_device(pgprot_t prot)
{
	return may_be_emulated(prot) &&
	       (pgprot_val(prot) & PTE_ATTRINDX_MASK) != PTE_ATTRINDX(MT_NORMAL_NC);
}

/* Behind pguest_map_device(). Request only the device's own range, not its whole page. */
int __pguest_map_device(phys_addr_t *phys, size_t size, pgprot_t prot)
{
	int err = __pguest_locate(phys, size, is_device(prot));

	if (!err && may_be_emulated(prot))
		err = __pguest_map_mmio(*phys, size);
	if (err)
		pr_err_ratelimited("no access to the device at %pa: %d\n", phys, err);
	return err;
}

/* Behind pguest_device_mapped(). */
void __pguest_device_mapped(phys_addr_t phys, size_t size, pgprot_t prot, const void *addr)
{
	if (!may_be_emulated(prot))
		return;
	if (addr)
		name_mapping(phys, size, (const void *)((unsigned long)addr & PAGE_MASK));
	else
		__pguest_unmap_mmio(phys, size);
}

/**
 * pguest_iounmap() - drop the MMIO guard before a device is unmapped
 * @addr: its first page
 *
 * Context: Process.
 */
void pguest_iounmap(const void *addr)
{
	if (pguest_active())
		pguest_guard_unmap(&pguest_devices, 0, 0, addr);
}

/* The page that a fixmap has instead of a device that is refused */
static u8 nowhere[PAGE_SIZE] __page_aligned_bss;

/*
 * Devices that were mapped before all RAM was known: the EFI memory map is read after
 * early consoles were mapped.
 */
static phys_addr_t early_devices[8];
static unsigned int nr_early_devices;

static int remember_early_device(phys_addr_t page)
{
	unsigned int i;

	for (i = 0; i < nr_early_devices; i++) {
		if (early_devices[i] == page)
			return 0;
	}
	if (nr_early_devices == ARRAY_SIZE(early_devices))
		return -ENOMEM;
	early_devices[nr_early_devices++] = page;
	return 0;
}

/**
 * pguest_early_device_in_ram() - is a device that was mapped early in RAM?
 * @at: set to its address
 *
 * Context: setup_arch(), when all RAM is known.
 * Return: true if one is.
 */
bool __init pguest_early_device_in_ram(phys_addr_t *at)
{
	unsigned int i;

	for (i = 0; i < nr_early_devices; i++) {
		*at = early_devices[i];
		if (pguest_is_ram(*at, *at + PAGE_SIZE))
			return true;
	}
	return false;
}

/* Set the address of the device in a page, or return why it is refused. */
static int find_device(phys_addr_t *page, pgprot_t prot)
{
	int err;

	/* Before there is an allocator the memory map may be incomplete. */
	if (pguest_is_ram(*page, *page + PAGE_SIZE))
		return -EPERM;
	if (!slab_is_available() && remember_early_device(*page))
		return -ENOMEM;
	err = __pguest_locate(page, PAGE_SIZE, is_device(prot));
	if (err || pguest_guard_covers(&pguest_devices, *page))
		return err;
	return __pguest_map_mmio(*page, PAGE_SIZE);
}

/**
 * pguest_fixmap() - prepare a page for the fixmap
 * @phys: the page
 * @prot: attributes of the mapping
 *
 * A fixmap cannot fail, and a fault in an early console would be reported by the same
 * console, for ever. A device that is refused is replaced by an empty page.
 *
 * Context: Any.
 * Return: the address to map.
 */
phys_addr_t pguest_fixmap(phys_addr_t phys, pgprot_t prot)
{
	phys_addr_t page = phys & PAGE_MASK;
	int err;

	if (!pguest_active() || !may_be_emulated(prot))
		return phys;
	err = find_device(&page, prot);
	if (err) {
		pr_err("no access to the device at %pa: %d\n", &page, err);
		page = __pa_symbol(nowhere);
	}
	return page + offset_in_page(phys);
}
