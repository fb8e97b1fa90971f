// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ID register fields that pKVM shows to a protected VM, and their maxima.
 *
 * pKVM traps the ID registers and answers from a fixed table: fields that are not in it
 * read as zero. Mainline's table (since 6.14) has a maximum for each field. The series
 * of 2021, which Android uses, has a list of fields with the value of the host's kernel,
 * and a few maxima.
 *
 * Registers that comply prove nothing: a host can emulate the same for any VM.
 *
 * Sources: arch/arm64/kvm/hyp/nvhe/sys_regs.c of Linux 7.2 and 7.3 for the column of
 * mainline; arch/arm64/kvm/hyp/include/nvhe/fixed_config.h of 6.1, 6.12 and the Android
 * common kernel for Android's. A row that differs has a comment.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include <asm/pkvm_features.h>

#define UNSIGNED(_reg, _shift, _name, _max, _android)			\
	{								\
		.reg = (_reg), .shift = (_shift), .name = (_name),	\
		.max = (_max), .android = (_android),			\
	}

#define SIGNED(_reg, _shift, _name, _max, _android)			\
	{								\
		.reg = (_reg), .shift = (_shift), .name = (_name),	\
		.max = (_max), .android = (_android), .is_signed = true,	\
	}

/* The maximum is zero for both interfaces: in the table only for its name */
#define NEVER(_reg, _shift, _name)	UNSIGNED(_reg, _shift, _name, 0, 0)

#define ANY	PKVM_ANY
#define ANY_SIGNED	7

#define PFR0	PKVM_ID(4, 0)
#define PFR1	PKVM_ID(4, 1)
#define DFR0	PKVM_ID(5, 0)
#define ISAR0	PKVM_ID(6, 0)
#define ISAR1	PKVM_ID(6, 1)
#define ISAR2	PKVM_ID(6, 2)
#define MMFR0	PKVM_ID(7, 0)
#define MMFR1	PKVM_ID(7, 1)
#define MMFR2	PKVM_ID(7, 2)
#define MMFR4	PKVM_ID(7, 4)

