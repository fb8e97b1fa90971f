/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RAM of a protected VM: accepting it, sharing it, and keeping it out of the allocator.
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
 * pguest_keep_page() - must a page not be freed to the page allocator?
 * @page: a reserved page that is about to be freed
 *
 * Context: Process.
 * Return: true if the page belongs to a restricted-dma-pool or is shared.
 */
static inline bool pguest_keep_page(const struct page *page)
{
	return pguest_active() && __pguest_keep_page(page);
}

/**
 * pguest_refuse_table() - must a firmware table be ignored?
 * @phys: its first byte, as the host gives it
 * @size: bytes
 *
 * Context: Boot.
 * Return: true if it overlaps the kernel, the device tree or the initrd; this has
 *	   been logged.
 */
static inline bool pguest_refuse_table(phys_addr_t phys, unsigned long size)
{
	return pguest_active() && __pguest_refuse_table(phys, size);
}

/**
 * pguest_pool_usable() - can a range be a restricted-dma-pool?
 * @start: its first byte
 * @size: bytes
 *
 * Context: Process.
 * Return: false if that memory has another use; this has been logged.
 */
static inline bool pguest_pool_usable(phys_addr_t start, phys_addr_t size)
{
	return !pguest_active() || __pguest_pool_usable(start, size);
}

/**
 * pguest_add_memory() - accept memory that was plugged in
 * @start: first byte
 * @size: bytes
 *
 * Context: Process.
 * Return: 0, or an error if it must not be used as RAM; this has been logged.
 */
static inline int pguest_add_memory(phys_addr_t start, phys_addr_t size)
{
	return pguest_active() ? __pguest_add_memory(start, size) : 0;
}

/**
 * pguest_remove_memory() - give memory that was unplugged to the host
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
 * pguest_alloc_pages_node() - allocate pages for a table that the host reads
 * @node: NUMA node
 * @gfp: as for alloc_pages_node()
 * @order: as for alloc_pages_node()
 * @owner: what the pages are shared for
 *
 * In a protected VM the pages are cleared and shared.
 *
 * Context: As @gfp says.
 * Return: the first page, to be freed by pguest_free_pages(); NULL if there is none.
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
 * @owner: what the table is shared for
 *
 * In a protected VM the table has whole pages: other objects of a slab would be
 * shared with it.
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
