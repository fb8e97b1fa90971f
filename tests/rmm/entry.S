/* SPDX-License-Identifier: GPL-2.0-only */
/* The ways in: from firmware, as a CPU that PSCI has started, by an exception. */
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
	adr	x0, secondary_entry
	bl	boot_main
	b	.

/* Other CPUs, by PSCI: X0 = the vCPU to run. */
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
