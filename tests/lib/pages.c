// SPDX-License-Identifier: GPL-2.0-only
/* Pages are given out and never come back. */
#include <string.h>
#include "base.h"

static u8 *free_page, *end_of_pages;

void pages_init(void *start, void *end)
{
	free_page = start;
	end_of_pages = end;
}

void *pages_alloc(size_t n)
{
	u8 *p = free_page;

	if (n > (size_t)(end_of_pages - p) / PAGE)
		return NULL;
	free_page += n * PAGE;
	return memset(p, 0, n * PAGE);
}

void *pages_must(size_t n, const char *what)
{
	void *p = pages_alloc(n);

	if (!p)
		fail("no memory for %s", what);
	return p;
}
