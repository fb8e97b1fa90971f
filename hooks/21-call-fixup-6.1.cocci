// SPDX-License-Identifier: GPL-2.0-only
/// Let a hypercall of ours fail instead of killing the kernel.
///
// Why:     HVC is undefined where no hypervisor is and in a realm, SMC where
//          nobody takes it, and pKVM answers MEM_SHARE of an address without memory
//          by an external abort. Either points to the call or behind it.
// Where:   arch/arm64/kernel/traps.c, do_undefinstr(): 1 match
//          arch/arm64/mm/fault.c, do_sea(): 1 match
// Trees:   6.1, where one function serves undefined instructions of user space, too.
// Outside: a comparison in two paths that otherwise end in an oops.

@undef@
identifier f = do_undefinstr;
identifier regs, esr;
@@
 f(struct pt_regs *regs, unsigned long esr)
 {
 ...
+if (!user_mode(regs) && pguest_call_fixup(regs, esr))
+	return;
 if (!user_mode(regs))
	die(...);
 ...
 }

@depends on undef@
@@
 #include <linux/module.h>
+#include <linux/pguest.h>

@sea@
identifier f = do_sea;
identifier far, esr, regs;
@@
 f(unsigned long far, unsigned long esr, struct pt_regs *regs)
 {
 const struct fault_info *inf;
 unsigned long siaddr;
+
+if (pguest_call_fixup(regs, esr))
+	return 0;
 ...
 }

@depends on sea@
@@
 #include <linux/mm.h>
+#include <linux/pguest.h>
