// SPDX-License-Identifier: GPL-2.0-only
/// Refuse LPI tables and ITS features that the host has made up.
///
// Why:     where LPIs are on when the kernel starts, the tree takes over the tables
//          that are in use as if a previous kernel had left them, and writes 64 KiB to
//          the property table. The host chooses the address in GICR_PROPBASER. With
//          this hook the tree switches LPIs off, or does without them.
//          A BASER that never reads back as it was written is tried for ever.
//          GICv4 is for hypervisors: a guest that sees it maps one more frame and
//          allocates more tables, as the host describes them.
// Where:   drivers/irqchip/irq-gic-v3-its.c, allocate_lpi_tables(): 1 match
//          drivers/irqchip/irq-gic-v3-its.c, its_setup_baser(): 2 matches
//          drivers/irqchip/irq-gic-v3-its.c, its_node_init() or its_probe_one(): 1 match
// Never:   drivers/irqchip/irq-gic-v3-its.c, its_node_init(),
//            its_probe_one(): gic_read_typer() but in pguest_gits_typer()
// Trees:   6.1-7.3
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
identifier f = {its_node_init, its_probe_one};
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
