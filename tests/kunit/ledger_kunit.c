// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ledger: an entry comes back as it went in, and the totals agree.
 */
#include <kunit/test.h>
#include <linux/prandom.h>

#include <asm/pguest.h>
#include <asm/sections.h>

#define GRANULES	100
#define SEED		20261122

static struct pguest_ledger ledger;

static const unsigned int some_refs[] = { 0, 1, 2, 63, 64, 255, 256, 32768, 65534, 65535 };

/* Distances from _text; a caller is the address of an instruction. */
static const unsigned long some_callers[] = {
	4, 8, 0x1000, 0x12345678, 0x7ffffffc, 0x80000000, 0xfffffffc, 0x3fffffffffc,
};

/* The first and the last granule that there can be, and some between. */
static const unsigned long some_granules[] = {
	0, 1, 63, 64, 4095, 0x40000, 0xfffff, 0x100000, 0xfffffffff, 0xffffffffffff,
};

static void set(struct kunit *test, unsigned long granule, enum pguest_state state,
		enum pguest_owner owner)
{
	const struct pguest_entry entry = { .state = state, .owner = owner, .refs = 1 };

	KUNIT_EXPECT_EQ(test, 0, pguest_ledger_set(&ledger, granule, &entry));
}

static void expect_same(struct kunit *test, unsigned long granule,
			const struct pguest_entry *want)
{
	struct pguest_entry got = pguest_ledger_get(&ledger, granule);

	KUNIT_EXPECT_EQ(test, (int)want->state, (int)got.state);
	KUNIT_EXPECT_EQ(test, (int)want->owner, (int)got.owner);
	KUNIT_EXPECT_EQ(test, want->refs, got.refs);
	KUNIT_EXPECT_EQ(test, want->caller, got.caller);
}

static void round_trip(struct kunit *test, struct pguest_entry *entry)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(some_refs); i++) {
		entry->refs = some_refs[i];
		KUNIT_EXPECT_EQ(test, 0, pguest_ledger_set(&ledger, 7, entry));
		expect_same(test, 7, entry);
	}
}

static void entries_come_back_as_they_went_in(struct kunit *test)
{
	struct pguest_entry entry;
	unsigned int state, owner, i;

	for (state = PGUEST_PRIVATE; state <= PGUEST_LOST; state++) {
		for (owner = 0; owner < PGUEST_NR_OWNERS; owner++) {
			for (i = 0; i < ARRAY_SIZE(some_callers); i++) {
				entry.state = state;
				entry.owner = owner;
				entry.caller = (unsigned long)_text + some_callers[i];
				round_trip(test, &entry);
			}
		}
	}
}

/* A module's code can lie below the kernel: it is not known, and not mixed up. */
static void caller_outside_the_kernel_is_unknown(struct kunit *test)
{
	struct pguest_entry entry = {
		.state = PGUEST_SHARED, .owner = PGUEST_ITS, .refs = 3,
	};

	KUNIT_EXPECT_EQ(test, 0, pguest_ledger_set(&ledger, 7, &entry));
	expect_same(test, 7, &entry);

	entry.caller = (unsigned long)_text - 4;
	KUNIT_EXPECT_EQ(test, 0, pguest_ledger_set(&ledger, 7, &entry));
	entry.caller = 0;
	expect_same(test, 7, &entry);
}

static void granules_do_not_mix(struct kunit *test)
{
	struct pguest_entry entry = { .state = PGUEST_SHARED };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(some_granules); i++) {
		entry.refs = i + 1;
		KUNIT_EXPECT_EQ(test, 0, pguest_ledger_set(&ledger, some_granules[i], &entry));
	}
	for (i = 0; i < ARRAY_SIZE(some_granules); i++) {
		entry.refs = i + 1;
		expect_same(test, some_granules[i], &entry);
	}
	KUNIT_EXPECT_EQ(test, (int)pguest_ledger_get(&ledger, 2).state, (int)PGUEST_PRIVATE);
	KUNIT_EXPECT_EQ(test, ledger.now, ARRAY_SIZE(some_granules));
}

static void unknown_granule_is_private(struct kunit *test)
{
	const struct pguest_entry nothing = { };

	expect_same(test, 0, &nothing);
	expect_same(test, 12345, &nothing);
	set(test, 12345, PGUEST_SHARED, PGUEST_BOUNCE);
	pguest_ledger_erase(&ledger, 12345);
	expect_same(test, 12345, &nothing);
	KUNIT_EXPECT_TRUE(test, xa_empty(&ledger.granules));
}

static void erasing_what_is_not_there_changes_nothing(struct kunit *test)
{
	set(test, 5, PGUEST_SHARED, PGUEST_BOUNCE);
	pguest_ledger_erase(&ledger, 6);
	KUNIT_EXPECT_EQ(test, ledger.now, 1);
	KUNIT_EXPECT_EQ(test, ledger.by_owner[PGUEST_BOUNCE], 1);
	KUNIT_EXPECT_EQ(test, ledger.by_owner[PGUEST_OTHER], 0);
}

