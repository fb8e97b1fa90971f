// SPDX-License-Identifier: GPL-2.0-only
/// Put the GIC's tables into shared granules of their own.
///
// Why:     the host emulates the ITS: it reads the command queue, the device,
//          collection and interrupt tables and the LPI tables from guest memory.
//          A small table from a slab would share its neighbours along with it.
//          Newer trees allocate all tables in two functions and share them page by
//          page. A granule may be larger than a page, and the ledger must hold the
//          owner of what is shared.
// Where:   drivers/irqchip/irq-gic-v3-its.c: 4 or more matches
// Never:   drivers/irqchip/irq-gic-v3-its.c: alloc_pages(), alloc_pages_node(), free_pages(),
//            __get_free_pages(), get_zeroed_page()
//          drivers/irqchip/irq-gic-v3-its.c, its_create_device(): kzalloc_node()
// Trees:   6.1-7.3
// Outside: a branch not taken for each table.
// Off:     6.12: the same by its text, of which gcc makes another object.

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

@pages depends on !alloc@
expression node, gfp, order, addr;
@@
(
-alloc_pages_node(node, gfp, order)
+pguest_alloc_pages_node(node, gfp, order, PGUEST_ITS)
|
-alloc_pages(gfp, order)
+pguest_alloc_pages_node(NUMA_NO_NODE, gfp, order, PGUEST_ITS)
|
-free_pages(addr, order)
+pguest_free_pages(addr, order)
)

@create depends on pages@
identifier f = its_create_device;
expression size, gfp, node;
@@
 f(...)
 {
 <...
(
-itt = kzalloc_node(size, gfp, node);
+itt = pguest_kzalloc_node(size, gfp, node, PGUEST_ITS);
|
-kfree(itt);
+pguest_kfree(itt);
)
 ...>
 }

@free_itt depends on pages@
identifier f = its_free_device;
@@
 f(struct its_device *its_dev)
 {
 ...
-kfree(its_dev->itt);
+pguest_kfree(its_dev->itt);
 ...
 }

@depends on alloc || pages@
@@
 #include <linux/percpu.h>
+#include <linux/pguest.h>
