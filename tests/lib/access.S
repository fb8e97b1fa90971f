/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses that may fault, and calls: leaf functions, so that callers expect X0 to X18 to change. */
	.arch armv8-a
	.text
/*
 * mmio_load(address, log2 size, &value) and mmio_store(address, log2 size, value): 0, or 1 when
 * nothing answers at that address (QEMU raises an external abort then).
 */
	.globl mmio_load, mmio_store, mmio_begin, mmio_end, mmio_nobody
	.balign	8
mmio_load:
	adr	x3, 1f
	add	x3, x3, x1, lsl #3
	br	x3
mmio_begin:
1:	ldrb	w4, [x0]
	b	2f
	ldrh	w4, [x0]
	b	2f
	ldr	w4, [x0]
	b	2f
	ldr	x4, [x0]
2:	str	x4, [x2]
	mov	x0, #0
	ret
mmio_store:
	adr	x3, 1f
	add	x3, x3, x1, lsl #3
	br	x3
1:	strb	w2, [x0]
	b	2f
	strh	w2, [x0]
	b	2f
	str	w2, [x0]
	b	2f
	str	x2, [x0]
2:	mov	x0, #0
	ret
mmio_end:
mmio_nobody:
	mov	x0, #1
	ret

/* psci_smc(function, arg, arg, arg): QEMU's PSCI, whose conduit for EL2 is SMC */
	.globl psci_smc
psci_smc:
	smc	#0
	ret

/* semihost(operation, block): Arm's semihosting call */
	.globl semihost
semihost:
	hlt	#0xf000
	ret
