// SPDX-License-Identifier: GPL-2.0-only
/// Put the tables that the GIC reads into shared granules of their own.
///
// Why:     a virtual ITS is the host: it reads command queue, device, collection
//          and interrupt tables and the LPI tables from guest memory. What sits
//          beside a small table in a slab must not be shared along with it.
// Where:   drivers/irqchip/irq-gic-v3-its.c, its_allocate_prop_table(),
//            its_free_prop_table(), its_setup_baser(), its_free_tables(),
//            allocate_vpe_l2_table(), allocate_vpe_l1_table(),
//            its_allocate_pending_table(), its_free_pending_table(),
//            its_alloc_table_entry(), its_create_device(), its_free_device(),
//            its_probe_one(): 16 matches
// Trees:   6.1, 6.12
// Outside: a branch not taken for each table.

@pages@
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

@create@
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

@free@
identifier f = its_free_device;
@@
 f(struct its_device *its_dev)
 {
 ...
-kfree(its_dev->itt);
+pguest_kfree(its_dev->itt);
 ...
 }

@depends on pages@
@@
 #include <linux/percpu.h>
+#include <linux/pguest.h>
