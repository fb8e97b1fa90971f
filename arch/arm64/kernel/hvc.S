/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hypercall that may fault.
 *
 * An HVC is undefined where no hypervisor is, and MEM_SHARE of an address
 * without memory ends in an external abort at the HVC (mainline pKVM, its
 * io_mem_abort()). pguest_hvc_fixup() sends both to the label below.
 */
#include <linux/linkage.h>
#include <linux/errno.h>
#include <asm/assembler.h>

/*
 * int __pguest_hvc(unsigned long fn, unsigned long a1, unsigned long a2,
 *		    unsigned long a3, struct pguest_hvc_regs *regs)
 *
 * x0..x3: arguments, results	x4: kept on the stack, as the other side might
 *				    not keep to SMCCC 1.1
 */
SYM_FUNC_START(__pguest_hvc)
	str	x4, [sp, #-16]!
SYM_INNER_LABEL(__pguest_hvc_insn, SYM_L_GLOBAL)
	hvc	#0
	ldr	x4, [sp], #16
	stp	x0, x1, [x4]
	stp	x2, x3, [x4, #16]
	mov	w0, #0
	ret
SYM_INNER_LABEL(__pguest_hvc_fault, SYM_L_GLOBAL)
	add	sp, sp, #16
	mov	w0, #-EFAULT
	ret
SYM_FUNC_END(__pguest_hvc)
