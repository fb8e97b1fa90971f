// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hypercall that faults returns an error, and does not end in an oops.
 *
 * pKVM answers MEM_SHARE of an address without memory by an external abort. A
 * host can make such a hole in what the device tree calls RAM. In a realm an HVC is
 * undefined. The exception points to the call or behind it.
 */
#include <kunit/test.h>
#include <linux/memblock.h>

#include <asm/esr.h>
#include <asm/insn.h>
#include <asm/pguest.h>
#include <asm/pkvm_cmds.h>
#include <asm/pkvm_features.h>
#include <asm/ptrace.h>

/* An address above RAM that is within the PA range of every machine */
static phys_addr_t find_hole(void)
{
	return ALIGN(memblock_end_of_DRAM(), SZ_1G) + SZ_1G;
}

static void share_of_a_hole_is_an_error(struct kunit *test)
{
	int err = pkvm_one(PKVM_NR_MEM_SHARE, find_hole());

	if (pguest_active())
		KUNIT_EXPECT_EQ(test, err, -EFAULT);
	else
		KUNIT_EXPECT_LT(test, err, 0);
}

static void unshare_of_a_hole_is_refused(struct kunit *test)
{
	KUNIT_EXPECT_LT(test, pkvm_one(PKVM_NR_MEM_UNSHARE, find_hole()), 0);
}

/* The exception must not change the stack or the registers of the caller. */
static void calls_work_after_a_fault(struct kunit *test)
{
	u32 before, after;
	int i, first = pkvm_features(&before);

	for (i = 0; i < 100; i++)
		KUNIT_ASSERT_LT(test, pkvm_one(PKVM_NR_MEM_SHARE, find_hole()), 0);
	KUNIT_EXPECT_EQ(test, pkvm_features(&after), first);
	if (!first)
		KUNIT_EXPECT_EQ(test, before, after);
}

#define ESR(ec)		((unsigned long)(ec) << ESR_ELx_EC_SHIFT | ESR_ELx_IL)
#define UNDEFINED	ESR(ESR_ELx_EC_UNKNOWN)
#define ABORT		(ESR(ESR_ELx_EC_DABT_CUR) | ESR_ELx_FSC_EXTABT)
#define FETCH_ABORT	(ESR(ESR_ELx_EC_IABT_CUR) | ESR_ELx_FSC_EXTABT)

/* Where pguest_call_fixup() continues after an exception at @pc; 0 if it leaves it alone. */
static unsigned long fixed_up(unsigned long pc, unsigned long esr)
{
	struct pt_regs regs = { .pc = pc };

	return pguest_call_fixup(&regs, esr) ? regs.pc : 0;
}

/* Of the instructions of a call and around it, two are fixed up. */
static void expect_call(struct kunit *test, const char *insn, const char *behind,
			const char *fault, unsigned long esr)
{
	unsigned long at = (unsigned long)insn, pc, want;

	KUNIT_ASSERT_PTR_EQ(test, behind, insn + AARCH64_INSN_SIZE);
	for (pc = at - 16; pc < (unsigned long)fault + 16; pc++) {
		want = pc == at || pc == at + AARCH64_INSN_SIZE ? (unsigned long)fault : 0;
		KUNIT_EXPECT_EQ_MSG(test, fixed_up(pc, esr), want, "at %+ld", pc - at);
	}
}

static void call_fails_at_it_and_behind_it(struct kunit *test)
{
	unsigned long esr[] = { UNDEFINED, ABORT };
	int i;

	for (i = 0; i < ARRAY_SIZE(esr); i++) {
		expect_call(test, __pguest_hvc_insn, __pguest_hvc_behind,
			    __pguest_hvc_fault, esr[i]);
		expect_call(test, __pguest_smc_insn, __pguest_smc_behind,
			    __pguest_smc_fault, esr[i]);
	}
}

