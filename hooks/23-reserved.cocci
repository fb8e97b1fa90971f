// SPDX-License-Identifier: GPL-2.0-only
/// Keep memory that the host can see out of the page allocator.
///
// Why:     the initrd and the kernel's init part are freed when the kernel is up. A
//          page of theirs that a bounce pool has, or that is shared for another
//          reason, would go to its next owner with the host reading along.
// Where:   mm/page_alloc.c, free_reserved_area(): 1 match
// Trees:   6.1, 6.12
// Outside: one branch not taken for each page that is freed at boot.

@keep@
identifier f = free_reserved_area;
identifier addr, page, poison, start, end, s;
@@
 f(void *start, void *end, int poison, const char *s)
 {
 <...
+if (pguest_keep_page(page))
+	continue;
 addr = page_address(page);
 ...>
 }

@depends on keep@
@@
 #include <linux/mm.h>
+#include <linux/pguest.h>
