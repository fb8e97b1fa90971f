// SPDX-License-Identifier: GPL-2.0-only
/// Let a hypercall of the layer fail without an oops.
///
// Why:     HVC is undefined where there is no hypervisor and in a realm, SMC is
//          undefined where EL3 and the hypervisor do not handle it, and pKVM answers
//          MEM_SHARE of an address without memory by an external abort. The PC of
//          these exceptions is the call or the instruction after it.
// Where:   arch/arm64/kernel/traps.c, do_el1_undef() or do_undefinstr(): 1 match
//          arch/arm64/mm/fault.c, do_sea(): 1 match
// Trees:   6.1-7.3. In 6.1 do_undefinstr() serves user space as well.
// Outside: a comparison in two paths that otherwise end in an oops.

@undef@
identifier f = do_el1_undef;
identifier regs, esr;
@@
 f(struct pt_regs *regs, unsigned long esr)
 {
 u32 insn;
+
+if (pguest_call_fixup(regs, esr))
+	return;
 ...
 }

@undefinstr@
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

@depends on undef || undefinstr@
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
