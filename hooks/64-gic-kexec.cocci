// SPDX-License-Identifier: GPL-2.0-only
/// Remember which parts of the GIC read tables from memory.
///
// Why:     the tree leaves both on when it starts another kernel, with the tables of
//          this one. Their memory is taken back before, so they have to be off by then.
// Where:   drivers/irqchip/irq-gic-v3-its.c, its_cpu_init_lpis(): 1 match
//          drivers/irqchip/irq-gic-v3-its.c, its_probe_one(): 1 match
// Trees:   6.1-7.3. 61-gic-lpi-tables includes the header.
// Outside: a branch not taken for each CPU and each ITS at boot.

@lpis@
expression val, frame;
@@
 val |= GICR_CTLR_ENABLE_LPIS;
 writel_relaxed(val, frame + GICR_CTLR);
+pguest_gic_lpis_on(frame);

@its@
identifier its;
@@
 list_add(&its->entry, &its_nodes);
 raw_spin_unlock(&its_lock);
+pguest_gic_its_on(its->base);
