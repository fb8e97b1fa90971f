// SPDX-License-Identifier: GPL-2.0-only
/// Ask the hypervisor for protection first, check what the host describes, and accept RAM.
///
// Why:     earlycon is an early parameter and needs to know where devices are;
//          static keys work from jump_label_init() on; the linear map is not made
//          yet. What the device tree, the command line and EFI have made of memory
//          is checked before arm64_memblock_init() acts on it. A realm makes sure of
//          its RAM when all of it is known, and before page tables are taken from it.
// Where:   arch/arm64/kernel/setup.c, setup_arch(): 3 matches
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
+pguest_audit_memory();
 arm64_memblock_init();
+pguest_accept_ram();
 ...
 }

@depends on probe@
@@
 #include <linux/mm.h>
+#include <linux/pguest.h>
