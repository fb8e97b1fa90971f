// SPDX-License-Identifier: GPL-2.0-only
/// Keep memory that the host can see out of the page allocator.
///
// Why:     the kernel frees the initrd and its init sections after boot. Such a page
//          may be shared, for example as a part of a bounce pool. Its next owner
//          would write to memory that the host reads.
// Where:   mm/page_alloc.c, free_reserved_area(): 1 match in 6.1-6.18
//          mm/memblock.c, __free_reserved_area(): 1 match in 7.1-7.3
// Trees:   6.1-7.3
// Outside: one branch not taken for each page that is freed at boot.

@keep@
identifier f = {free_reserved_area, __free_reserved_area};
identifier addr, page;
@@
 f(...)
 {
 <...
 struct page *page = ...;
 void *addr;
+
+if (pguest_keep_page(page))
+	continue;
 ...>
 }

@allocator depends on keep@
@@
 #include <linux/mm.h>
+#include <linux/pguest.h>

@depends on keep && !allocator@
@@
 #include <linux/memblock.h>
+#include <linux/pguest.h>
