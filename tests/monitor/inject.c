// SPDX-License-Identifier: GPL-2.0-only
/* Exceptions given to the guest, as a CPU would take them to EL1 (Arm ARM D1.3.4). */
#include "options.h"
#include "trap.h"

#define SPSR_MODE		0xfUL
#define MODE_EL0		0x0
#define MODE_EL1T		0x4
#define MODE_EL1H		0x5
#define SPSR_AARCH32		BIT(4)
#define SPSR_DAIF		(0xfUL << 6)
#define SPSR_SSBS		BIT(12)
#define SPSR_PAN		BIT(22)
#define SPSR_KEPT		(0xfUL << 28 | BIT(24) | SPSR_PAN)	/* NZCV, DIT, PAN */
#define SCTLR_SPAN		BIT(23)
#define SCTLR_DSSBS		BIT(44)

#define ESR_IL			BIT(25)
#define EC_FETCH_ABORT_LOW	0x20UL
#define EC_DATA_ABORT_LOW	0x24UL
#define FSC_EXTERNAL		0x10UL
#define ISS_EA			BIT(9)
#define ISS_NOT_COPIED		(0x3fUL | BIT(7) | BIT(10))	/* FSC, S1PTW, FnV */
#define EC_SHIFT		26

static bool from_el0(const struct vcpu *vcpu)
{
	return (vcpu->spsr & SPSR_MODE) == MODE_EL0;
}

static u64 vector_offset(const struct vcpu *vcpu)
{
	if (from_el0(vcpu))
		return vcpu->spsr & SPSR_AARCH32 ? 0x600 : 0x400;
	return (vcpu->spsr & SPSR_MODE) == MODE_EL1T ? 0 : 0x200;
}

static u64 new_pstate(u64 old)
{
	u64 sctlr = sysreg_read(sctlr_el1);
	u64 pstate = (old & SPSR_KEPT) | SPSR_DAIF | MODE_EL1H;

	if (is_realm() && rmm->drops_pan)
		pstate &= ~SPSR_PAN;
	if (!(sctlr & SCTLR_SPAN))
		pstate |= SPSR_PAN;
	if (sctlr & SCTLR_DSSBS)
		pstate |= SPSR_SSBS;
	return pstate;
}

static void inject_exception(struct vcpu *vcpu, u64 esr)
{
	sysreg_write(elr_el1, vcpu->elr);
	sysreg_write(spsr_el1, vcpu->spsr);
	sysreg_write(esr_el1, esr);
	vcpu->elr = sysreg_read(vbar_el1) + vector_offset(vcpu);
	vcpu->spsr = new_pstate(vcpu->spsr);
}

void inject_undef(struct vcpu *vcpu)
{
	inject_exception(vcpu, ESR_IL);
}

/* From EL1 this is ESR 0x96000010: data abort of the same level, external (Documentation/spec/pkvm.rst). */
void inject_abort(struct vcpu *vcpu, u64 far, bool fetch)
{
	u64 ec = (fetch ? EC_FETCH_ABORT_LOW : EC_DATA_ABORT_LOW) + !from_el0(vcpu);

	sysreg_write(far_el1, far);
	inject_exception(vcpu, ec << EC_SHIFT | ESR_IL | FSC_EXTERNAL);
}

/* What the RMM makes of an access that it stopped: the rest of the syndrome is kept (Documentation/spec/rsi.rst). */
void inject_realm_abort(struct vcpu *vcpu)
{
	u64 ec = (vcpu->esr >> EC_SHIFT & 0x3e) + !from_el0(vcpu);

	sysreg_write(far_el1, vcpu->far);
	inject_exception(vcpu, ec << EC_SHIFT | (vcpu->esr & MASK(25, 0) & ~ISS_NOT_COPIED) | ISS_EA | FSC_EXTERNAL);
}
