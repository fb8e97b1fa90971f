// SPDX-License-Identifier: GPL-2.0-only
/// Use no LPI table, and no promise of an ITS, that the host has made up.
///
// Why:     where LPIs are on when the kernel starts, the tree takes the tables that
//          are in force for those of its predecessor, and writes 64 KiB to the
//          property table. GICR_PROPBASER is the host's to choose. What follows is
//          what the tree does with LPIs that it has not switched on: it switches
//          them off, or has none.
//          A BASER that never reads back as it was written is tried for ever.
//          GICv4 is for hypervisors: a guest that sees it maps one more frame and
//          allocates more tables, as the host describes them.
// Where:   drivers/irqchip/irq-gic-v3-its.c, allocate_lpi_tables(),
//            its_setup_baser(), its_node_init(): 4 matches
// Trees:   6.12, 7.3
// Outside: a branch not taken for each table at boot.

@lpi@
identifier f = allocate_lpi_tables;
identifier val;
@@
 f(...)
 {
 ...
 val = readl_relaxed(...);
 <...
-enabled_lpis_allowed()
+!pguest_gic_refuses(val) && enabled_lpis_allowed()
 ...>
 }

@baser@
identifier f = its_setup_baser;
@@
 f(...)
 {
 <...
-(val ^ tmp) & GITS_BASER_SHAREABILITY_MASK
+((val ^ tmp) & GITS_BASER_SHAREABILITY_MASK) && !pguest_gic_gives_up(&attempts)
 ...>
 }

@attempts depends on baser@
identifier f = its_setup_baser;
@@
 f(...)
 {
+unsigned int attempts = 0;
 u64 val = ...;
 ...
 }

@v4@
identifier f = its_node_init;
expression reg;
@@
 f(...)
 {
 <...
-gic_read_typer(reg)
+pguest_gits_typer(gic_read_typer(reg))
 ...>
 }

@depends on lpi@
@@
 #include <linux/irqchip/arm-gic-v4.h>
+#include <linux/irqchip/pguest.h>
