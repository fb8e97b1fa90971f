// SPDX-License-Identifier: GPL-2.0-only
/*
 * System registers that trap: what a protected VM may know of its CPU, and what it may touch.
 * The tables are Linux 7.2's arch/arm64/kvm/hyp/nvhe/sys_regs.c, and 7.3's where 7.2
 * hides that there are pages of 16 KiB; for Android's ID registers fixed_config.h beside it, of 6.1 and 6.12. A plain
 * guest gets mainline's view, so that one Image runs the same code in both.
 */
#include "options.h"
#include "trap.h"

/* An encoding as ESR_EL2.ISS has it */
#define REG(op0, op1, crn, crm, op2) ((op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1)
#define ISS_REG(esr)		((u32)(esr) & 0x3ffc1e)
#define ISS_RT(esr)		((u32)(esr) >> 5 & 31)
#define ISS_READ		1

#define ID(crm, op2)		REG(3, 0, 0, crm, op2)
#define ICC_SGI1R		REG(3, 0, 12, 11, 5)

struct field {
	u8 shift, max;
	bool is_signed;		/* 15 means "not there", and is kept */
};

/* @base is added; a field is the lesser of the CPU's and @max; what is not listed reads 0. */
struct id_register {
	u32 reg;
	u64 base;
	bool whole;
	struct field fields[16];
};

static const struct id_register id_registers[] = {
	{ ID(4, 0), .fields = {		/* PFR0: AArch64 alone, FP, AdvSIMD, GIC, RAS, DIT, CSV2, CSV3 */
		{ 0, 1 }, { 4, 1 }, { 8, 1 }, { 12, 1 }, { 16, 1, true }, { 20, 1, true }, { 24, 1 }, { 28, 1 },
		{ 48, 1 }, { 56, 1 }, { 60, 1 } } },
	{ ID(4, 1), .fields = {		/* PFR1: BT, SSBS, MTE_frac; no MTE */
		{ 0, 1 }, { 4, 2 }, { 40, 15 } } },
	{ ID(5, 0), .base = 0x000f00f000000000 },	/* DFR0: no debug, PMU, SPE, trace */
	{ ID(6, 0), .whole = true },			/* ISAR0 */
	/* ISAR1: DPB APA API JSCVT FCMA LRCPC GPA GPI FRINTTS SB SPECRES BF16 DGH I8MM */
	{ ID(6, 1), .fields = {
		{ 0, 2 }, { 4, 1 }, { 8, 1 }, { 12, 1 }, { 16, 1 }, { 20, 3 }, { 24, 1 }, { 28, 1 }, { 32, 1 },
		{ 36, 1 }, { 40, 2 }, { 44, 2 }, { 48, 1 }, { 52, 1 } } },
	{ ID(6, 2), .fields = {		/* ISAR2: GPA3 APA3 ATS1A */
		{ 8, 1 }, { 12, 1 }, { 60, 1 } } },
	{ ID(7, 0), .fields = {		/* MMFR0: 40 bits, ASIDBITS BIGEND SNSMEM BIGENDEL0 TGRAN16 EXS; TGRAN4 and 64: 0 */
		{ 0, 2 }, { 4, 2 }, { 8, 1 }, { 12, 1 }, { 16, 1 }, { 20, 1 }, { 44, 1 } } },
	{ ID(7, 1), .fields = {		/* MMFR1: HAFDBS VMIDBits HPDS PAN SpecSEI ETS CMOW */
		{ 0, 2 }, { 4, 2 }, { 12, 2 }, { 20, 3 }, { 24, 1 }, { 36, 1 }, { 56, 1 } } },
	{ ID(7, 2), .fields = {		/* MMFR2: CnP UAO IESB AT IDS TTL BBM E0PD */
		{ 0, 1 }, { 4, 1 }, { 12, 1 }, { 32, 1 }, { 36, 1 }, { 48, 1 }, { 52, 2 }, { 60, 1 } } },
	{ ID(7, 4), .base = 0xf000000 },		/* MMFR4: E2H0 = not implemented */
};

/* Android: fields of @allow are as the CPU has them, others the lesser of the CPU's and @limit's. */
struct android_register {
	u32 reg;
	u64 allow, limit;
};

#define F(shift)	(0xfUL << (shift))

static const struct android_register android_registers[] = {
	{ ID(4, 0), .allow = F(16) | F(20) | F(24) | F(48) | F(56) | F(60), .limit = 0x10001111 },
	{ ID(4, 1), .allow = F(0) | F(4) },
	{ ID(6, 0), .allow = ~F(0) & ~F(24) },
	{ ID(6, 1), .allow = ~F(56) & ~F(60) },
	{ ID(6, 2), .allow = F(8) | F(12) | F(16) | F(60) },
	{ ID(7, 0), .allow = F(8) | F(12) | F(16) | F(44), .limit = 0x22 },
	{ ID(7, 1), .allow = F(0) | F(4) | F(12) | F(20) | F(24) | F(36) | F(56) },
	{ ID(7, 2), .allow = F(0) | F(4) | F(12) | F(32) | F(36) | F(48) | F(52) | F(60) },
};

