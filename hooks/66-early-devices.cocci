// SPDX-License-Identifier: GPL-2.0-only
/// Initialise early devices only if they are on the list.
///
// Why:     interrupt controllers, timers, clocks and early consoles have tables of
//          their own, which match names in the device tree. Two others do harm without
//          a device: PSCI 0.1 takes its function IDs from the device tree, so that
//          CPU_ON can be any hypercall, and a CPU with a spin table makes the kernel
//          write an address to memory of the host's choice.
// Where:   drivers/of/irq.c, of_irq_init(): 1 match
//          drivers/clocksource/timer-probe.c, timer_probe(): 1 match
//          drivers/clk/clk.c, of_clk_init(): 1 match
//          drivers/tty/serial/earlycon.c, register_earlycon(),
//            of_setup_earlycon(): 1 match each
//          drivers/firmware/psci/psci.c, psci_dt_init(): 1 match
//          arch/arm64/kernel/cpu_ops.c, init_cpu_ops(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken for each of them.

@irq@
identifier f = of_irq_init;
identifier np;
@@
 f(...)
 {
 <...
 if (!of_property_read_bool(np, "interrupt-controller") || !of_device_is_available(np))
	continue;
+if (pguest_refuses_early("irqchip", match->compatible))
+	continue;
 ...>
 }

@timer@
identifier f = timer_probe;
identifier np;
@@
 f(...)
 {
 <...
-if (!of_device_is_available(np))
+if (!of_device_is_available(np) || pguest_refuses_early("timer", match->compatible))
	continue;
 ...>
 }

@clk@
identifier f = of_clk_init;
identifier np;
@@
 f(...)
 {
 <...
-if (!of_device_is_available(np))
+if (!of_device_is_available(np) || pguest_refuses_early("clk", match->compatible))
	continue;
 ...>
 }

@earlycon@
identifier f = register_earlycon;
identifier port;
@@
 f(...)
 {
 ...
 struct uart_port *port = ...;
+
+if (pguest_refuses_early("earlycon", match->name))
+	return -EPERM;
 ...
 }

@node@
identifier f = of_setup_earlycon;
@@
 f(...)
 {
 ...
+if (pguest_refuses_early("earlycon", match->name))
+	return -EPERM;
 spin_lock_init(...);
 ...
 }

@psci@
identifier f = psci_dt_init;
identifier np, matched;
@@
 f(...)
 {
 ...
 np = of_find_matching_node_and_match(NULL, psci_of_match, &matched);
+if (np && pguest_refuses_early("psci", matched->compatible)) {
+	of_node_put(np);
+	return -EPERM;
+}
 if (!np || !of_device_is_available(np)) { ... }
 ...
 }

@smp@
identifier f = init_cpu_ops;
identifier method;
@@
 f(...)
 {
 ...
-if (!method)
+if (!method || pguest_refuses_early("smp", method))
	return -ENODEV;
 ...
 }

@depends on irq@
@@
 #include <linux/of_irq.h>
+#include <linux/pguest_devices.h>

@depends on timer@
@@
 #include <linux/of.h>
+#include <linux/pguest_devices.h>

@depends on clk@
@@
 #include <linux/of.h>
+#include <linux/pguest_devices.h>

@depends on earlycon@
@@
 #include <linux/serial_core.h>
+#include <linux/pguest_devices.h>

@depends on psci@
@@
 #include <linux/of.h>
+#include <linux/pguest_devices.h>

@depends on smp@
@@
 #include <linux/of.h>
+#include <linux/pguest_devices.h>