static void totals_follow_states(struct kunit *test)
{
	set(test, 5, PGUEST_PENDING, PGUEST_OTHER);
	KUNIT_EXPECT_EQ(test, ledger.now, 0);

	set(test, 5, PGUEST_SHARED, PGUEST_COHERENT);
	KUNIT_EXPECT_EQ(test, ledger.now, 1);
	KUNIT_EXPECT_EQ(test, ledger.by_owner[PGUEST_COHERENT], 1);

	/* It is one granule, however often it is entered. */
	set(test, 5, PGUEST_SHARED, PGUEST_COHERENT);
	KUNIT_EXPECT_EQ(test, ledger.now, 1);
	KUNIT_EXPECT_EQ(test, ledger.peak, 1);

	set(test, 5, PGUEST_SHARED, PGUEST_ATOMIC);
	KUNIT_EXPECT_EQ(test, ledger.now, 1);
	KUNIT_EXPECT_EQ(test, ledger.by_owner[PGUEST_COHERENT], 0);
	KUNIT_EXPECT_EQ(test, ledger.by_owner[PGUEST_ATOMIC], 1);

	set(test, 5, PGUEST_PENDING, PGUEST_OTHER);
	KUNIT_EXPECT_EQ(test, ledger.now, 0);
	KUNIT_EXPECT_EQ(test, ledger.by_owner[PGUEST_ATOMIC], 0);

	set(test, 5, PGUEST_LOST, PGUEST_OTHER);
	KUNIT_EXPECT_EQ(test, ledger.now, 0);
	KUNIT_EXPECT_EQ(test, ledger.lost, 1);
	KUNIT_EXPECT_EQ(test, ledger.by_owner[PGUEST_OTHER], 0);

	pguest_ledger_erase(&ledger, 5);
	KUNIT_EXPECT_EQ(test, ledger.lost, 0);
	KUNIT_EXPECT_EQ(test, ledger.now, 0);
	KUNIT_EXPECT_EQ(test, ledger.peak, 1);
}

static void peak_is_the_most_there_was(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 10; i++)
		set(test, i, PGUEST_SHARED, PGUEST_BOUNCE);
	for (i = 0; i < 10; i++)
		pguest_ledger_erase(&ledger, i);
	for (i = 0; i < 3; i++)
		set(test, i, PGUEST_SHARED, PGUEST_BOUNCE);
	KUNIT_EXPECT_EQ(test, ledger.now, 3);
	KUNIT_EXPECT_EQ(test, ledger.peak, 10);
}

/* Count them one by one, after any change. */
static void totals_agree_with_entries(struct kunit *test)
{
	unsigned long shared[PGUEST_NR_OWNERS], now, lost;
	struct pguest_entry entry;
	struct rnd_state rnd;
	unsigned int round, i;

	prandom_seed_state(&rnd, SEED);
	for (round = 0; round < 1000; round++) {
		i = prandom_u32_state(&rnd) % GRANULES;
		if (prandom_u32_state(&rnd) % 4)
			set(test, i, prandom_u32_state(&rnd) % (PGUEST_LOST + 1),
			    prandom_u32_state(&rnd) % PGUEST_NR_OWNERS);
		else
			pguest_ledger_erase(&ledger, i);

		memset(shared, 0, sizeof(shared));
		now = 0;
		lost = 0;
		for (i = 0; i < GRANULES; i++) {
			entry = pguest_ledger_get(&ledger, i);
			now += entry.state == PGUEST_SHARED;
			lost += entry.state == PGUEST_LOST;
			shared[entry.owner] += entry.state == PGUEST_SHARED;
		}
		KUNIT_ASSERT_EQ(test, now, ledger.now);
		KUNIT_ASSERT_EQ(test, lost, ledger.lost);
		KUNIT_ASSERT_GE(test, ledger.peak, now);
		for (i = 0; i < PGUEST_NR_OWNERS; i++)
			KUNIT_ASSERT_EQ(test, shared[i], ledger.by_owner[i]);
	}
}

static void every_owner_has_a_name(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < PGUEST_NR_OWNERS; i++) {
		const char *name = pguest_owner_name(i);

		KUNIT_ASSERT_NOT_NULL(test, name);
		KUNIT_EXPECT_STRNEQ(test, name, "?");
		/* One word, as it is a column in debugfs. */
		KUNIT_EXPECT_NULL(test, strchr(name, ' '));
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, name, pguest_owner_name(j));
	}
	KUNIT_EXPECT_STREQ(test, pguest_owner_name(PGUEST_OTHER), "other");
	KUNIT_EXPECT_STREQ(test, pguest_owner_name(PGUEST_BOUNCE), "bounce-pool");
	KUNIT_EXPECT_STREQ(test, pguest_owner_name(PGUEST_NR_OWNERS), "?");
}

static int ledger_init(struct kunit *test)
{
	pguest_ledger_init(&ledger);
	return 0;
}

static void ledger_exit(struct kunit *test)
{
	xa_destroy(&ledger.granules);
}

static struct kunit_case ledger_cases[] = {
	KUNIT_CASE(entries_come_back_as_they_went_in),
	KUNIT_CASE(caller_outside_the_kernel_is_unknown),
	KUNIT_CASE(granules_do_not_mix),
	KUNIT_CASE(unknown_granule_is_private),
	KUNIT_CASE(erasing_what_is_not_there_changes_nothing),
	KUNIT_CASE(totals_follow_states),
	KUNIT_CASE(peak_is_the_most_there_was),
	KUNIT_CASE(totals_agree_with_entries),
	KUNIT_CASE(every_owner_has_a_name),
	{ }
};

static struct kunit_suite ledger_suite = {
	.name = "pguest_ledger",
	.init = ledger_init,
	.exit = ledger_exit,
	.test_cases = ledger_cases,
};

kunit_test_suite(ledger_suite);