/* Exceptions that a call does not raise, as a fetch abort or a trap */
static void other_exceptions_are_left_alone(struct kunit *test)
{
	unsigned long ec;

	for (ec = 0; ec <= ESR_ELx_EC_MAX; ec++) {
		if (ec == ESR_ELx_EC_UNKNOWN || ec == ESR_ELx_EC_SYS64 ||
		    ec == ESR_ELx_EC_DABT_CUR)
			continue;
		KUNIT_EXPECT_EQ(test, fixed_up((unsigned long)__pguest_hvc_insn, ESR(ec)), 0);
		KUNIT_EXPECT_EQ(test, fixed_up((unsigned long)__pguest_smc_behind, ESR(ec)), 0);
	}
	KUNIT_EXPECT_EQ(test, fixed_up((unsigned long)__pguest_hvc_insn, FETCH_ABORT), 0);
}

/* The instruction behind a call cannot raise an exception itself. */
static void behind_a_call_is_a_nop(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, le32_to_cpup((__le32 *)__pguest_hvc_behind),
			aarch64_insn_gen_nop());
	KUNIT_EXPECT_EQ(test, le32_to_cpup((__le32 *)__pguest_smc_behind),
			aarch64_insn_gen_nop());
}

#ifdef CONFIG_ARM_PKVM_GUEST
/* The exception may point to the MRS or to the NOP; the STR is next. */
static void id_register_is_stepped_over(struct kunit *test)
{
	unsigned long start = (unsigned long)__pkvm_id_insns, pc, offset, want;

	KUNIT_ASSERT_EQ(test, __pkvm_id_end - __pkvm_id_insns, PKVM_ID_REGS * 16);
	for (pc = start - 16; pc < (unsigned long)__pkvm_id_end + 16; pc++) {
		offset = (pc - start) % 16;
		want = pc >= start && pc < (unsigned long)__pkvm_id_end &&
		       (offset == 4 || offset == 8) ? pc - offset + 12 : 0;
		KUNIT_EXPECT_EQ_MSG(test, fixed_up(pc, UNDEFINED), want, "at %+ld", pc - start);
		KUNIT_EXPECT_EQ_MSG(test, fixed_up(pc, ABORT), 0, "at %+ld", pc - start);
	}
}
#else
static void id_register_is_stepped_over(struct kunit *test)
{
	kunit_skip(test, "no pKVM");
}
#endif

/* Low bytes first, zeroes behind, and never beyond the registers. */
static void words_fill_registers(struct kunit *test)
{
	unsigned long regs[3] = { 1, 2, 3 };

	pguest_put_words(regs, 2, "PG and 1");
	KUNIT_EXPECT_EQ(test, regs[0], 0x3120646e61204750);
	KUNIT_EXPECT_EQ(test, regs[1], 0);
	pguest_put_words(regs, 2, "sixteen of bytes, and more");
	KUNIT_EXPECT_EQ(test, memcmp(regs, "sixteen of bytes", 16), 0);
	KUNIT_EXPECT_EQ(test, regs[2], 3);
	pguest_put_words(regs, 3, "");
	KUNIT_EXPECT_EQ(test, regs[0] | regs[1] | regs[2], 0);
}

static struct kunit_case hvc_cases[] = {
	KUNIT_CASE(share_of_a_hole_is_an_error),
	KUNIT_CASE(unshare_of_a_hole_is_refused),
	KUNIT_CASE(calls_work_after_a_fault),
	KUNIT_CASE(call_fails_at_it_and_behind_it),
	KUNIT_CASE(other_exceptions_are_left_alone),
	KUNIT_CASE(behind_a_call_is_a_nop),
	KUNIT_CASE(id_register_is_stepped_over),
	KUNIT_CASE(words_fill_registers),
	{ }
};

static struct kunit_suite hvc_suite = {
	.name = "pguest_hvc",
	.test_cases = hvc_cases,
};

kunit_test_suite(hvc_suite);
