// SPDX-License-Identifier: GPL-2.0-only
/// Ask the hypervisor for protection before anything touches a device.
///
// Why:     earlycon is an early parameter and needs the MMIO guard; static keys
//          work from jump_label_init() on; the linear map is not made yet.
// Where:   arch/arm64/kernel/setup.c, setup_arch(): 1 match
// Trees:   6.12
// Outside: one HVC at boot, if the kernel was entered at EL1.

@probe@
identifier f = setup_arch;
@@
 f(...)
 {
 ...
 jump_label_init();
+pguest_probe();
 ...
 }

@depends on probe@
@@
 #include <linux/mm.h>
+#include <linux/pguest.h>
