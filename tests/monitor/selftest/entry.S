/* SPDX-License-Identifier: GPL-2.0-only */
/* The self-test's guest: keeps what the CPU looked like at entry, then runs C at EL1, MMU off. */
	.arch armv8.2-a
	.section .text.head, "ax"

	.globl _start
_start:
	b	boot
	.long	0
	.quad	0			/* text_offset */
	.quad	0x200000		/* size */
	.quad	0xa
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

	.macro	keep_gprs
	msr	tpidr_el1, x30
	adr	x30, entry_gprs
	stp	x0, x1, [x30]
	stp	x2, x3, [x30, #16]
	stp	x4, x5, [x30, #32]
	stp	x6, x7, [x30, #48]
	stp	x8, x9, [x30, #64]
	stp	x10, x11, [x30, #80]
	stp	x12, x13, [x30, #96]
	stp	x14, x15, [x30, #112]
	stp	x16, x17, [x30, #128]
	stp	x18, x19, [x30, #144]
	stp	x20, x21, [x30, #160]
	stp	x22, x23, [x30, #176]
	stp	x24, x25, [x30, #192]
	stp	x26, x27, [x30, #208]
	stp	x28, x29, [x30, #224]
	mrs	x0, tpidr_el1
	str	x0, [x30, #240]
	mov	x0, #3 << 20
	msr	cpacr_el1, x0
	isb
	adr	x30, entry_fp
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	str	q\n, [x30], #16
	.endr
	adr	x0, vectors
	msr	vbar_el1, x0
	.endm

boot:
	keep_gprs
	ldr	x0, =first_stack_end
	mov	sp, x0
	bl	main
	b	.

/* CPU_ON comes here; X0 is what CPU_ON passed */
	.globl second_entry
second_entry:
	keep_gprs
	ldr	x0, =second_stack_end
	mov	sp, x0
	bl	second_main
	b	.

/* smc_registers(x): an SMC with X0 to X17 from there, and what they are after it */
	.globl smc_registers
smc_registers:
	stp	x29, x30, [sp, #-32]!
	str	x0, [sp, #16]
	mov	x30, x0
	ldp	x0, x1, [x30, #0]
	ldp	x2, x3, [x30, #16]
	ldp	x4, x5, [x30, #32]
	ldp	x6, x7, [x30, #48]
	ldp	x8, x9, [x30, #64]
	ldp	x10, x11, [x30, #80]
	ldp	x12, x13, [x30, #96]
	ldp	x14, x15, [x30, #112]
	ldp	x16, x17, [x30, #128]
	smc	#0
	ldr	x30, [sp, #16]
	stp	x0, x1, [x30, #0]
	stp	x2, x3, [x30, #16]
	stp	x4, x5, [x30, #32]
	stp	x6, x7, [x30, #48]
	stp	x8, x9, [x30, #64]
	stp	x10, x11, [x30, #80]
	stp	x12, x13, [x30, #96]
	stp	x14, x15, [x30, #112]
	stp	x16, x17, [x30, #128]
	ldp	x29, x30, [sp], #32
	ret

/* Every exception: kept for the test, and the instruction is stepped over (a fetch goes back to its caller). */
sync:
	stp	x0, x1, [sp, #-32]!
	stp	x2, x3, [sp, #16]
	adr	x0, taken
	mrs	x1, esr_el1
	mrs	x2, far_el1
	mrs	x3, elr_el1
	stp	x1, x2, [x0]
	mrs	x2, s3_0_c4_c2_3	/* PAN */
	stp	x3, x2, [x0, #16]
	add	x3, x3, #4
	lsr	x1, x1, #26
	cmp	x1, #0x21		/* instruction abort */
	csel	x3, x30, x3, eq
	msr	elr_el1, x3
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp], #32
	eret

	.balign	2048
vectors:
	.rept	16
	.balign	128
	b	sync
	.endr

	.data
	.balign	16
	.globl entry_gprs, entry_fp, taken
entry_gprs:
	.zero	256
entry_fp:
	.zero	512
taken:
	.zero	32

	.bss
	.balign	16
	.zero	8192
first_stack_end:
	.zero	8192
second_stack_end:
