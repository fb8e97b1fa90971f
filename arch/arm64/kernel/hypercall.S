/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypercalls that may fault.
 *
 * An HVC is undefined without a hypervisor, and in a realm; an SMC is undefined without
 * EL3 if no hypervisor traps it. pKVM of mainline answers MEM_SHARE of an address
 * without memory by an external abort (io_mem_abort() in arch/arm64/kvm/mmio.c).
 * pguest_call_fixup() continues at the label at the end after all of these.
 *
 * ELR of an exception that the CPU takes is the address of the HVC or SMC. For an
 * exception that EL2 injects it is that address or the next one, to which an HVC
 * returns: TF-RMM uses the latter. The instruction there is a NOP, which can neither be
 * undefined nor cause a data abort. So both addresses mean that the call failed. A
 * probe must not replace either instruction.
 */
#include <linux/linkage.h>
#include <linux/errno.h>
#include <asm/assembler.h>

	/* Not probed: a probe replaces the instruction, or executes it elsewhere. */
	.section .kprobes.text, "ax"

/*
 * int __pguest_hvc(unsigned long fn, unsigned long a1, unsigned long a2,
 *		    unsigned long a3, struct pguest_call_regs *regs)
 * and __pguest_smc() likewise
 *
 * x0..x3: arguments, results	x4: kept on the stack
 *
 * SMCCC 1.1 preserves x4 to x17, SMCCC 1.0 does not (DEN0028), and firmware that
 * answers a probe may have no SMCCC at all. All versions preserve x18 to x30 and SP,
 * and so must any EL2: the PSCI calls of the kernel depend on it.
 */
	.macro	faulting_call conduit:req
SYM_FUNC_START(__pguest_\conduit)
	str	x4, [sp, #-16]!
SYM_INNER_LABEL(__pguest_\conduit\()_insn, SYM_L_GLOBAL)
	\conduit #0
SYM_INNER_LABEL(__pguest_\conduit\()_behind, SYM_L_GLOBAL)
	nop
	ldr	x4, [sp], #16
	stp	x0, x1, [x4]
	stp	x2, x3, [x4, #16]
	mov	w0, #0
	ret
SYM_INNER_LABEL(__pguest_\conduit\()_fault, SYM_L_GLOBAL)
	add	sp, sp, #16
	mov	w0, #-EFAULT
	ret
SYM_FUNC_END(__pguest_\conduit)
	.endm

	faulting_call hvc
	faulting_call smc
