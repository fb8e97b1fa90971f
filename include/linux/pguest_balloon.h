/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The balloon of a protected VM: pages that are given to the host and come back.
 */
#ifndef _LINUX_PGUEST_BALLOON_H
#define _LINUX_PGUEST_BALLOON_H

#include <linux/pguest_core.h>
#include <linux/types.h>

struct page;

/* Called in a protected VM alone, see linux/pguest_core.h. */
struct page *__pguest_balloon_page(struct page *(*alloc)(void));
bool __pguest_return_page(struct page *page);

/**
 * pguest_balloon_page() - allocate a page for the balloon, and give it to the host
 * @alloc: allocates a page
 *
 * In a protected VM the page stays where it is, and is not taken from where memory has to
 * be movable.
 *
 * Context: Process.
 * Return: the page, or NULL if there is none or the hypervisor refused it. It has then
 *	   been freed, or is lost if its state is unknown.
 */
static inline struct page *pguest_balloon_page(struct page *(*alloc)(void))
{
	return pguest_active() ? __pguest_balloon_page(alloc) : alloc();
}

/**
 * pguest_return_page() - take back a page that was in the balloon
 * @page: a page that pguest_balloon_page() returned
 *
 * Context: Process.
 * Return: true if it is private; else the caller must neither use nor free it.
 */
static inline bool pguest_return_page(struct page *page)
{
	return !pguest_active() || __pguest_return_page(page);
}

#endif /* _LINUX_PGUEST_BALLOON_H */
