/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read all ID registers, including those that are reserved.
 *
 * By the architecture reserved ones read as zero, but a hypervisor that traps them may
 * inject an undefined instruction exception. pguest_call_fixup() skips the MRS then, and
 * the NOP if the exception points behind the MRS.
 */
#include <linux/linkage.h>
#include <asm/assembler.h>
#include <asm/sysreg.h>

	/* Not probed: a probe executes the MRS elsewhere. */
	.section .kprobes.text, "ax"

/* void __pkvm_read_id_regs(u64 *regs) */
SYM_FUNC_START(__pkvm_read_id_regs)
SYM_INNER_LABEL(__pkvm_id_insns, SYM_L_GLOBAL)
	.irp	crm, 1, 2, 3, 4, 5, 6, 7
	.irp	op2, 0, 1, 2, 3, 4, 5, 6, 7
	mov	x1, xzr
	mrs_s	x1, sys_reg(3, 0, 0, \crm, \op2)
	nop
	str	x1, [x0], #8
	.endr
	.endr
SYM_INNER_LABEL(__pkvm_id_end, SYM_L_GLOBAL)
	ret
SYM_FUNC_END(__pkvm_read_id_regs)