/* Read as zero, writes ignored */
static const u32 raz_wi[] = {
	REG(2, 0, 0, 2, 2),	/* MDSCR_EL1 */
	REG(2, 0, 0, 0, 4),	/* DBGBVR0_EL1 */
	REG(2, 0, 0, 0, 5),	/* DBGBCR0_EL1 */
	REG(2, 0, 0, 0, 6),	/* DBGWVR0_EL1 */
	REG(2, 0, 0, 0, 7),	/* DBGWCR0_EL1 */
	REG(2, 0, 1, 0, 4),	/* OSLAR_EL1 */
	REG(2, 0, 1, 1, 4),	/* OSLSR_EL1 */
	REG(2, 0, 1, 3, 4),	/* OSDLR_EL1 */
	REG(3, 0, 5, 3, 0),	/* ERRIDR_EL1 */
	REG(3, 0, 5, 3, 1),	/* ERRSELR_EL1 */
	REG(3, 0, 5, 4, 0),	/* ERXFR_EL1 */
	REG(3, 0, 5, 4, 1),	/* ERXCTLR_EL1 */
	REG(3, 0, 5, 4, 2),	/* ERXSTATUS_EL1 */
	REG(3, 0, 5, 4, 3),	/* ERXADDR_EL1 */
	REG(3, 0, 5, 5, 0),	/* ERXMISC0_EL1 */
	REG(3, 0, 5, 5, 1),	/* ERXMISC1_EL1 */
};

/* TF-RMM: fields that are hidden, of the CPU's own. AArch32's registers, and those that are not here, read 0. */
static const struct {
	u32 reg;
	u64 hidden;
} tf_registers[] = {
	{ ID(4, 0), F(32) | F(40) | F(44) },	/* PFR0: SVE, MPAM, AMU */
	{ ID(4, 1), F(16) | F(24) },		/* PFR1: MPAM_frac, SME */
	{ ID(4, 2) },
	{ ID(4, 7) },
	{ ID(5, 0), F(8) | F(52) },		/* DFR0: PMU, BRBE; debug is there, though its registers are RAZ/WI */
	{ ID(5, 1) },
	{ ID(5, 2) },
	{ ID(5, 4) },
	{ ID(5, 5) },
	{ ID(6, 0) },
	{ ID(6, 1) },
	{ ID(6, 2) },
	{ ID(7, 0) },
	{ ID(7, 1) },
	{ ID(7, 2) },
	{ ID(7, 3), F(12) | F(20) },		/* MMFR3: S2PIE, S2POE */
	{ ID(7, 4) },
};

static u64 cpu_id(u32 reg)
{
	switch (reg) {
	case ID(4, 0): return sysreg_read(id_aa64pfr0_el1);
	case ID(4, 1): return sysreg_read(id_aa64pfr1_el1);
	case ID(4, 2): return sysreg_read(s3_0_c0_c4_2);
	case ID(4, 7): return sysreg_read(s3_0_c0_c4_7);
	case ID(5, 0): return sysreg_read(id_aa64dfr0_el1);
	case ID(5, 1): return sysreg_read(id_aa64dfr1_el1);
	case ID(5, 2): return sysreg_read(s3_0_c0_c5_2);
	case ID(5, 4): return sysreg_read(id_aa64afr0_el1);
	case ID(5, 5): return sysreg_read(id_aa64afr1_el1);
	case ID(6, 0): return sysreg_read(id_aa64isar0_el1);
	case ID(6, 1): return sysreg_read(id_aa64isar1_el1);
	case ID(6, 2): return sysreg_read(s3_0_c0_c6_2);
	case ID(7, 0): return sysreg_read(id_aa64mmfr0_el1);
	case ID(7, 1): return sysreg_read(id_aa64mmfr1_el1);
	case ID(7, 2): return sysreg_read(id_aa64mmfr2_el1);
	case ID(7, 3): return sysreg_read(s3_0_c0_c7_3);
	case ID(7, 4): return sysreg_read(s3_0_c0_c7_4);
	default: return 0;
	}
}

static u64 sysreg_limit(u64 value, const struct field *f)
{
	u64 v = value >> f->shift & 15;

	if (v > f->max && !(f->is_signed && v == 15))
		v = f->max;
	return v << f->shift;
}

/* MMFR0.PARange of a realm: the least that its addresses need. */
static u64 realm_parange(u64 mmfr0)
{
	static const u8 bits[] = { 32, 36, 40, 42, 44, 48, 52 };
	u64 range = 0;

	while (bits[range] < opt.ipa_bits)
		range++;
	return (mmfr0 & ~15UL) | range;
}

