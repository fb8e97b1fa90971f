/* SPDX-License-Identifier: GPL-2.0-only */
/* The ways in: boot, secondary boot, exceptions. */
#include "gprs.h"
#include "layout.h"

	.arch armv8-a
	.section .text.head, "ax"

/*
 * arm64 Image header (Documentation/arch/arm64/booting.rst), so that QEMU passes the
 * device tree in X0 and honours -initrd and -append.
 */
	.globl _start
_start:
	b	boot
	.long	0
	.quad	0			/* text_offset */
	.quad	IMAGE_CLAIM_END - 0x40200000
	.quad	0xa			/* little endian, 4 KiB pages, anywhere */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

/* First CPU: X0 = device tree. Everything else is unknown. */
boot:
	mov	x19, x0
	ldr	x0, =__bss_start
	ldr	x1, =__bss_end
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b
	ldr	x0, =cpu_blocks + CPU_BLOCK - VCPU_SIZE
	bl	cpu_setup
	mov	x0, x19
	adr	x1, secondary_entry
	bl	boot_main
	b	.

/* Other CPUs, by PSCI: X0 = the vCPU to run. */
secondary_entry:
	mov	x19, x0
	bl	cpu_setup
	mov	x0, x19
	bl	secondary_main
	b	.

/* X0 = vCPU. While the guest runs, SP_EL2 is its vCPU: registers are saved upwards, the stack grows down. */
cpu_setup:
	msr	spsel, #1
	mov	sp, x0
	msr	tpidr_el2, x0
	adr	x1, vectors
	msr	vbar_el2, x1
	mov	x1, #0x33ff		/* CPTR_EL2: FP allowed, SVE and SME trapped */
	movk	x1, #0x4010, lsl #16	/* and activity monitors and trace */
	msr	cptr_el2, x1
	isb
	mov	x29, xzr
	ret

/* An exception from the guest: SP = vCPU */
	.macro	from_guest to
	stp	x0, x1, [sp]
	gprs	stp
	mrs	x0, elr_el2
	mrs	x1, spsr_el2
	stp	x0, x1, [sp, #VCPU_ELR]
	mov	x0, sp
	bl	\to
	b	guest_resume
	.endm

guest_trap:
	from_guest trap_from_guest
guest_irq:
	from_guest irq_from_guest

/*
 * An exception in the monitor itself. The one that is expected is an access to a device that is
 * not there, from mmio_load or mmio_store: el2_fault() then says where to go on. Those are leaf
 * functions, so that their callers expect X0 to X18 to change; X30 is kept here.
 */
el2_trap:
	stp	x29, x30, [sp, #-16]!
	bl	el2_fault
	msr	elr_el2, x0
	ldp	x29, x30, [sp], #16
	eret

	.macro	vector to
	.balign	128
	b	\to
	.endm

	.balign	2048
vectors:
	.rept	4			/* from EL2 with SP_EL0: never used */
	vector	el2_trap
	.endr
	.rept	4			/* from EL2: sync, IRQ, FIQ, SError */
	vector	el2_trap
	.endr
	vector	guest_trap		/* from the guest: sync */
	vector	guest_irq		/* IRQ: with vgic.c alone, else the guest's own */
	.rept	2			/* FIQ, SError: the guest's own, they do not come here */
	vector	guest_stray
	.endr
	.rept	4			/* from AArch32: the ID registers say there is none */
	vector	guest_stray
	.endr

guest_stray:
	bl	el2_stray
	b	.
