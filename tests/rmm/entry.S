/* SPDX-License-Identifier: GPL-2.0-only */
/* The ways in: from firmware, as a CPU that PSCI has started, by an exception; and the way out, SMC. */
#include "place.h"

	.arch armv8-a
	.section .text.head, "ax"

/* BL33, on the first CPU: EL2, MMU off, and nothing is known of the registers. */
	.globl _start
_start:
	ldr	x0, =__bss_start
	ldr	x1, =__bss_end
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b
	ldr	x0, =cpu_blocks + CPU_BLOCK - VCPU_BLOCK
	bl	cpu_setup
	bl	boot_main
	b	.

/* Other CPUs, by PSCI: X0 = the vCPU to run. */
	.globl secondary_entry
secondary_entry:
	mov	x19, x0
	bl	cpu_setup
	mov	x0, x19
	bl	secondary_main
	b	.

/* X0 = vCPU; its CPU's stack is below it. */
cpu_setup:
	msr	spsel, #1
	mov	sp, x0
	adr	x1, vectors
	msr	vbar_el2, x1
	mov	x1, #0x33ff		/* CPTR_EL2: FP is not trapped */
	msr	cptr_el2, x1
	isb
	mov	x29, xzr
	ret

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

/*
 * An exception in the host itself. Interrupts are masked. What is expected is an access of
 * mmio_load or mmio_store that fails: el2_fault() says where to go on. Those are leaf functions,
 * so that their callers expect X0 to X18 to change; X30 is kept here.
 */
el2_trap:
	stp	x29, x30, [sp, #-16]!
	bl	el2_fault
	msr	elr_el2, x0
	ldp	x29, x30, [sp], #16
	eret

	.balign	2048
vectors:
	.rept	16
	.balign	128
	b	el2_trap
	.endr
