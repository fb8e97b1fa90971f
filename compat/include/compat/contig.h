/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * alloc_contig_range() for an area of CMA: later trees pass flags, and no type of page
 * blocks. Up to Linux 6.5 all block devices have buffer heads; later CONFIG_BUFFER_HEAD
 * is a choice.
 */
#ifndef _COMPAT_CONTIG_H
#define _COMPAT_CONTIG_H

#include <linux/buffer_head.h>
#include <linux/gfp.h>
#include <linux/mmzone.h>
#include <linux/pagemap.h>

static inline int compat_alloc_contig(unsigned long start, unsigned long end, gfp_t gfp)
{
#ifdef ACR_FLAGS_CMA
	return alloc_contig_range(start, end, ACR_FLAGS_CMA, gfp);
#else
	return alloc_contig_range(start, end, MIGRATE_CMA, gfp);
#endif
}

/*
 * Does the migration of a locked folio wait for a buffer? Private data of file systems
 * without buffer heads is something else.
 */
static inline bool compat_buffers_locked(struct folio *folio)
{
#if IS_ENABLED(CONFIG_BUFFER_HEAD) || (defined(COMPAT_BUFFER_HEAD) && IS_ENABLED(CONFIG_BLOCK))
	struct address_space *mapping = folio_mapping(folio);
	struct buffer_head *head = folio_buffers(folio), *bh = head;

	if (!mapping || (mapping->a_ops->migrate_folio != buffer_migrate_folio &&
			 mapping->a_ops->migrate_folio != buffer_migrate_folio_norefs))
		return false;
	while (bh && !buffer_locked(bh))
		bh = bh->b_this_page == head ? NULL : bh->b_this_page;
	return bh;
#else
	return false;
#endif
}

#endif /* _COMPAT_CONTIG_H */
