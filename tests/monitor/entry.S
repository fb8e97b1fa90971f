/* SPDX-License-Identifier: GPL-2.0-only */
/* The ways in and out: boot, secondary boot, exceptions, and the guest's first instruction. */
#include "layout.h"

	.arch armv8-a
/* gprs ldp|stp: X2 to X30 to or from the vCPU that SP points to */
	.macro	gprs op
	\op	x2, x3, [sp, #16]
	\op	x4, x5, [sp, #32]
	\op	x6, x7, [sp, #48]
	\op	x8, x9, [sp, #64]
	\op	x10, x11, [sp, #80]
	\op	x12, x13, [sp, #96]
	\op	x14, x15, [sp, #112]
	\op	x16, x17, [sp, #128]
	\op	x18, x19, [sp, #144]
	\op	x20, x21, [sp, #160]
	\op	x22, x23, [sp, #176]
	\op	x24, x25, [sp, #192]
	\op	x26, x27, [sp, #208]
	\op	x28, x29, [sp, #224]
	.ifc	\op, ldp
	ldr	x30, [sp, #240]
	.else
	str	x30, [sp, #240]
	.endif
	.endm

/* one_register save|load, REGISTER: to or from where X0 points, which moves on */
	.macro	one_register op, reg
	.ifc	\op, save
	mrs	x1, \reg
	str	x1, [x0], #8
	.else
	ldr	x1, [x0], #8
	msr	\reg, x1
	.endif
	.endm

	.macro	one_vector op, n
	.ifc	\op, save
	str	q\n, [x0], #16
	.else
	ldr	q\n, [x0], #16
	.endif
	.endm

/* What a guest may have written, but for the GIC's CPU interface, which QEMU resets: LIFE_REGISTERS words */
	.macro	life op
	.irp	reg, sp_el0,sp_el1,elr_el1,spsr_el1,esr_el1,far_el1,par_el1,afsr0_el1,afsr1_el1
	one_register \op, \reg
	.endr
	.irp	reg, ttbr0_el1,ttbr1_el1,tcr_el1,mair_el1,amair_el1,vbar_el1,cpacr_el1,contextidr_el1,csselr_el1
	one_register \op, \reg
	.endr
	.irp	reg, tpidr_el0,tpidrro_el0,tpidr_el1,cntkctl_el1,cntv_cval_el0,cntv_ctl_el0,cntp_cval_el0,cntp_ctl_el0
	one_register \op, \reg
	.endr
	/* keys of pointer authentication */
	.irp	reg, s3_0_c2_c1_0,s3_0_c2_c1_1,s3_0_c2_c1_2,s3_0_c2_c1_3,s3_0_c2_c2_0
	one_register \op, \reg
	.endr
	.irp	reg, s3_0_c2_c2_1,s3_0_c2_c2_2,s3_0_c2_c2_3,s3_0_c2_c3_0,s3_0_c2_c3_1
	one_register \op, \reg
	.endr
	one_register \op, fpcr
	one_register \op, fpsr
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	one_vector \op, \n
	.endr
	.endm

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

/* guest_start(vcpu): the first entry; FP and SIMD registers are zero as all others (pkvm.md 8) */
	.globl guest_start
guest_start:
	mov	sp, x0
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	movi	v\n\().2d, #0
	.endr
	msr	fpcr, xzr
	msr	fpsr, xzr

/* guest_restart(vcpu): the same, with the FP and SIMD registers that are there */
	.globl guest_restart
guest_restart:
	mov	sp, x0

/* SP = vCPU. Gives the CPU back to its guest. */
guest_resume:
	ldp	x0, x1, [sp, #VCPU_ELR]
	msr	elr_el2, x0
	msr	spsr_el2, x1
	gprs	ldp
	ldp	x0, x1, [sp]
	eret

/* life_save(u64[LIFE_REGISTERS]), life_load(u64[LIFE_REGISTERS]): the guest's registers on this CPU */
	.globl	life_save, life_load
life_save:
	life	save
	ret
life_load:
	life	load
	ret

/* An exception from the guest: SP = vCPU */
guest_trap:
	stp	x0, x1, [sp]
	gprs	stp
	mrs	x0, elr_el2
	mrs	x1, spsr_el2
	stp	x0, x1, [sp, #VCPU_ELR]
	mov	x0, sp
	bl	trap_from_guest
	b	guest_resume

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
	.rept	3			/* IRQ, FIQ, SError: the guest's own, they do not come here */
	vector	guest_stray
	.endr
	.rept	4			/* from AArch32: the ID registers say there is none */
	vector	guest_stray
	.endr

guest_stray:
	bl	el2_stray
	b	.
