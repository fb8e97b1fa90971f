/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RAM of a protected VM: what is accepted, what is shared, what is never reused.
 */
#ifndef _LINUX_PGUEST_MEMORY_H
#define _LINUX_PGUEST_MEMORY_H

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/pguest_core.h>
#include <linux/set_memory.h>
#include <linux/slab.h>
#include <linux/types.h>

#ifdef CONFIG_PGUEST
bool pguest_needs_pages(void);
void pguest_audit_memory(void);
void pguest_accept_ram(void);
int pguest_share_pages(unsigned long addr, unsigned long npages,
		       enum pguest_owner owner);
int pguest_unshare_pages(unsigned long addr, unsigned long npages);
#else
static inline bool pguest_needs_pages(void)
{
	return false;
}

static inline void pguest_audit_memory(void)
{
}

static inline void pguest_accept_ram(void)
{
}

static inline int pguest_share_pages(unsigned long addr, unsigned long npages,
				     enum pguest_owner owner)
{
	return set_memory_decrypted(addr, npages);
}

static inline int pguest_unshare_pages(unsigned long addr, unsigned long npages)
{
	return set_memory_encrypted(addr, npages);
}
#endif

/* Called in a protected VM alone, see linux/pguest_core.h. */
bool __pguest_keep_page(const struct page *page);
bool __pguest_refuse_table(phys_addr_t phys, unsigned long size);
bool __pguest_pool_usable(phys_addr_t start, phys_addr_t size);
int __pguest_add_memory(phys_addr_t start, phys_addr_t size);
void __pguest_remove_memory(phys_addr_t start, phys_addr_t size);
struct page *__pguest_alloc_shared(int node, gfp_t gfp, unsigned int order,
				   enum pguest_owner owner);
void __pguest_free_shared(unsigned long addr, unsigned int order);

/**
 * pguest_keep_page() - must this page stay out of the page allocator?
 * @page: a page that was reserved, and is about to be freed
 *
 * Context: Process.
 * Return: true for what a restricted-dma-pool has, or the host can see.
 */
static inline bool pguest_keep_page(const struct page *page)
{
	return pguest_active() && __pguest_keep_page(page);
}

/**
 * pguest_refuse_table() - can firmware have no table here?
 * @phys: its first byte, as the host says
 * @size: bytes
 *
 * Context: Boot.
 * Return: true in what the kernel itself has; it has been logged.
 */
static inline bool pguest_refuse_table(phys_addr_t phys, unsigned long size)
{
	return pguest_active() && __pguest_refuse_table(phys, size);
}

/**
 * pguest_pool_usable() - may this be a restricted-dma-pool?
 * @start: its first byte
 * @size: bytes
 *
 * Context: Process.
 * Return: false where somebody else has a use for that memory; it has been logged.
 */
static inline bool pguest_pool_usable(phys_addr_t start, phys_addr_t size)
{
	return !pguest_active() || __pguest_pool_usable(start, size);
}

/**
 * pguest_add_memory() - may this memory be used?
 * @start: first byte of memory that was plugged in
 * @size: bytes
 *
 * Context: Process.
 * Return: 0, or why it cannot become RAM of ours.
 */
static inline int pguest_add_memory(phys_addr_t start, phys_addr_t size)
{
	return pguest_active() ? __pguest_add_memory(start, size) : 0;
}

/**
 * pguest_remove_memory() - this memory is not used any more
 * @start: first byte
 * @size: bytes
 *
 * Context: Process.
 */
static inline void pguest_remove_memory(phys_addr_t start, phys_addr_t size)
{
	if (pguest_active())
		__pguest_remove_memory(start, size);
}

/**
 * pguest_alloc_pages_node() - pages for a table that the host reads
 * @node: NUMA node
 * @gfp: as for alloc_pages_node()
 * @order: as for alloc_pages_node()
 * @owner: on whose behalf
 *
 * Cleared and shared in a protected VM, ordinary pages elsewhere.
 *
 * Context: As @gfp says.
 * Return: the first page, to be freed by pguest_free_pages(), or NULL.
 */
static inline struct page *pguest_alloc_pages_node(int node, gfp_t gfp,
						   unsigned int order,
						   enum pguest_owner owner)
{
	if (pguest_active())
		return __pguest_alloc_shared(node, gfp, order, owner);
	return alloc_pages_node(node, gfp, order);
}

/**
 * pguest_free_pages() - free pguest_alloc_pages_node()'s pages
 * @addr: address of the first page
 * @order: as allocated
 *
 * Context: Any.
 */
static inline void pguest_free_pages(unsigned long addr, unsigned int order)
{
	if (pguest_active())
		__pguest_free_shared(addr, order);
	else
		free_pages(addr, order);
}

/**
 * pguest_kzalloc_node() - kzalloc_node() for a table that the host reads
 * @size: bytes
 * @gfp: as for kzalloc_node()
 * @node: NUMA node
 * @owner: on whose behalf
 *
 * In a protected VM the table gets pages of its own: its neighbours in a slab
 * would be shared along with it.
 *
 * Context: As @gfp says.
 * Return: the table, to be freed by pguest_kfree(), or NULL.
 */
static inline void *pguest_kzalloc_node(size_t size, gfp_t gfp, int node,
					enum pguest_owner owner)
{
	struct page *page;

	if (!pguest_active())
		return kzalloc_node(size, gfp, node);
	page = __pguest_alloc_shared(node, gfp | __GFP_COMP, get_order(size), owner);
	return page ? page_address(page) : NULL;
}

/**
 * pguest_kfree() - free pguest_kzalloc_node()'s table
 * @table: what was allocated, or NULL
 *
 * Context: Any.
 */
static inline void pguest_kfree(const void *table)
{
	if (!pguest_active())
		kfree(table);
	else if (table)
		__pguest_free_shared((unsigned long)table,
				     compound_order(virt_to_head_page(table)));
}

#endif /* _LINUX_PGUEST_MEMORY_H */
