/* SPDX-License-Identifier: GPL-2.0-only */
	.arch armv8-a
	.text

/*
 * smc_call(struct smc *): X0 to X7 from there, and X0 to X4 back. A callee may
 * change X5 to X17 (SMCCC 1.2).
 */
	.globl smc_call
smc_call:
	stp	x19, x30, [sp, #-16]!
	mov	x19, x0
	ldp	x0, x1, [x19]
	ldp	x2, x3, [x19, #16]
	ldp	x4, x5, [x19, #32]
	ldp	x6, x7, [x19, #48]
	smc	#0
	stp	x0, x1, [x19]
	stp	x2, x3, [x19, #16]
	str	x4, [x19, #32]
	ldp	x19, x30, [sp], #16
	ret
