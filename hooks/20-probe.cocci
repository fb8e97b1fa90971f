// SPDX-License-Identifier: GPL-2.0-only
/// Probe for the hypervisor, check the memory map, accept RAM.
///
// Why:     earlycon is an early parameter and needs the addresses of devices; static
//          keys work after jump_label_init(); the linear map does not exist yet. The
//          layer checks what the device tree, the command line and EFI say about
//          memory before arm64_memblock_init() uses it. A realm accepts its RAM when
//          all of it is known, and before page tables are allocated from it.
// Where:   arch/arm64/kernel/setup.c, setup_arch(): 3 matches
// Trees:   6.1-7.3
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
