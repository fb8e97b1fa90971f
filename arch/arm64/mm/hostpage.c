// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that the host supplies: the host chooses its address and its contents.
 *
 * Steal time, the clock and the generation ID are such memory. Nothing else shares an
 * address that the host chooses. The address must be outside of the VM's own memory, or
 * the host could make the kernel share that.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/bitops.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/list.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include <asm/memory.h>
#include <asm/pguest.h>
#include <asm/sections.h>

/*
 * @addr: what the caller has, and @base where the mapping begins
 * @start, @end: whole granules
 */
struct host_page {
	struct list_head list;
	void *addr;
	void *base;
	phys_addr_t start, end;
	enum pguest_owner owner;
};

static LIST_HEAD(host_pages);
static DEFINE_MUTEX(host_pages_lock);

static bool overlaps_region(phys_addr_t start, phys_addr_t end, phys_addr_t base,
			    phys_addr_t size)
{
	return start < base + size && end > base;
}

/* RAM of the device tree or the EFI memory map, reserved memory, the kernel image */
static bool overlaps_ram(phys_addr_t start, phys_addr_t end)
{
	struct memblock_region *r;

	for_each_mem_region(r) {
		if (overlaps_region(start, end, r->base, r->size))
			return true;
	}
	for_each_reserved_mem_region(r) {
		if (overlaps_region(start, end, r->base, r->size))
			return true;
	}
	return overlaps_region(start, end, __pa_symbol(_text), _end - _text);
}

/**
 * pguest_check_new_ram() - can memory that is plugged in become RAM?
 * @start: first byte
 * @end: byte after the last
 *
 * The host chooses the address. It must not be shared already, nor mapped as a device.
 * Host pages that are requested later are refused, because the range is RAM then.
 *
 * Context: Process, after memblock and the resource tree have the range.
 * Return: 0, or -EBUSY if the range is shared or mapped as a device.
 */
int pguest_check_new_ram(phys_addr_t start, phys_addr_t end)
{
	phys_addr_t bit = pguest_shared_bit;
	bool busy;

	mutex_lock(&host_pages_lock);
	busy = pguest_ledger_any(&pguest_memory.ledger, start, end) ||
	       pguest_guard_meets(&pguest_devices, start, end) ||
	       pguest_guard_meets(&pguest_devices, start | bit, end | bit);
	mutex_unlock(&host_pages_lock);
	return busy ? -EBUSY : 0;
}

static int check_host_range(phys_addr_t start, phys_addr_t end, enum pguest_owner owner)
{
	if (start >= end || end - 1 > PHYS_MASK)
		return -EINVAL;
	/* memblock does not have the RAM of a kernel that crashed. */
	if (pguest_is_crash_kernel() || overlaps_ram(start, end))
		return -EPERM;
	/* Refuses memory that was plugged in, and devices that have a driver. */
	if (region_intersects(start, end - start, IORESOURCE_MEM | IORESOURCE_BUSY,
			      IORES_DESC_NONE) != REGION_DISJOINT)
		return -EPERM;
	/* A granule that is shared already must have the same owner. */
	return pguest_ledger_free_for(&pguest_memory.ledger, start, end, owner) ? 0 : -EBUSY;
}

/*
 * In a realm the host's page is at a shared address already, and no call is needed: no
 * memory of the realm is at the private address.
 */
static int take_host_range(phys_addr_t start, phys_addr_t end, enum pguest_owner owner,
			   unsigned long caller, phys_addr_t *at)
{
	int err;

	*at = start;
	if (!pguest_backend->shared_bit)
		return pguest_space_share(&pguest_memory, start, end, owner, caller);

	if (start >= pguest_shared_bit)
		return -EINVAL;
	err = __pguest_locate(at, end - start, true);
	if (!err && *at == start)
		err = -EPERM;
	return err ?: pguest_space_enter(&pguest_memory, start, end, owner, caller);
}

static int release_host_range(phys_addr_t start, phys_addr_t end, unsigned long caller)
{
	if (!pguest_backend->shared_bit)
		return pguest_space_unshare(&pguest_memory, start, end, caller);
	return pguest_space_leave(&pguest_memory, start, end);
}

