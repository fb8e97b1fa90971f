// SPDX-License-Identifier: GPL-2.0-only
/// Leave Android's own use of pKVM's services switched off.
///
// Why:     the layer probes for these services, shares memory, registers MMIO and gives
//          pages up. What the tree has for that stays there and does nothing until it is
//          initialised: the hooks in ioremap_page_range() and vunmap() find their static
//          key off, and page_relinquish() finds no function.
// Where:   arch/arm64/kernel/setup.c, kvm_arm_init_hyp_services(): 1 match
// Trees:   6.1-6.6
// With:    arch/arm64/mm/mem_relinquish.c
// Outside: nothing; under KVM, the parameter ioremap_guard has no effect.

@@
identifier f = kvm_arm_init_hyp_services;
symbol CONFIG_PGUEST;
@@
 void f(void)
 {
+if (IS_ENABLED(CONFIG_PGUEST))
+	return;
+
 ...
 }
