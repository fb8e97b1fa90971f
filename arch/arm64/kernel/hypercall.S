/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypercalls that may fault.
 *
 * An HVC is undefined where no hypervisor is, and in a realm; an SMC where there
 * is neither EL3 nor anybody who traps it. MEM_SHARE of an address without memory
 * ends in an external abort (mainline pKVM, its io_mem_abort()).
 * pguest_call_fixup() sends all of these to the label at the end.
 *
 * An exception of the CPU's own names the HVC or SMC. One that EL2 injects names
 * either that or the instruction behind it, where an HVC returns to: TF-RMM does the
 * latter. Behind the call is a NOP, which can neither be undefined nor abort on
 * data, so that both addresses mean that the call failed, and nothing else does. A
 * probe must not move either of them.
 */
#include <linux/linkage.h>
#include <linux/errno.h>
#include <asm/assembler.h>

	/* A probe would put another instruction there, or execute it elsewhere. */
	.section .kprobes.text, "ax"

/*
 * int __pguest_hvc(unsigned long fn, unsigned long a1, unsigned long a2,
 *		    unsigned long a3, struct pguest_call_regs *regs)
 * and __pguest_smc() likewise
 *
 * x0..x3: arguments, results	x4: kept on the stack
 *
 * SMCCC 1.1 keeps x4 to x17, SMCCC 1.0 does not (DEN0028), and who answers a
 * probe may know neither. x18 to x30 and SP are kept in all versions. A kernel
 * cannot run below an EL2 that spoils those: its PSCI calls count on them, too.
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
