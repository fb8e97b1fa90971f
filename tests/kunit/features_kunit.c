// SPDX-License-Identifier: GPL-2.0-only
/*
 * pkvm_next_excess(): which ID register fields are above pKVM's maximum.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include <asm/cputype.h>
#include <asm/pkvm_features.h>
#include <asm/sysreg.h>

#define PFR0	PKVM_ID(4, 0)
#define PFR1	PKVM_ID(4, 1)
#define DFR0	PKVM_ID(5, 0)
#define ISAR0	PKVM_ID(6, 0)
#define ISAR1	PKVM_ID(6, 1)
#define ISAR2	PKVM_ID(6, 2)
#define MMFR0	PKVM_ID(7, 0)
#define MMFR4	PKVM_ID(7, 4)

/* What mainline has for constants, the rest being zero */
#define DFR0_MAINLINE	0x000f00f000000000
#define MMFR4_MAINLINE	0x000000000f000000

/* One register shows @value; the first field found is @field with @shown above @max. */
static const struct feature_case {
	const char *name;
	unsigned int reg;
	u64 value;
	bool android;
	unsigned int found;
	const char *field;
	int shown, max;
} feature_cases[] = {
	{ "nothing at all", PFR0, 0, false, 0 },
	{ "AArch64 at all levels", PFR0, 0x1111, false, 0 },
	{ "AArch32 at EL0", PFR0, 0x1112, false, 1, "ID_AA64PFR0_EL1.EL0", 2, 1 },
	{ "FP16", PFR0, 1 << 16, false, 0 },
	{ "no FP", PFR0, 0xff << 16, false, 0 },
	{ "more FP than there is", PFR0, 2 << 16, false, 1, "ID_AA64PFR0_EL1.FP", 2, 1 },
	{ "FP below not there", PFR0, 0xe << 16, false, 1, "ID_AA64PFR0_EL1.FP", -2, 1 },
	{ "SVE", PFR0, 1ULL << 32, false, 1, "ID_AA64PFR0_EL1.SVE", 1, 0 },
	{ "SVE, Android", PFR0, 1ULL << 32, true, 1, "ID_AA64PFR0_EL1.SVE", 1, 0 },
	{ "CSV2 is 2", PFR0, 2ULL << 56, false, 1, "ID_AA64PFR0_EL1.CSV2", 2, 1 },
	{ "CSV2 is 2, Android", PFR0, 2ULL << 56, true, 0 },
	{ "the topmost bits", PFR0, 1ULL << 63, false, 1, "ID_AA64PFR0_EL1.CSV3", 8, 1 },
	{ "MTE", PFR1, 0x300, false, 1, "ID_AA64PFR1_EL1.MTE", 3, 0 },
	{ "MTE, Android", PFR1, 0x300, true, 1, "ID_AA64PFR1_EL1.MTE", 3, 0 },
	{ "no MTE, and that said twice", PFR1, 0xfULL << 40, false, 0 },
	{ "BT, SSBS, SME, GCS", PFR1, 0x0000100001000021, false, 2, "ID_AA64PFR1_EL1.SME", 1, 0 },
	{ "bits without a name", PFR1, 0xa << 20, false, 1, "ID_AA64PFR1_EL1[23:20]", 10, 0 },
	{ "as it should be", DFR0, DFR0_MAINLINE, false, 0 },
	{ "zero", DFR0, 0, false, 2, "ID_AA64DFR0_EL1.DoubleLock", 0, -1 },
	{ "zero, Android", DFR0, 0, true, 0 },
	{ "as mainline's, Android", DFR0, DFR0_MAINLINE, true, 0 },
	{ "DoubleLock", DFR0, 0x000f000000000000, false, 1, "ID_AA64DFR0_EL1.DoubleLock", 0, -1 },
	{ "DoubleLock is 0xe", DFR0, 0x000f00e000000000, false, 1,
	  "ID_AA64DFR0_EL1.DoubleLock", -2, -1 },
	{ "DoubleLock is 1, Android", DFR0, 1ULL << 36, true, 1,
	  "ID_AA64DFR0_EL1.DoubleLock", 1, 0 },
	{ "a PMU", DFR0, DFR0_MAINLINE | 0x100, false, 1, "ID_AA64DFR0_EL1.PMUVer", 1, 0 },
	{ "a PMU of its own kind", DFR0, DFR0_MAINLINE | 0xf00, false, 1,
	  "ID_AA64DFR0_EL1.PMUVer", 15, 0 },
	{ "debug registers", DFR0, DFR0_MAINLINE | 0x10305006, false, 4,
	  "ID_AA64DFR0_EL1.DebugVer", 6, 0 },
	{ "all instructions", ISAR0, 0xfffffffff0fffff0, false, 0 },
	{ "TME", ISAR0, 1 << 24, false, 1, "ID_AA64ISAR0_EL1.TME", 1, 0 },
	{ "the field below AES", ISAR0, 1, false, 1, "ID_AA64ISAR0_EL1[3:0]", 1, 0 },
	{ "PAuth2", ISAR1, 0x40, false, 1, "ID_AA64ISAR1_EL1.APA", 4, 1 },
	{ "PAuth2, Android", ISAR1, 0x40, true, 0 },
	{ "LRCPC at its maximum", ISAR1, 3 << 20, false, 0 },
	{ "LRCPC above", ISAR1, 4 << 20, false, 1, "ID_AA64ISAR1_EL1.LRCPC", 4, 3 },
	{ "MOPS", ISAR2, 1 << 16, false, 1, "ID_AA64ISAR2_EL1.MOPS", 1, 0 },
	{ "MOPS, Android", ISAR2, 1 << 16, true, 0 },
	{ "40 bits of addresses", MMFR0, 2, false, 0 },
	{ "44 bits of addresses", MMFR0, 4, false, 1, "ID_AA64MMFR0_EL1.PARANGE", 4, 2 },
	{ "44 bits, Android", MMFR0, 4, true, 1, "ID_AA64MMFR0_EL1.PARANGE", 4, 2 },
	{ "4K and 64K not there, 16K", MMFR0, 0xff100002, false, 0 },
	{ "52 bits with 4K pages", MMFR0, 0x10000002, false, 1,
	  "ID_AA64MMFR0_EL1.TGRAN4", 1, 0 },
	{ "as it should be", MMFR4, MMFR4_MAINLINE, false, 0 },
	{ "EL2 without VHE", MMFR4, 0, false, 1, "ID_AA64MMFR4_EL1.E2H0", 0, -1 },
	{ "EL2 with half of VHE", MMFR4, 0xe000000, false, 1, "ID_AA64MMFR4_EL1.E2H0", -2, -1 },
	{ "zero, Android", MMFR4, 0, true, 0 },
	{ "AArch32 registers", PKVM_ID(1, 0), 0x131, false, 3, "ID_PFR0_EL1[3:0]", 1, 0 },
	{ "the last AArch32 register", PKVM_ID(3, 7), 1, true, 1, "S3_0_C0_C3_7[3:0]", 1, 0 },
	{ "a register of later years", PKVM_ID(4, 3), 1ULL << 60, false, 1,
	  "S3_0_C0_C4_3[63:60]", 1, 0 },
	{ "the last register", PKVM_ID(7, 7), ~0ULL, false, 16, "S3_0_C0_C7_7[3:0]", 15, 0 },
	{ "all of it", PFR0, ~0ULL, false, 14, "ID_AA64PFR0_EL1.EL0", 15, 1 },
};

