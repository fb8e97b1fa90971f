// SPDX-License-Identifier: GPL-2.0-only
/// Ask the hypervisor for protection first, and accept RAM before it is used.
///
// Why:     earlycon is an early parameter and needs to know where devices are;
//          static keys work from jump_label_init() on; the linear map is not made
//          yet. A realm makes sure of its RAM when all of it is known, and before
//          page tables are taken from it.
// Where:   arch/arm64/kernel/setup.c, setup_arch(): 2 matches
// Trees:   6.1, 6.12, 7.3
// Outside: one HVC and one SMC at boot, if the kernel was entered at EL1.

@probe@
identifier f = setup_arch;
@@
 f(...)
 {
 ...
 jump_label_init();
+pguest_probe();
 ...
 arm64_memblock_init();
+pguest_accept_ram();
 ...
 }

@depends on probe@
@@
 #include <linux/mm.h>
+#include <linux/pguest.h>
