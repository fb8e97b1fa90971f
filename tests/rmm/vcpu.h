/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU, which has a CPU of the machine's to itself, with the same number; the page of REC_ENTER. */
#ifndef RMM_VCPU_H
#define RMM_VCPU_H

#include "base.h"
#include "place.h"

/* An interrupt as the guest's GIC has it */
struct virq {
	u32 intid;
	bool enabled, active, edge;
	bool pending;		/* an edge, or what the guest has written to ISPENDR */
	bool line;		/* a level, and that is high */
	bool forwarded;		/* active in the machine's GIC until the guest has ended it */
	u8 priority;
	u8 route;		/* vCPU, of an SPI */
	struct vcpu *in_lr;	/* whose list registers have it */
};

#define PRIVATE_IRQS	32
#define MAX_LRS		16

struct vcpu {
	u32 index;
	bool on, asked_on;
	bool idle;		/* WFI, CPU_SUSPEND: not before something is pending */
	u64 rec;		/* its granule */
	u8 *run;		/* page that REC_ENTER reads and writes */
	u64 enter_flags;	/* of the next entry */
	struct virq irqs[PRIVATE_IRQS];
	struct virq *lr[MAX_LRS];
	u64 entries, mmio;
	u64 cntv_ctl, cntv_cval, cntp_ctl, cntp_cval;	/* at the last exit */
};

struct cpu_block {
	u8 stack[CPU_BLOCK - VCPU_BLOCK];
	union {
		struct vcpu vcpu;
		u8 pad[VCPU_BLOCK];
	};
} __attribute__((aligned(16)));

_Static_assert(sizeof(struct vcpu) <= VCPU_BLOCK, "entry.S");
_Static_assert(sizeof(struct cpu_block) == CPU_BLOCK, "entry.S");

/* vcpu.c */
extern struct cpu_block cpu_blocks[NR_CPUS];
struct vcpu *vcpu_by_mpidr(u64 mpidr);
u64 exit_field(const struct vcpu *vcpu, u32 offset);
void enter_gpr(struct vcpu *vcpu, u32 n, u64 value);

static inline struct vcpu *vcpu_of(u32 index)
{
	return &cpu_blocks[index].vcpu;
}

/* run.c: the run loop */
void vcpu_run(struct vcpu *vcpu) __attribute__((noreturn));

#define ENTER_FLAGS		0x000
#define ENTER_GICV3_HCR		0x300
#define ENTER_GICV3_LRS		0x308

#define ENTER_MMIO_DONE		BIT(0)
#define ENTER_ABORT		BIT(1)
#define ENTER_TRAP_WFI		BIT(2)
#define ENTER_REJECT		BIT(4)

#define EXIT_REASON		0x000
#define EXIT_ESR		0x100
#define EXIT_FAR		0x108
#define EXIT_HPFAR		0x110
#define EXIT_GPRS		0x200
#define EXIT_GICV3_LRS		0x308
#define EXIT_CNTP_CTL		0x400
#define EXIT_CNTP_CVAL		0x408
#define EXIT_CNTV_CTL		0x410
#define EXIT_CNTV_CVAL		0x418
#define EXIT_RIPAS_BASE		0x500
#define EXIT_RIPAS_TOP		0x508
#define EXIT_RIPAS_VALUE	0x510
#define EXIT_IMM		0x600

#endif