/* Sorted by register and shift. Fields without a row have the maximum 0. */
const struct pkvm_field pkvm_fields[] = {
	/* ELs: AArch64 only. GIC: the host's value in Android's 6.1, zero in its 6.12 */
	UNSIGNED(PFR0, 0, "EL0", 1, 1),
	UNSIGNED(PFR0, 4, "EL1", 1, 1),
	UNSIGNED(PFR0, 8, "EL2", 1, 1),
	UNSIGNED(PFR0, 12, "EL3", 1, 1),
	SIGNED(PFR0, 16, "FP", 1, ANY_SIGNED),
	SIGNED(PFR0, 20, "AdvSIMD", 1, ANY_SIGNED),
	UNSIGNED(PFR0, 24, "GIC", 1, ANY),
	UNSIGNED(PFR0, 28, "RAS", 1, 1),
	/* Mainline could show SVE 1, but refuses the capability (kvm_pkvm.h) */
	NEVER(PFR0, 32, "SVE"),
	NEVER(PFR0, 36, "SEL2"),
	NEVER(PFR0, 40, "MPAM"),
	NEVER(PFR0, 44, "AMU"),
	UNSIGNED(PFR0, 48, "DIT", 1, ANY),
	NEVER(PFR0, 52, "RME"),
	UNSIGNED(PFR0, 56, "CSV2", 1, ANY),
	UNSIGNED(PFR0, 60, "CSV3", 1, ANY),

	/* MTE_frac: the host's value, which is 0xf without MTE */
	UNSIGNED(PFR1, 0, "BT", 1, ANY),
	UNSIGNED(PFR1, 4, "SSBS", 2, ANY),
	NEVER(PFR1, 8, "MTE"),
	NEVER(PFR1, 12, "RAS_frac"),
	NEVER(PFR1, 16, "MPAM_frac"),
	NEVER(PFR1, 24, "SME"),
	NEVER(PFR1, 28, "RNDR_trap"),
	NEVER(PFR1, 32, "CSV2_frac"),
	NEVER(PFR1, 36, "NMI"),
	UNSIGNED(PFR1, 40, "MTE_frac", ANY, 0),
	NEVER(PFR1, 44, "GCS"),
	NEVER(PFR1, 48, "THE"),
	NEVER(PFR1, 52, "MTEX"),
	NEVER(PFR1, 56, "DF2"),
	NEVER(PFR1, 60, "PFAR"),

	/* Mainline: a constant, ID_AA64DFR0_EL1_NONZERO_NI. Android: zero */
	NEVER(DFR0, 0, "DebugVer"),
	NEVER(DFR0, 4, "TraceVer"),
	NEVER(DFR0, 8, "PMUVer"),
	NEVER(DFR0, 12, "BRPs"),
	NEVER(DFR0, 16, "PMSS"),
	NEVER(DFR0, 20, "WRPs"),
	NEVER(DFR0, 24, "SEBEP"),
	NEVER(DFR0, 28, "CTX_CMPs"),
	NEVER(DFR0, 32, "PMSVer"),
	SIGNED(DFR0, 36, "DoubleLock", -1, 0),
	NEVER(DFR0, 40, "TraceFilt"),
	NEVER(DFR0, 44, "TraceBuffer"),
	SIGNED(DFR0, 48, "MTPMU", -1, 0),
	NEVER(DFR0, 52, "BRBE"),
	NEVER(DFR0, 56, "ExtTrcBuff"),
	NEVER(DFR0, 60, "HPMN0"),

	/* The host's values with both interfaces; a host's kernel hides TME */
	UNSIGNED(ISAR0, 4, "AES", ANY, ANY),
	UNSIGNED(ISAR0, 8, "SHA1", ANY, ANY),
	UNSIGNED(ISAR0, 12, "SHA2", ANY, ANY),
	UNSIGNED(ISAR0, 16, "CRC32", ANY, ANY),
	UNSIGNED(ISAR0, 20, "ATOMIC", ANY, ANY),
	NEVER(ISAR0, 24, "TME"),
	UNSIGNED(ISAR0, 28, "RDM", ANY, ANY),
	UNSIGNED(ISAR0, 32, "SHA3", ANY, ANY),
	UNSIGNED(ISAR0, 36, "SM3", ANY, ANY),
	UNSIGNED(ISAR0, 40, "SM4", ANY, ANY),
	UNSIGNED(ISAR0, 44, "DP", ANY, ANY),
	UNSIGNED(ISAR0, 48, "FHM", ANY, ANY),
	UNSIGNED(ISAR0, 52, "TS", ANY, ANY),
	UNSIGNED(ISAR0, 56, "TLB", ANY, ANY),
	UNSIGNED(ISAR0, 60, "RNDR", ANY, ANY),

	/* Pointer authentication is optional: the VMM can request a VM without it */
	UNSIGNED(ISAR1, 0, "DPB", 2, ANY),
	UNSIGNED(ISAR1, 4, "APA", 1, ANY),
	UNSIGNED(ISAR1, 8, "API", 1, ANY),
	UNSIGNED(ISAR1, 12, "JSCVT", 1, ANY),
	UNSIGNED(ISAR1, 16, "FCMA", 1, ANY),
	UNSIGNED(ISAR1, 20, "LRCPC", 3, ANY),
	UNSIGNED(ISAR1, 24, "GPA", 1, ANY),
	UNSIGNED(ISAR1, 28, "GPI", 1, ANY),
	UNSIGNED(ISAR1, 32, "FRINTTS", 1, ANY),
	UNSIGNED(ISAR1, 36, "SB", 1, ANY),
	UNSIGNED(ISAR1, 40, "SPECRES", 2, ANY),
	UNSIGNED(ISAR1, 44, "BF16", 2, ANY),
	UNSIGNED(ISAR1, 48, "DGH", 1, ANY),
	UNSIGNED(ISAR1, 52, "I8MM", 1, ANY),
	NEVER(ISAR1, 56, "XS"),
	NEVER(ISAR1, 60, "LS64"),

	NEVER(ISAR2, 0, "WFxT"),
	NEVER(ISAR2, 4, "RPRES"),
	UNSIGNED(ISAR2, 8, "GPA3", 1, ANY),
	UNSIGNED(ISAR2, 12, "APA3", 1, ANY),
	UNSIGNED(ISAR2, 16, "MOPS", 0, ANY),
	NEVER(ISAR2, 20, "BC"),
	NEVER(ISAR2, 24, "PAC_frac"),
	NEVER(ISAR2, 28, "CLRBHB"),
	NEVER(ISAR2, 32, "SYSREG_128"),
	NEVER(ISAR2, 36, "SYSINSTR_128"),
	NEVER(ISAR2, 40, "PRFMSLC"),
	NEVER(ISAR2, 44, "PCDPHINT"),
	NEVER(ISAR2, 48, "RPRFM"),
	NEVER(ISAR2, 52, "CSSC"),
	NEVER(ISAR2, 56, "LUT"),
	UNSIGNED(ISAR2, 60, "ATS1A", 1, ANY),

	/* 40-bit addresses, 16-bit ASIDs. TGRAN*: zero in Linux 7.2, these values in 7.3 */
	UNSIGNED(MMFR0, 0, "PARANGE", 2, 2),
	UNSIGNED(MMFR0, 4, "ASIDBITS", 2, 2),
	UNSIGNED(MMFR0, 8, "BIGEND", 1, ANY),
	UNSIGNED(MMFR0, 12, "SNSMEM", 1, ANY),
	UNSIGNED(MMFR0, 16, "BIGENDEL0", 1, ANY),
	UNSIGNED(MMFR0, 20, "TGRAN16", 1, 0),
	SIGNED(MMFR0, 24, "TGRAN64", 0, 0),
	SIGNED(MMFR0, 28, "TGRAN4", 0, 0),
	NEVER(MMFR0, 32, "TGRAN16_2"),
	NEVER(MMFR0, 36, "TGRAN64_2"),
	NEVER(MMFR0, 40, "TGRAN4_2"),
	UNSIGNED(MMFR0, 44, "EXS", 1, ANY),
	NEVER(MMFR0, 56, "FGT"),
	NEVER(MMFR0, 60, "ECV"),

	UNSIGNED(MMFR1, 0, "HAFDBS", 2, ANY),
	UNSIGNED(MMFR1, 4, "VMIDBits", 2, ANY),
	NEVER(MMFR1, 8, "VH"),
	UNSIGNED(MMFR1, 12, "HPDS", 2, ANY),
	NEVER(MMFR1, 16, "LO"),
	UNSIGNED(MMFR1, 20, "PAN", 3, ANY),
	UNSIGNED(MMFR1, 24, "SpecSEI", 1, ANY),
	NEVER(MMFR1, 28, "XNX"),
	NEVER(MMFR1, 32, "TWED"),
	UNSIGNED(MMFR1, 36, "ETS", 1, ANY),
	NEVER(MMFR1, 40, "HCX"),
	NEVER(MMFR1, 44, "AFP"),
	NEVER(MMFR1, 48, "nTLBPA"),
	NEVER(MMFR1, 52, "TIDCP1"),
	UNSIGNED(MMFR1, 56, "CMOW", 1, ANY),
	NEVER(MMFR1, 60, "ECBHB"),

	UNSIGNED(MMFR2, 0, "CnP", 1, ANY),
	UNSIGNED(MMFR2, 4, "UAO", 1, ANY),
	NEVER(MMFR2, 8, "LSM"),
	UNSIGNED(MMFR2, 12, "IESB", 1, ANY),
	NEVER(MMFR2, 16, "VARange"),
	NEVER(MMFR2, 20, "CCIDX"),
	NEVER(MMFR2, 24, "NV"),
	NEVER(MMFR2, 28, "ST"),
	UNSIGNED(MMFR2, 32, "AT", 1, ANY),
	UNSIGNED(MMFR2, 36, "IDS", 1, ANY),
	NEVER(MMFR2, 40, "FWB"),
	UNSIGNED(MMFR2, 48, "TTL", 1, ANY),
	UNSIGNED(MMFR2, 52, "BBM", 2, ANY),
	NEVER(MMFR2, 56, "EVT"),
	UNSIGNED(MMFR2, 60, "E0PD", 1, ANY),

	/* Mainline: a constant, ID_AA64MMFR4_EL1_NONZERO_NI. Android: zero */
	SIGNED(MMFR4, 24, "E2H0", -1, 0),
};

