/* SPDX-License-Identifier: GPL-2.0-only */
/* The way out, into the guest, and the registers that a CPU keeps from one life to the next. */
#include "gprs.h"
#include "layout.h"

	.arch armv8-a
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

	.text

/* guest_start(vcpu): the first entry; FP and SIMD registers are zero as all others (Documentation/spec/pkvm.rst) */
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
	.globl guest_resume
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
