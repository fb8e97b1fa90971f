// SPDX-License-Identifier: GPL-2.0-only
/*
 * set_memory_decrypted() and set_memory_encrypted() for pKVM and realms.
 *
 * "Decrypted" means shared with the host, as on other architectures; on arm64 nothing
 * is encrypted.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/export.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>

#include <asm/memory.h>
#include <asm/pguest.h>
#include <asm/sections.h>
#include <trace/events/pguest.h>

/*
 * The kernel image must never be shared, except for its init part: that is freed to the
 * page allocator.
 */
static bool is_kernel_image(phys_addr_t start, phys_addr_t end)
{
	return (start < __pa_symbol(__init_begin) && end > __pa_symbol(_text)) ||
	       (start < __pa_symbol(_end) && end > __pa_symbol(__init_end));
}

static int linear_range(unsigned long addr, unsigned long npages,
			phys_addr_t *start, phys_addr_t *end)
{
	unsigned long size = npages << PAGE_SHIFT;
	phys_addr_t granule = pguest_backend->granule;

	/* With KASAN an address can have a tag. */
	addr = __tag_reset(addr);
	if (!npages || size >> PAGE_SHIFT != npages || !PAGE_ALIGNED(addr))
		return -EINVAL;
	if (!__is_lm_address(addr) || !__is_lm_address(addr + size - 1))
		return -EINVAL;

	*start = __virt_to_phys_nodebug(addr);
	*end = *start + size;
	if (!IS_ALIGNED(*start | *end, granule))
		return -EINVAL;
	if (!memblock_is_region_memory(*start, size) || is_kernel_image(*start, *end) ||
	    pguest_is_crash_memory(*start, *end))
		return -EINVAL;
	return 0;
}

static int share_pages(unsigned long addr, unsigned long npages,
		       enum pguest_owner owner, unsigned long caller)
{
	phys_addr_t start, end;
	int err;

	err = linear_range(addr, npages, &start, &end);
	if (!err)
		err = pguest_space_share(&pguest_memory, start, end, owner, caller);
	if (err)
		pguest_err("cannot share %lu pages for %s: %d (%pS)\n",
			   npages, pguest_owner_name(owner), err, (void *)caller);
	return err;
}

static int unshare_pages(unsigned long addr, unsigned long npages,
			 unsigned long caller)
{
	phys_addr_t start, end;
	int err;

	err = linear_range(addr, npages, &start, &end);
	if (!err)
		err = pguest_space_unshare(&pguest_memory, start, end, caller);
	if (err)
		pguest_err("cannot take %lu pages back: %d (%pS)\n",
			   npages, err, (void *)caller);
	return err;
}

/**
 * pguest_share_pages() - share pages of the linear map
 * @addr: address of the first page
 * @npages: number of pages
 * @owner: what they are shared for
 *
 * Context: Any.
 * Return: as pguest_space_share(). 0 outside a protected VM.
 */
int pguest_share_pages(unsigned long addr, unsigned long npages,
		       enum pguest_owner owner)
{
	return pguest_active() ? share_pages(addr, npages, owner, _RET_IP_) : 0;
}

/**
 * pguest_unshare_pages() - take pages back
 * @addr: address of the first page
 * @npages: number of pages
 *
 * Context: Any.
 * Return: as pguest_space_unshare(). 0 outside a protected VM.
 */
int pguest_unshare_pages(unsigned long addr, unsigned long npages)
{
	return pguest_active() ? unshare_pages(addr, npages, _RET_IP_) : 0;
}

/**
 * set_memory_decrypted() - share pages of the linear map with the host
 * @addr: address of the first page
 * @numpages: number of pages
 *
 * The pages are cleared.
 *
 * Context: Any.
 * Return: 0; -EINVAL if the range does not consist of whole granules of RAM in the
 *	   linear map; after any other error the pages must not be used again.
 */
int set_memory_decrypted(unsigned long addr, int numpages)
{
	if (!pguest_active())
		return 0;
	if (numpages <= 0)
		return -EINVAL;
	return share_pages(addr, numpages, PGUEST_OTHER, _RET_IP_);
}
EXPORT_SYMBOL_GPL(set_memory_decrypted);

/**
 * set_memory_encrypted() - take pages back from the host
 * @addr: address of the first page
 * @numpages: number of pages
 *
 * The pages are cleared.
 *
 * Context: Any.
 * Return: 0; after any error the pages must not be used again.
 */
int set_memory_encrypted(unsigned long addr, int numpages)
{
	if (!pguest_active())
		return 0;
	if (numpages <= 0)
		return -EINVAL;
	return unshare_pages(addr, numpages, _RET_IP_);
}
EXPORT_SYMBOL_GPL(set_memory_encrypted);

static unsigned int granule_order(unsigned int order)
{
	return max_t(unsigned int, order, get_order(pguest_backend->granule));
}

/* Behind pguest_alloc_pages_node() and pguest_kzalloc_node(). */
struct page *__pguest_alloc_shared(int node, gfp_t gfp, unsigned int order,
				   enum pguest_owner owner)
{
	struct page *page;
	int err;

	order = granule_order(order);
	page = alloc_pages_node(node, gfp, order);
	if (!page)
		return NULL;
	err = share_pages((unsigned long)page_address(page), 1UL << order, owner,
			  _RET_IP_);
	if (!err)
		return page;
	/* After -EIO the host may have access to a part of the pages: they are lost. */
	if (err != -EIO)
		__free_pages(page, order);
	return NULL;
}

/* Behind pguest_free_pages() and pguest_kfree(). */
void __pguest_free_shared(unsigned long addr, unsigned int order)
{
	order = granule_order(order);
	if (!unshare_pages(addr, 1UL << order, _RET_IP_))
		free_pages(addr, order);
}

/* In a realm sharing a page lets the host reclaim it, and the page was cleared before. */
static struct page *relinquish_page(struct page *page)
{
	phys_addr_t start = page_to_phys(page), end = start + PAGE_SIZE, top;
	unsigned long calls = 0;
	int err;

	if (!pguest_backend->relinquish && !pguest_backend->shared_bit)
		return page;
	if (pguest_backend->granule > PAGE_SIZE) {
		pr_warn_once("no balloon: a granule is larger than a page\n");
		__free_page(page);
		return NULL;
	}
	if (pguest_backend->shared_bit) {
		err = pguest_share_pages((unsigned long)page_address(page), 1,
					 PGUEST_BALLOON);
	} else {
		err = pguest_walk(pguest_backend->ops->relinquish, start, end,
				  pguest_backend->granule, &top, &calls);
		trace_pguest_relinquish(start, top, err);
	}
	if (!err)
		return page;

	pguest_err("cannot give a page up: %d\n", err);
	/* On any other error ownership is unknown: the page is lost. */
	if (pguest_is_refusal(err) || err == -ENOMEM)
		__free_page(page);
	return NULL;
}

/* Behind pguest_balloon_page(). */
struct page *__pguest_balloon_page(struct page *(*alloc)(void))
{
	unsigned int flags = memalloc_pin_save();
	struct page *page = alloc();

	memalloc_pin_restore(flags);
	return page ? relinquish_page(page) : NULL;
}
EXPORT_SYMBOL_GPL(__pguest_balloon_page);

/* Behind pguest_return_page(). Under pKVM an access faults a relinquished page in. */
bool __pguest_return_page(struct page *page)
{
	if (!pguest_backend->shared_bit)
		return true;
	return !pguest_unshare_pages((unsigned long)page_address(page), 1);
}
EXPORT_SYMBOL_GPL(__pguest_return_page);
