// SPDX-License-Identifier: GPL-2.0-only
/* From exception class to handler, and what becomes of the guest. */
#include "calls.h"
#include "count.h"
#include "device.h"
#include "hostpages.h"
#include "memory.h"
#include "options.h"
#include "report.h"
#include "trap.h"

#define ESR_EC(esr)		((esr) >> 26 & 0x3f)
#define OTHER_EXITS		10000		/* of option stand= */

/* Exception classes, Arm ARM D17.2.37 ESR_EL2 */
#define EC_WFX			0x01
#define EC_FP			0x07
#define EC_HVC64		0x16
#define EC_SMC64		0x17
#define EC_SYS64		0x18
#define EC_SVE			0x19
#define EC_SME			0x1d
#define EC_FETCH_ABORT_LOW	0x20
#define EC_DATA_ABORT_LOW	0x24
#define EC_MAX			0x40

/* HCR_EL2, Arm ARM D17.2.48. Interrupts are the guest's own, no FMO, AMO, and IMO with vgic.c alone. */
#define HCR_VM			BIT(0)
#define HCR_PTW			BIT(2)
#define HCR_FB			BIT(9)
#define HCR_BSU_IS		BIT(10)
#define HCR_TWI			BIT(13)
#define HCR_TID3		BIT(18)
#define HCR_TSC			BIT(19)
#define HCR_TIDCP		BIT(20)
#define HCR_TACR		BIT(21)
#define HCR_TSW			BIT(22)
#define HCR_RW			BIT(31)
#define HCR_TLOR		BIT(35)
#define HCR_TEA			BIT(37)
#define HCR_PAUTH		(3UL << 40)	/* APK, API: not trapped */

/* MDCR_EL2: debug, PMU, SPE and trace registers trap (Documentation/spec/pkvm.rst). Not TDE: BRK is the guest's own. */
#define MDCR_TPMCR		BIT(5)
#define MDCR_TPM		BIT(6)
#define MDCR_TDA		BIT(9)
#define MDCR_TDA_TDOSA_TDRA	(7UL << 9)
#define MDCR_TPMS		BIT(14)
#define MDCR_TTRF		BIT(19)

#define SPSR_SS			BIT(21)
#define SPSR_BTYPE		(3UL << 10)

typedef enum verdict (*trap_fn)(struct vcpu *vcpu);

/* A guest that sleeps comes here, so that its deadline is looked at. WFE is not trapped. */
static enum verdict on_wfi(struct vcpu *vcpu)
{
	asm volatile("dsb sy\n\twfi" : : : "memory");
	pvtime_slept(vcpu);
	return NEXT;
}

static enum verdict on_hidden(struct vcpu *vcpu)
{
	(void)vcpu;
	return UNDEF;
}

static const trap_fn traps[EC_MAX] = {
	[EC_WFX]		= on_wfi,
	[EC_FP]			= on_hidden,
	[EC_HVC64]		= on_hvc,
	[EC_SMC64]		= on_smc,
	[EC_SYS64]		= on_sysreg,
	[EC_SVE]		= on_hidden,
	[EC_SME]		= on_hidden,
	[EC_FETCH_ABORT_LOW]	= on_fetch_abort,
	[EC_DATA_ABORT_LOW]	= on_data_abort,
};

static const char *const ec_names[EC_MAX] = {
	[0x00] = "unknown instruction",	[EC_WFX] = "WFI or WFE",
	[EC_FP] = "FP access",		[0x09] = "pointer authentication",
	[0x0d] = "branch target",	[0x0e] = "illegal execution state",
	[0x15] = "SVC",			[EC_HVC64] = "HVC",
	[EC_SMC64] = "SMC",		[EC_SYS64] = "system register",
	[EC_SVE] = "SVE",		[EC_SME] = "SME",
	[EC_FETCH_ABORT_LOW] = "instruction abort of the guest",
	[0x21] = "instruction abort",	[0x22] = "PC alignment",
	[EC_DATA_ABORT_LOW] = "data abort of the guest",
	[0x25] = "data abort",		[0x26] = "SP alignment",
	[0x2f] = "SError",		[0x3c] = "BRK",
};

static const char *ec_name(u64 esr)
{
	const char *name = ec_names[ESR_EC(esr)];

	return name ? name : "unexpected class";
}

static void fail_trap(struct vcpu *vcpu)
{
	fail("CPU %u at 0x%lx: %s: %s, ESR 0x%lx FAR 0x%lx HPFAR 0x%lx", vcpu->index, vcpu->elr,
	     vcpu->why ? vcpu->why : "no handler", ec_name(vcpu->esr), vcpu->esr, vcpu->far, vcpu->hpfar);
}