static void feature_name(const struct feature_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(feature, feature_cases, feature_name);

static void fill_mainline(u64 *regs)
{
	memset(regs, 0, PKVM_ID_REGS * sizeof(*regs));
	regs[DFR0] = DFR0_MAINLINE;
	regs[MMFR4] = MMFR4_MAINLINE;
}

static void what_is_more_than_pkvm_shows(struct kunit *test)
{
	const struct feature_case *c = test->param_value;
	u64 regs[PKVM_ID_REGS];
	struct pkvm_excess e = { .regs = regs, .android = c->android };
	char name[PKVM_NAME_SIZE];
	unsigned int n;

	fill_mainline(regs);
	regs[c->reg] = c->value;
	for (n = 0; pkvm_next_excess(&e); n++) {
		KUNIT_EXPECT_EQ(test, e.reg, c->reg);
		if (n)
			continue;
		pkvm_excess_name(&e, name, sizeof(name));
		KUNIT_EXPECT_STREQ(test, name, c->field);
		KUNIT_EXPECT_EQ(test, e.value, c->shown);
		KUNIT_EXPECT_EQ(test, e.max, c->max);
	}
	KUNIT_EXPECT_EQ(test, n, c->found);
	KUNIT_EXPECT_FALSE(test, pkvm_next_excess(&e));
}

static unsigned int count_excesses(const u64 *regs, bool android)
{
	struct pkvm_excess e = { .regs = regs, .android = android };
	unsigned int n = 0;

	while (pkvm_next_excess(&e))
		n++;
	return n;
}

static void set_field(u64 *regs, const struct pkvm_field *f, int value)
{
	regs[f->reg] &= ~(0xfULL << f->shift);
	regs[f->reg] |= (u64)(value & 0xf) << f->shift;
}

/* A row that is out of order would never be looked at. */
static void rows_are_in_order(struct kunit *test)
{
	const struct pkvm_field *f;
	unsigned int i;

	for (i = 0; i < pkvm_nr_fields; i++) {
		f = &pkvm_fields[i];
		KUNIT_EXPECT_LT(test, f->reg, PKVM_ID_REGS);
		KUNIT_EXPECT_EQ(test, f->shift % 4, 0);
		KUNIT_EXPECT_LE(test, f->shift, 60);
		KUNIT_EXPECT_GE(test, f->max, f->is_signed ? -1 : 0);
		KUNIT_EXPECT_LE(test, f->max, f->is_signed ? 7 : 15);
		if (i)
			KUNIT_EXPECT_GT(test, f->reg * 64 + f->shift,
					f[-1].reg * 64 + f[-1].shift);
	}
}

static void each_maximum_is_fine_and_one_more_is_not(struct kunit *test)
{
	const struct pkvm_field *f;
	u64 regs[PKVM_ID_REGS];
	unsigned int i, android;
	int max;

	for (android = 0; android < 2; android++) {
		fill_mainline(regs);
		for (i = 0; i < pkvm_nr_fields; i++) {
			f = &pkvm_fields[i];
			max = android ? max(f->max, f->android) : f->max;
			set_field(regs, f, max);
			KUNIT_EXPECT_EQ_MSG(test, count_excesses(regs, android), 0, "%s", f->name);
			if (max == (f->is_signed ? 7 : 15))
				continue;
			set_field(regs, f, max + 1);
			KUNIT_EXPECT_EQ_MSG(test, count_excesses(regs, android), 1, "%s", f->name);
			set_field(regs, f, max);
		}
	}
}

/* 32 bits of AArch32 registers, bits and registers that have no name yet */
static void what_has_no_row_is_zero(struct kunit *test)
{
	u64 regs[PKVM_ID_REGS], rows[PKVM_ID_REGS] = { };
	unsigned int i, bit;

	for (i = 0; i < pkvm_nr_fields; i++)
		rows[pkvm_fields[i].reg] |= 0xfULL << pkvm_fields[i].shift;
	fill_mainline(regs);
	for (i = 0; i < PKVM_ID_REGS; i++) {
		for (bit = 0; bit < 64; bit++) {
			if (rows[i] & BIT_ULL(bit))
				continue;
			regs[i] ^= BIT_ULL(bit);
			KUNIT_EXPECT_EQ_MSG(test, count_excesses(regs, true), 1, "%u, %u", i, bit);
			regs[i] ^= BIT_ULL(bit);
		}
	}
}

static void registers_are_read_where_they_belong(struct kunit *test)
{
	u64 regs[PKVM_ID_REGS + 2];

	memset(regs, 0xa5, sizeof(regs));
	__pkvm_read_id_regs(regs + 1);
	KUNIT_EXPECT_EQ(test, regs[0], 0xa5a5a5a5a5a5a5a5);
	KUNIT_EXPECT_EQ(test, regs[1], read_sysreg_s(sys_reg(3, 0, 0, 1, 0)));
	KUNIT_EXPECT_EQ(test, regs[1 + PFR0], read_cpuid(ID_AA64PFR0_EL1));
	KUNIT_EXPECT_EQ(test, regs[1 + PFR1], read_cpuid(ID_AA64PFR1_EL1));
	KUNIT_EXPECT_EQ(test, regs[1 + DFR0], read_cpuid(ID_AA64DFR0_EL1));
	KUNIT_EXPECT_EQ(test, regs[1 + ISAR1], read_cpuid(ID_AA64ISAR1_EL1));
	KUNIT_EXPECT_EQ(test, regs[1 + MMFR0], read_cpuid(ID_AA64MMFR0_EL1));
	KUNIT_EXPECT_EQ(test, regs[PKVM_ID_REGS], read_sysreg_s(sys_reg(3, 0, 0, 7, 7)));
	KUNIT_EXPECT_EQ(test, regs[PKVM_ID_REGS + 1], 0xa5a5a5a5a5a5a5a5);
}

static struct kunit_case feature_kunit_cases[] = {
	KUNIT_CASE_PARAM(what_is_more_than_pkvm_shows, feature_gen_params),
	KUNIT_CASE(rows_are_in_order),
	KUNIT_CASE(each_maximum_is_fine_and_one_more_is_not),
	KUNIT_CASE(what_has_no_row_is_zero),
	KUNIT_CASE(registers_are_read_where_they_belong),
	{ }
};

static struct kunit_suite feature_suite = {
	.name = "pguest_features",
	.test_cases = feature_kunit_cases,
};

kunit_test_suite(feature_suite);
