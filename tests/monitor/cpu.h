/* SPDX-License-Identifier: GPL-2.0-only */
/* A CPU: its guest's registers, the stack below them, and the ways into the guest. */
#ifndef MONITOR_CPU_H
#define MONITOR_CPU_H

#include "base.h"
#include "layout.h"

/* What becomes of the guest after a trap; only apply() in traps.c moves its PC. */
enum verdict {
	RESUME,		/* go where ELR points: HVC has moved it already, a replay has not */
	NEXT,		/* step over the instruction: SMC, sysreg, MMIO, WFI */
	UNDEF,		/* the guest takes an undefined-instruction exception */
	ABORT,		/* the guest takes a synchronous external abort at FAR */
	UNDEF_BEHIND,	/* an undefined instruction, and ELR_EL1 points behind it */
	ABORT_AT_CALL,	/* an external abort at its HVC or SMC, with FAR 0 */
	ABORT_BEHIND,	/* the same, and ELR_EL1 points behind it */
	FAIL,		/* the test failed: say why, report, end */
};

/* The start is known to entry.S. Counters are the CPU's own, summed up by the report. */
struct vcpu {
	u64 x[31];
	u64 elr, spsr;
	u64 esr, far, hpfar;
	u64 mpidr;
	u64 entry, context;	/* where CPU_ON sends it */
	bool on;
	u32 index;
	u64 mmio, sysreg;
	const char *why;	/* of a FAIL */
};

struct cpu_block {
	u8 stack[CPU_BLOCK - VCPU_SIZE];
	union {
		struct vcpu vcpu;
		u8 pad[VCPU_SIZE];
	};
} __attribute__((aligned(16)));

_Static_assert(offsetof(struct vcpu, elr) == VCPU_ELR, "entry.S");
_Static_assert(offsetof(struct vcpu, spsr) == VCPU_SPSR, "entry.S");
_Static_assert(sizeof(struct vcpu) <= VCPU_SIZE, "entry.S");
_Static_assert(sizeof(struct cpu_block) == CPU_BLOCK, "entry.S");

/* switch.S */
void guest_start(struct vcpu *vcpu) __attribute__((noreturn));
void guest_restart(struct vcpu *vcpu) __attribute__((noreturn));	/* FP and SIMD registers stay */
void life_save(u64 registers[LIFE_REGISTERS]);
void life_load(const u64 registers[LIFE_REGISTERS]);

/* machine.c */
extern struct cpu_block cpu_blocks[NR_CPUS];
extern u32 nr_cpus;
extern u64 secondary_start;	/* where PSCI starts a CPU */
struct vcpu *vcpu_by_mpidr(u64 mpidr);
u64 count_mmio(void);
u64 count_sysreg(void);

/*
 * The guest's RAM and what was loaded into it: @ram is all of the guest's; @machine_ram is what only the host or we
 * may address.
 */
extern struct span ram, machine_ram, image, initrd, dtb, handover;

/* mmu.c */
void mmu_init(void);
void mmu_on(void);

/* pmu.c: instructions retired, with QEMU's -icount alone */
void pmu_setup(void);
u64 pmu_instructions(void);
u64 pmu_guest_instructions(void);

/* life.c: what a CPU keeps from CPU_OFF to CPU_ON */
void life_ends(const struct vcpu *vcpu);
bool life_goes_on(const struct vcpu *vcpu);	/* false: this is its first */
void life_unknown(struct vcpu *vcpu);

#endif