/* What a kernel needs for addresses of 52 bits: LPA2 for pages of 4 and 16 KiB, and as wide virtual ones. */
static u64 realm_wide(u32 reg)
{
	if (opt.ipa_bits <= 48)
		return 0;
	switch (reg) {
	case ID(7, 0):	return cpu_id(reg) & (F(20) | F(28));
	case ID(7, 2):	return cpu_id(reg) & F(16);
	default:	return 0;
	}
}

static u64 tf_id_value(u32 reg)
{
	for (u32 i = 0; i < ARRAY_SIZE(tf_registers); i++)
		if (tf_registers[i].reg == reg)
			return cpu_id(reg) & ~tf_registers[i].hidden;
	return 0;
}

static u64 android_id_value(u32 reg)
{
	for (u32 i = 0; i < ARRAY_SIZE(android_registers); i++) {
		const struct android_register *r = &android_registers[i];
		u64 cpu = cpu_id(reg), value = cpu & r->allow;

		if (r->reg != reg)
			continue;
		for (u8 shift = 0; shift < 64; shift += 4)
			if (r->limit & F(shift))
				value |= sysreg_limit(cpu, &(struct field){ shift, r->limit >> shift & 15 });
		return value;
	}
	return 0;
}

static u64 mainline_id_value(u32 reg)
{
	for (u32 i = 0; i < ARRAY_SIZE(id_registers); i++) {
		const struct id_register *r = &id_registers[i];
		u64 value = r->base, cpu = cpu_id(reg);

		if (r->reg != reg)
			continue;
		if (r->whole)
			return cpu;
		for (u32 f = 0; f < ARRAY_SIZE(r->fields) && r->fields[f].max; f++)
			value |= sysreg_limit(cpu, &r->fields[f]);
		if (is_realm())
			return (reg == ID(7, 0) ? realm_parange(value) : value) | realm_wide(reg);
		/* KVM of 7.2 hides pages of 16 KiB from a protected VM, and from no other. */
		return reg == ID(7, 0) && opt.personality == PKVM ? value & ~F(20) : value;
	}
	return 0;
}

/* option show: CRm, op2, shift and value of a field; on all CPUs but where show_cpu names one */
static u64 id_value(const struct vcpu *vcpu, u32 reg)
{
	u64 value = opt.personality == ANDROID ? android_id_value(reg) :
		    is_realm() && rmm->shows_cpu ? tf_id_value(reg) : mainline_id_value(reg);
	u64 shift = opt.show[2] & 63;

	if (!opt.show[0] || reg != ID(opt.show[0], opt.show[1]))
		return value;
	if (opt.show_cpu.told && opt.show_cpu.value != vcpu->index)
		return value;
	return (value & ~F(shift)) | (opt.show[3] & 15) << shift;
}

/* option no_id: this one is undefined, and the exception points to it or, with a third number, behind it. */
static bool is_no_id(u32 reg)
{
	return opt.no_id[0] && reg == ID(opt.no_id[0], opt.no_id[1]);
}

/* Group 3: op0 3, op1 0, CRn 0, CRm 1 to 7; unallocated ones read 0 */
static bool is_id_register(u32 reg)
{
	u32 crm = reg >> 1 & 15;

	return (reg & ~REG(0, 0, 0, 15, 7)) == REG(3, 0, 0, 0, 0) && crm >= 1 && crm <= 7;
}

static bool is_raz_wi(u32 reg)
{
	for (u32 i = 0; i < ARRAY_SIZE(raz_wi); i++)
		if (raz_wi[i] == reg)
			return true;
	return false;
}

/* BRBE, MPAM, S2POR_EL1. To the RMM all else that traps is RAZ/WI. */
static bool is_undefined(u32 reg)
{
	return (reg & REG(2, 7, 14, 0, 0)) == REG(2, 1, 8, 0, 0) ||
	       (reg & REG(3, 7, 15, 14, 0)) == REG(3, 0, 10, 4, 0) || reg == REG(3, 0, 10, 2, 5);
}

enum verdict on_sysreg(struct vcpu *vcpu)
{
	u32 reg = ISS_REG(vcpu->esr), rt = ISS_RT(vcpu->esr);
	bool read = vcpu->esr & ISS_READ, id = is_id_register(reg);

	vcpu->sysreg++;
	if (reg == ICC_SGI1R && !read && vgic_send(vcpu, rt))
		return NEXT;
	if (((!(id && read) && !is_raz_wi(reg)) || is_no_id(reg)) && !is_realm())
		return is_no_id(reg) && opt.no_id[2] ? UNDEF_BEHIND : UNDEF;
	if (is_realm() && is_undefined(reg))
		return UNDEF;
	if (read && rt < 31)
		vcpu->x[rt] = id ? id_value(vcpu, reg) : 0;
	return NEXT;
}