/* Moves ELR to the instruction that trapped, or behind it: an HVC has moved it, all others have not. */
static struct vcpu *set_pc(struct vcpu *vcpu, u64 offset)
{
	vcpu->elr += offset - (ESR_EC(vcpu->esr) == EC_HVC64 ? 4 : 0);
	return vcpu;
}

static void apply_verdict(struct vcpu *vcpu, enum verdict verdict)
{
	switch (verdict) {
	case RESUME:
		break;
	case NEXT:
		vcpu->elr += 4;
		vcpu->spsr &= ~(SPSR_SS | SPSR_BTYPE);
		break;
	case UNDEF:
		inject_undef(set_pc(vcpu, 0));
		break;
	case UNDEF_BEHIND:
		inject_undef(set_pc(vcpu, 4));
		break;
	case ABORT:
		if (is_realm())
			return inject_realm_abort(vcpu);
		inject_abort(vcpu, vcpu->far, ESR_EC(vcpu->esr) == EC_FETCH_ABORT_LOW);
		break;
	case ABORT_AT_CALL:
		inject_abort(set_pc(vcpu, 0), 0, false);
		break;
	case ABORT_BEHIND:
		inject_abort(set_pc(vcpu, 4), 0, false);
		break;
	case FAIL:
		fail_trap(vcpu);
	}
}

/*
 * Option stand=MS: the host does not run a CPU for so long, at each stand_every-th call of all CPUs, when that holds the
 * locks that it has taken for the call, and at each 10,000th other exit, a notification of a device among them.
 */
static void stand_still(const struct vcpu *vcpu)
{
	u64 start = sysreg_read(cntpct_el0), ticks = opt.stand * sysreg_read(cntfrq_el0) / 1000;
	bool is_call = ESR_EC(vcpu->esr) == EC_HVC64 || ESR_EC(vcpu->esr) == EC_SMC64;
	static u32 exits[2];
	u32 nth = __atomic_add_fetch(&exits[is_call], 1, __ATOMIC_RELAXED);

	if (!opt.stand || nth % (is_call ? opt.stand_every : OTHER_EXITS))
		return;
	while (sysreg_read(cntpct_el0) - start < ticks)
		asm volatile("yield");
	__atomic_fetch_add(is_call ? &count.stood_in_calls : &count.stood_elsewhere, 1, __ATOMIC_RELAXED);
}

void trap_from_guest(struct vcpu *vcpu)
{
	trap_fn fn;

	vcpu->esr = sysreg_read(esr_el2);
	vcpu->far = sysreg_read(far_el2);
	vcpu->hpfar = sysreg_read(hpfar_el2);
	vcpu->why = NULL;
	fn = traps[ESR_EC(vcpu->esr)];
	apply_verdict(vcpu, fn ? fn(vcpu) : FAIL);
	smmu_poll();
	host_pages_tick(vcpu);
	gic_tick(vcpu);
	vgic_tick(vcpu);
	stand_still(vcpu);
	report_poll();
	end_check_deadline();
}

/* HCR_EL2: what is left to the guest, or what an RMM has beside the rest */
static u64 traps_more(void)
{
	u64 realms = HCR_PTW | HCR_FB | HCR_BSU_IS | HCR_TEA | stage2_hcr();

	if (is_realm() && rmm->traps_little)
		return realms;
	return (is_realm() ? realms : 0) | HCR_TIDCP | HCR_TACR | HCR_TSW | HCR_TLOR;
}

void traps_setup(void)
{
	u64 counters = sysreg_read(mdcr_el2) & 0x1f;	/* HPMN as after reset: all of them */
	u64 debug = is_realm() && rmm->traps_little ? MDCR_TDA : MDCR_TDA_TDOSA_TDRA | MDCR_TPMS | MDCR_TTRF;

	sysreg_write(mdcr_el2, counters | MDCR_TPMCR | MDCR_TPM | debug);
	sysreg_write(hcr_el2, HCR_VM | HCR_TWI | HCR_TID3 | HCR_TSC | HCR_RW | HCR_PAUTH | vgic_hcr() | traps_more());
}

/* Where to go on after an exception at EL2; there is one way only, see mmio_load in access.S. */
u64 el2_fault(void)
{
	u64 esr = sysreg_read(esr_el2), elr = sysreg_read(elr_el2);

	if (elr >= (u64)mmio_begin && elr < (u64)mmio_end && ESR_EC(esr) == 0x25)
		return (u64)mmio_nobody;
	fail("exception in the monitor at 0x%lx: %s, ESR 0x%lx FAR 0x%lx", elr, ec_name(esr), esr,
	     sysreg_read(far_el2));
}

void el2_stray(void)
{
	fail("an exception from the guest that is not routed here, ESR 0x%lx ELR 0x%lx", sysreg_read(esr_el2),
	     sysreg_read(elr_el2));
}
