// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses that stage 2 stops. RAM is donated at first touch. All else is a device: the access needs a
 * syndrome, must not be one that we keep, must be guarded if the guest has enrolled (Documentation/spec/pkvm.rst),
 * must be in the right half if it is a realm (Documentation/spec/rsi.rst), and is then carried out here on the
 * guest's behalf.
 */
#include "calls.h"
#include "count.h"
#include "device.h"
#include "doorbell.h"
#include "memory.h"
#include "options.h"
#include "tree.h"

/* ESR_EL2.ISS of a data abort, Arm ARM D17.2.37 */
#define ISS_ISV		BIT(24)
#define ISS_SAS(esr)	((esr) >> 22 & 3)
#define ISS_SSE		BIT(21)
#define ISS_SRT(esr)	((esr) >> 16 & 31)
#define ISS_SF		BIT(15)
#define ISS_CM		BIT(8)
#define ISS_S1PTW	BIT(7)
#define ISS_WNR		BIT(6)
#define FSC_TYPE(esr)	((esr) & 0x3c)
#define FSC_TRANSLATION	0x04
#define FSC_LEVEL_MINUS_1 0x2b		/* a translation fault of LPA2 */

static enum mmio_result refuse_access(struct vcpu *vcpu, struct mmio *m)
{
	(void)vcpu;
	(void)m;
	return MMIO_REFUSE;
}

/* No device: reads 0, as a VMM without one there would have it. */
static enum mmio_result read_as_zero(struct vcpu *vcpu, struct mmio *m)
{
	(void)vcpu;
	m->value = 0;
	return MMIO_DONE;
}

static const struct region {
	u64 start, end;
	enum mmio_result (*access)(struct vcpu *vcpu, struct mmio *m);
} regions[] = {
	{ SMMU_BASE,	SMMU_BASE + SMMU_SIZE,		refuse_access },
	{ FW_CFG_BASE,	FW_CFG_BASE + PAGE,		read_as_zero },	/* its DMA goes past the SMMU */
	{ DOORBELL_IPA,	DOORBELL_IPA + PAGE,		doorbell_access },
	{ GICD_BASE,	GICD_BASE + 0x10000,		gicd_access },
	{ ITS_BASE,	ITS_BASE + 0x10000,		its_access },
	{ REDIST_BASE,	REDIST_BASE + NR_CPUS * 0x20000, redist_access },
	{ 0x10000000,	0x3eff0000,			pci_window_access },
	{ ECAM_BASE,	ECAM_BASE + ECAM_SIZE,		pci_config_access },
	{ 0x8000000000,	0x10000000000,			pci_window_access },
};

static enum mmio_result find_hook(struct vcpu *vcpu, struct mmio *m)
{
	for (u32 i = 0; i < ARRAY_SIZE(regions); i++)
		if (m->ipa >= regions[i].start && m->ipa < regions[i].end)
			return regions[i].access(vcpu, m);
	return MMIO_PASS;
}

static void pass_on(struct mmio *m)
{
	if (m->write)
		device_write(m->ipa, m->log2_size, m->value);
	else
		m->value = device_read(m->ipa, m->log2_size);
}

static bool is_doorbell(u64 ipa)
{
	return (ipa & ~(PAGE - 1)) == DOORBELL_IPA;
}

/* Both pages are looked at when an access crosses (Documentation/spec/pkvm.rst). */
static bool is_guarded(const struct mmio *m)
{
	u64 last = m->ipa + BIT(m->log2_size) - 1;

	if (!guard_enrolled() || is_doorbell(m->ipa))
		return true;
	return stage2_state(m->ipa) == GUARDED && stage2_state(last) == GUARDED;
}

static u64 extend_value(const struct mmio *m, u64 esr)
{
	u32 unused = 64 - (8 << m->log2_size);
	u64 value = m->value << unused >> unused;

	if (esr & ISS_SSE)
		value = (s64)(m->value << unused) >> unused;
	return esr & ISS_SF ? value : (u32)value;
}

static enum verdict emulate_mmio(struct vcpu *vcpu, u64 ipa)
{
	u64 esr = vcpu->esr, rt = ISS_SRT(esr);
	struct mmio m = { .ipa = ipa, .log2_size = ISS_SAS(esr), .write = esr & ISS_WNR };

	if (!(esr & ISS_ISV) || !is_guarded(&m) || (is_realm() && !realm_device(&m.ipa)))
		return blocked();
	if (span_has(&machine_ram, m.ipa))
		return blocked();
	m.ipa = fdt_device_address(m.ipa);
	vcpu->mmio++;
	if (m.write && rt < 31)
		m.value = vcpu->x[rt];
	switch (find_hook(vcpu, &m)) {
	case MMIO_REFUSE:
		return blocked();
	case MMIO_PASS:
		pass_on(&m);
		break;
	case MMIO_DONE:
		break;
	}
	if (!m.write && rt < 31)
		vcpu->x[rt] = extend_value(&m, esr);
	return NEXT;
}

/* RAM: a page to give, or one that the guest may not have. */
static enum verdict touch_ram(struct vcpu *vcpu, u64 ipa)
{
	bool there;

	lock();
	there = stage2_touch(ipa);
	unlock();
	if (there)
		return RESUME;
	if (stage2_state(ipa) != POISONED)
		return blocked();
	vcpu->why = "the guest touched a page that the host took by force";
	return FAIL;
}

static bool is_translation(u64 esr)
{
	return FSC_TYPE(esr) == FSC_TRANSLATION || (esr & 0x3f) == FSC_LEVEL_MINUS_1;
}

static u64 fault_ipa(const struct vcpu *vcpu)
{
	return (vcpu->hpfar & MASK(43, 4)) << 8 | (vcpu->far & (PAGE - 1));
}

enum verdict on_data_abort(struct vcpu *vcpu)
{
	u64 ipa = fault_ipa(vcpu);

	if (!is_translation(vcpu->esr))
		return ABORT;
	if (is_realm() && span_has(&ram, ipa & ~realm_half()))
		return realm_touch(vcpu, ipa);
	if (is_realm() && host_page_has(ipa & ~realm_half()))
		return host_page_touch(ipa);
	if (span_has(&ram, ipa) || host_page_has(ipa))
		return touch_ram(vcpu, ipa);
	if (vcpu->esr & ISS_S1PTW)
		return blocked();
	/* An RMM has no way to skip it (its host can map memory there, or have it end in an abort). */
	if (vcpu->esr & ISS_CM)
		return is_realm() ? blocked() : NEXT;
	return emulate_mmio(vcpu, ipa);
}

enum verdict on_fetch_abort(struct vcpu *vcpu)
{
	u64 ipa = fault_ipa(vcpu);

	if (is_translation(vcpu->esr) && span_has(&ram, ipa))
		return is_realm() ? realm_touch(vcpu, ipa) : touch_ram(vcpu, ipa);
	return blocked();
}