const unsigned int pkvm_nr_fields = ARRAY_SIZE(pkvm_fields);

static const char * const id_names[PKVM_ID_REGS] = {
	[PKVM_ID(1, 0)] = "ID_PFR0_EL1",
	[PKVM_ID(1, 1)] = "ID_PFR1_EL1",
	[PKVM_ID(1, 2)] = "ID_DFR0_EL1",
	[PKVM_ID(1, 3)] = "ID_AFR0_EL1",
	[PKVM_ID(1, 4)] = "ID_MMFR0_EL1",
	[PKVM_ID(1, 5)] = "ID_MMFR1_EL1",
	[PKVM_ID(1, 6)] = "ID_MMFR2_EL1",
	[PKVM_ID(1, 7)] = "ID_MMFR3_EL1",
	[PKVM_ID(2, 0)] = "ID_ISAR0_EL1",
	[PKVM_ID(2, 1)] = "ID_ISAR1_EL1",
	[PKVM_ID(2, 2)] = "ID_ISAR2_EL1",
	[PKVM_ID(2, 3)] = "ID_ISAR3_EL1",
	[PKVM_ID(2, 4)] = "ID_ISAR4_EL1",
	[PKVM_ID(2, 5)] = "ID_ISAR5_EL1",
	[PKVM_ID(2, 6)] = "ID_MMFR4_EL1",
	[PKVM_ID(2, 7)] = "ID_ISAR6_EL1",
	[PKVM_ID(3, 0)] = "MVFR0_EL1",
	[PKVM_ID(3, 1)] = "MVFR1_EL1",
	[PKVM_ID(3, 2)] = "MVFR2_EL1",
	[PKVM_ID(3, 4)] = "ID_PFR2_EL1",
	[PKVM_ID(3, 5)] = "ID_DFR1_EL1",
	[PKVM_ID(3, 6)] = "ID_MMFR5_EL1",
	[PFR0] = "ID_AA64PFR0_EL1",
	[PFR1] = "ID_AA64PFR1_EL1",
	[PKVM_ID(4, 2)] = "ID_AA64PFR2_EL1",
	[PKVM_ID(4, 4)] = "ID_AA64ZFR0_EL1",
	[PKVM_ID(4, 5)] = "ID_AA64SMFR0_EL1",
	[PKVM_ID(4, 7)] = "ID_AA64FPFR0_EL1",
	[DFR0] = "ID_AA64DFR0_EL1",
	[PKVM_ID(5, 1)] = "ID_AA64DFR1_EL1",
	[PKVM_ID(5, 2)] = "ID_AA64DFR2_EL1",
	[PKVM_ID(5, 4)] = "ID_AA64AFR0_EL1",
	[PKVM_ID(5, 5)] = "ID_AA64AFR1_EL1",
	[ISAR0] = "ID_AA64ISAR0_EL1",
	[ISAR1] = "ID_AA64ISAR1_EL1",
	[ISAR2] = "ID_AA64ISAR2_EL1",
	[PKVM_ID(6, 3)] = "ID_AA64ISAR3_EL1",
	[MMFR0] = "ID_AA64MMFR0_EL1",
	[MMFR1] = "ID_AA64MMFR1_EL1",
	[MMFR2] = "ID_AA64MMFR2_EL1",
	[PKVM_ID(7, 3)] = "ID_AA64MMFR3_EL1",
	[MMFR4] = "ID_AA64MMFR4_EL1",
};

