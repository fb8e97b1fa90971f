/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest of ask.c: it leaves a number in x5, writes a key of pointer
 * authentication, and powers off. An exception is a reset.
 */
	.section .rodata
	.arch	armv8.3-a
	.global	guest_code, guest_code_end

	.balign	2048
guest_code:
	adr	x1, vectors
	msr	vbar_el1, x1
	isb
	mov	x5, #0x5ec
	msr	APGAKeyLo_EL1, x5
	mov	w0, #0x0008		// PSCI SYSTEM_OFF
	movk	w0, #0x8400, lsl #16
	hvc	#0
	b	.

	.balign	2048
vectors:
	.space	0x200			// synchronous, from EL1 itself
	mov	w0, #0x0009		// PSCI SYSTEM_RESET
	movk	w0, #0x8400, lsl #16
	hvc	#0
	b	.
guest_code_end:

	.section .note.GNU-stack, "", @progbits
