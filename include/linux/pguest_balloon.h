/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The balloon of a protected VM: pages that it gives to the host, and gets back.
 */
#ifndef _LINUX_PGUEST_BALLOON_H
#define _LINUX_PGUEST_BALLOON_H

#include <linux/pguest_core.h>
#include <linux/types.h>

struct page;

/* Called in a protected VM alone, see linux/pguest_core.h. */
struct page *__pguest_relinquish_page(struct page *page);
bool __pguest_return_page(struct page *page);

/**
 * pguest_balloon_page() - give a page up before the balloon gets it
 * @page: fresh page without content, or NULL
 *
 * Context: Any.
 * Return: @page, or NULL when the hypervisor would not take it. @page has been
 *	   freed then, or is leaked where nobody knows whose it is.
 */
static inline struct page *pguest_balloon_page(struct page *page)
{
	if (pguest_active() && page)
		return __pguest_relinquish_page(page);
	return page;
}

/**
 * pguest_return_page() - use a page again that was in the balloon
 * @page: a page that pguest_balloon_page() gave up
 *
 * Context: Process.
 * Return: true when it is ours again; else it must not be used, nor freed.
 */
static inline bool pguest_return_page(struct page *page)
{
	return !pguest_active() || __pguest_return_page(page);
}

#endif /* _LINUX_PGUEST_BALLOON_H */
