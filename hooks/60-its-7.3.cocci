// SPDX-License-Identifier: GPL-2.0-only
/// Put the tables that the GIC reads into shared granules of their own.
///
// Why:     the tree shares them page by page. A granule may be larger than a page,
//          and what is shared stands in the ledger with its owner.
// Where:   drivers/irqchip/irq-gic-v3-its.c, its_alloc_pages_node(),
//            its_free_pages(): 4 matches
// Trees:   7.3
// Outside: a branch not taken for each table.

@alloc@
identifier f = its_alloc_pages_node;
identifier page, ret;
expression node, gfp, order, addr, n;
@@
 f(...)
 {
 ...
-page = alloc_pages_node(node, gfp, order);
+page = pguest_alloc_pages_node(node, gfp, order, PGUEST_ITS);
 ...
-ret = set_memory_decrypted(addr, n);
+if (!pguest_active())
+	ret = set_memory_decrypted(addr, n);
 ...
 }

@free@
identifier f = its_free_pages;
expression addr, order, n;
@@
 f(...)
 {
 ...
-if (set_memory_encrypted(addr, n))
+if (!pguest_active() && set_memory_encrypted(addr, n))
	return;
-free_pages(addr, order);
+pguest_free_pages(addr, order);
 ...
 }

@depends on alloc@
@@
 #include <linux/percpu.h>
+#include <linux/pguest.h>