/**
 * pkvm_id_name() - name of an ID register in the architecture
 * @reg: PKVM_ID()
 * @name: buffer for the name
 * @size: size of the buffer in bytes
 *
 * Context: Any.
 */
void pkvm_id_name(unsigned int reg, char *name, size_t size)
{
	if (id_names[reg])
		strscpy(name, id_names[reg], size);
	else
		scnprintf(name, size, "S3_0_C0_C%u_%u", reg / 8 + 1, reg % 8);
}

/**
 * pkvm_excess_name() - names of register and field
 * @e: what pkvm_next_excess() has found
 * @name: buffer for the name
 * @size: size of the buffer in bytes
 *
 * Context: Any.
 */
void pkvm_excess_name(const struct pkvm_excess *e, char *name, size_t size)
{
	size_t len;

	pkvm_id_name(e->reg, name, size);
	len = strlen(name);
	if (e->name)
		scnprintf(name + len, size - len, ".%s", e->name);
	else
		scnprintf(name + len, size - len, "[%u:%u]", e->shift + 3, e->shift);
}

/* Advance to the next four bits, and return their row if they have one. */
static const struct pkvm_field *next_nibble(struct pkvm_excess *e)
{
	const struct pkvm_field *f = &pkvm_fields[e->row];

	e->reg = e->next / 16;
	e->shift = e->next % 16 * 4;
	e->next++;
	if (e->row == pkvm_nr_fields || f->reg != e->reg || f->shift != e->shift)
		return NULL;
	e->row++;
	return f;
}

/**
 * pkvm_next_excess() - find the next field above its maximum
 * @e: the search
 *
 * For Android's interface the larger maximum of both columns counts, because newer
 * Android hosts have mainline's table.
 *
 * Context: Any.
 * Return: false if there are no more.
 */
bool pkvm_next_excess(struct pkvm_excess *e)
{
	const struct pkvm_field *f;

	while (e->next < PKVM_ID_REGS * 16) {
		f = next_nibble(e);
		e->value = e->regs[e->reg] >> e->shift & 0xf;
		e->max = 0;
		e->name = NULL;
		if (f) {
			if (f->is_signed && e->value >= 8)
				e->value -= 16;
			e->max = e->android ? max(f->max, f->android) : f->max;
			e->name = f->name;
		}
		if (e->value > e->max || e->value < -1)
			return true;
	}
	return false;
}