static void *map_host_page(phys_addr_t phys, size_t size, enum pguest_owner owner,
			   unsigned long caller)
{
	/* Round to the granule and not to PAGE_SIZE: the host supplied no more. */
	phys_addr_t granule = pguest_backend->granule;
	struct host_page *page;
	phys_addr_t at;
	int err;

	if (!size || phys + size < phys)
		return ERR_PTR(-EINVAL);
	page = kzalloc(sizeof(*page), GFP_KERNEL);
	if (!page)
		return ERR_PTR(-ENOMEM);
	page->owner = owner;
	page->start = ALIGN_DOWN(phys, granule);
	page->end = ALIGN(phys + size, granule);

	err = check_host_range(page->start, page->end, owner) ?:
	      take_host_range(page->start, page->end, owner, caller, &at);
	if (err)
		goto free;
	page->base = memremap(at, page->end - page->start, MEMREMAP_WB);
	if (!page->base) {
		err = -ENOMEM;
		goto give_back;
	}
	page->addr = page->base + (phys - page->start);
	list_add(&page->list, &host_pages);
	return page->addr;

give_back:
	release_host_range(page->start, page->end, caller);
free:
	kfree(page);
	return ERR_PTR(err);
}

/**
 * pguest_map_host_page() - share and map memory that the host supplies
 * @phys: its address, as the host gives it
 * @size: bytes
 * @owner: what it is for
 *
 * The host can change the contents at any time: the caller must read a value once, and
 * check it. Only the first refusal for each owner is logged, as each CPU that comes
 * online asks for a page.
 *
 * Context: Process.
 * Return: the mapping, to be undone by pguest_unmap_host_page(). -EPERM if the address
 *	   is RAM or a device, -EBUSY if it is shared for another owner, -EINVAL if it
 *	   is no valid address; otherwise the error of sharing it.
 */
void *pguest_map_host_page(phys_addr_t phys, size_t size, enum pguest_owner owner)
{
	static unsigned long said;
	void *addr;

	if (!pguest_active())
		return memremap(phys, size, MEMREMAP_WB) ?: ERR_PTR(-ENOMEM);

	mutex_lock(&host_pages_lock);
	addr = map_host_page(phys, size, owner, _RET_IP_);
	mutex_unlock(&host_pages_lock);
	if (IS_ERR(addr) && !test_and_set_bit(owner, &said))
		pr_err("the host's page at %pa for %s is refused: %ld\n", &phys,
		       pguest_owner_name(owner), PTR_ERR(addr));
	return addr;
}
EXPORT_SYMBOL_GPL(pguest_map_host_page);

/**
 * pguest_unmap_host_page() - unmap memory that the host supplies, and end sharing it
 * @addr: what pguest_map_host_page() returned
 *
 * Context: Process.
 */
void pguest_unmap_host_page(void *addr)
{
	struct host_page *page, *found = NULL;

	if (!pguest_active()) {
		memunmap(addr);
		return;
	}
	mutex_lock(&host_pages_lock);
	list_for_each_entry(page, &host_pages, list) {
		if (page->addr == addr) {
			found = page;
			break;
		}
	}
	if (found) {
		list_del(&found->list);
		memunmap(found->base);
		release_host_range(found->start, found->end, _RET_IP_);
		kfree(found);
	}
	mutex_unlock(&host_pages_lock);
}
EXPORT_SYMBOL_GPL(pguest_unmap_host_page);

static void unmap_host_page(void *addr)
{
	pguest_unmap_host_page(addr);
}

/**
 * pguest_devm_host_page() - devm_memremap() for a page that the host supplies
 * @dev: the device that it belongs to
 * @phys: its address, as the host gives it
 * @size: bytes
 * @owner: what it is for
 *
 * Context: Process.
 * Return: the mapping, or as pguest_map_host_page().
 */
void *pguest_devm_host_page(struct device *dev, phys_addr_t phys, size_t size,
			    enum pguest_owner owner)
{
	void *addr = pguest_map_host_page(phys, size, owner);
	int err;

	if (IS_ERR(addr))
		return addr;
	err = devm_add_action_or_reset(dev, unmap_host_page, addr);
	return err ? ERR_PTR(err) : addr;
}
EXPORT_SYMBOL_GPL(pguest_devm_host_page);

/**
 * pguest_platform_host_page() - map the memory of a device that the host supplies
 * @pdev: the device; its first memory resource has the address
 * @size: bytes
 * @owner: what it is for
 *
 * Context: Process.
 * Return: as pguest_devm_host_page(); -EINVAL for a device without memory.
 */
void *pguest_platform_host_page(struct platform_device *pdev, size_t size,
				enum pguest_owner owner)
{
	struct resource *res = platform_get_resource(pdev, IORESOURCE_MEM, 0);

	if (!res)
		return ERR_PTR(-EINVAL);
	return pguest_devm_host_page(&pdev->dev, res->start, size, owner);
}
EXPORT_SYMBOL_GPL(pguest_platform_host_page);
