// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ledger: entries are returned as they were entered, totals are the sums of entries,
 * and an operation on a range does the same as one on each granule.
 */
#include <kunit/test.h>
#include <linux/pguest_dma.h>
#include <linux/prandom.h>
#include <linux/sched.h>

#include <asm/pguest.h>
#include <asm/sections.h>

#define GRANULE	SZ_4K
#define GRANULES	100
#define PAPER		300U
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

static phys_addr_t addr_of(unsigned long granule)
{
	return (phys_addr_t)granule * GRANULE;
}

static int set_one(unsigned long granule, const struct pguest_entry *entry)
{
	return pguest_ledger_set(&ledger, addr_of(granule), addr_of(granule + 1), entry);
}

static void erase_one(unsigned long granule)
{
	pguest_ledger_erase(&ledger, addr_of(granule), addr_of(granule + 1));
}

static struct pguest_entry get_one(unsigned long granule)
{
	return pguest_ledger_get(&ledger, addr_of(granule));
}

static void set_state(struct kunit *test, unsigned long granule, enum pguest_state state,
		      enum pguest_owner owner)
{
	const struct pguest_entry entry = { .state = state, .owner = owner, .refs = 1 };

	KUNIT_EXPECT_EQ(test, 0, set_one(granule, &entry));
}

static void expect_same(struct kunit *test, unsigned long granule,
			const struct pguest_entry *want)
{
	struct pguest_entry got = get_one(granule);

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
		KUNIT_EXPECT_EQ(test, 0, set_one(7, entry));
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

/* A module can lie below the kernel: the ledger returns 0 and no wrong address. */
static void caller_outside_the_kernel_is_unknown(struct kunit *test)
{
	struct pguest_entry entry = {
		.state = PGUEST_SHARED, .owner = PGUEST_ITS, .refs = 3,
	};

	KUNIT_EXPECT_EQ(test, 0, set_one(7, &entry));
	expect_same(test, 7, &entry);

	entry.caller = (unsigned long)_text - 4;
	KUNIT_EXPECT_EQ(test, 0, set_one(7, &entry));
	entry.caller = 0;
	expect_same(test, 7, &entry);
}

static void granules_do_not_mix(struct kunit *test)
{
	struct pguest_entry entry = { .state = PGUEST_SHARED };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(some_granules); i++) {
		entry.refs = i + 1;
		KUNIT_EXPECT_EQ(test, 0, set_one(some_granules[i], &entry));
	}
	for (i = 0; i < ARRAY_SIZE(some_granules); i++) {
		entry.refs = i + 1;
		expect_same(test, some_granules[i], &entry);
	}
	KUNIT_EXPECT_EQ(test, (int)get_one(2).state, (int)PGUEST_PRIVATE);
	KUNIT_EXPECT_EQ(test, ledger.now, ARRAY_SIZE(some_granules));
}

static void unknown_granule_is_private(struct kunit *test)
{
	const struct pguest_entry nothing = { };

	expect_same(test, 0, &nothing);
	expect_same(test, 12345, &nothing);
	set_state(test, 12345, PGUEST_SHARED, PGUEST_BOUNCE);
	erase_one(12345);
	expect_same(test, 12345, &nothing);
	KUNIT_EXPECT_TRUE(test, xa_empty(&ledger.granules));
}

static void erasing_what_is_not_there_changes_nothing(struct kunit *test)
{
	set_state(test, 5, PGUEST_SHARED, PGUEST_BOUNCE);
	erase_one(6);
	KUNIT_EXPECT_EQ(test, ledger.now, 1);
	KUNIT_EXPECT_EQ(test, ledger.by_owner[PGUEST_BOUNCE], 1);
	KUNIT_EXPECT_EQ(test, ledger.by_owner[PGUEST_OTHER], 0);
}

static void totals_follow_states(struct kunit *test)
{
	set_state(test, 5, PGUEST_PENDING, PGUEST_OTHER);
	KUNIT_EXPECT_EQ(test, ledger.now, 0);

	set_state(test, 5, PGUEST_SHARED, PGUEST_COHERENT);
	KUNIT_EXPECT_EQ(test, ledger.now, 1);
	KUNIT_EXPECT_EQ(test, ledger.by_owner[PGUEST_COHERENT], 1);

	/* Entering a granule again does not count it twice. */
	set_state(test, 5, PGUEST_SHARED, PGUEST_COHERENT);
	KUNIT_EXPECT_EQ(test, ledger.now, 1);
	KUNIT_EXPECT_EQ(test, ledger.peak, 1);

	set_state(test, 5, PGUEST_SHARED, PGUEST_ATOMIC);
	KUNIT_EXPECT_EQ(test, ledger.now, 1);
	KUNIT_EXPECT_EQ(test, ledger.by_owner[PGUEST_COHERENT], 0);
	KUNIT_EXPECT_EQ(test, ledger.by_owner[PGUEST_ATOMIC], 1);

	set_state(test, 5, PGUEST_PENDING, PGUEST_OTHER);
	KUNIT_EXPECT_EQ(test, ledger.now, 0);
	KUNIT_EXPECT_EQ(test, ledger.by_owner[PGUEST_ATOMIC], 0);

	set_state(test, 5, PGUEST_LOST, PGUEST_OTHER);
	KUNIT_EXPECT_EQ(test, ledger.now, 0);
	KUNIT_EXPECT_EQ(test, ledger.lost, 1);
	KUNIT_EXPECT_EQ(test, ledger.by_owner[PGUEST_OTHER], 0);

	erase_one(5);
	KUNIT_EXPECT_EQ(test, ledger.lost, 0);
	KUNIT_EXPECT_EQ(test, ledger.now, 0);
	KUNIT_EXPECT_EQ(test, ledger.peak, 1);
}

static void peak_is_the_most_there_was(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 10; i++)
		set_state(test, i, PGUEST_SHARED, PGUEST_BOUNCE);
	for (i = 0; i < 10; i++)
		erase_one(i);
	for (i = 0; i < 3; i++)
		set_state(test, i, PGUEST_SHARED, PGUEST_BOUNCE);
	KUNIT_EXPECT_EQ(test, ledger.now, 3);
	KUNIT_EXPECT_EQ(test, ledger.peak, 10);
}

/* Counts all entries after each change. */
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
			set_state(test, i, prandom_u32_state(&rnd) % (PGUEST_LOST + 1),
				  prandom_u32_state(&rnd) % PGUEST_NR_OWNERS);
		else
			erase_one(i);

		memset(shared, 0, sizeof(shared));
		now = 0;
		lost = 0;
		for (i = 0; i < GRANULES; i++) {
			entry = get_one(i);
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

static void reserve_counts_owners_and_enters_the_rest(struct kunit *test)
{
	set_state(test, 62, PGUEST_SHARED, PGUEST_ITS);
	set_state(test, 65, PGUEST_SHARED, PGUEST_ITS);
	KUNIT_EXPECT_EQ(test, 2, pguest_ledger_reserve(&ledger, addr_of(60), addr_of(67)));
	KUNIT_EXPECT_EQ(test, get_one(62).refs, 2);
	KUNIT_EXPECT_EQ(test, get_one(65).refs, 2);
	KUNIT_EXPECT_EQ(test, (int)get_one(60).state, (int)PGUEST_PENDING);
	KUNIT_EXPECT_EQ(test, (int)get_one(64).state, (int)PGUEST_PENDING);
	KUNIT_EXPECT_EQ(test, (int)get_one(59).state, (int)PGUEST_PRIVATE);
	KUNIT_EXPECT_EQ(test, (int)get_one(67).state, (int)PGUEST_PRIVATE);
	KUNIT_EXPECT_EQ(test, ledger.now, 2);
}

/* The last granule of the range is the reason, so the walk has changed all others. */
static void reserve_that_is_refused_changes_nothing(struct kunit *test)
{
	struct pguest_entry full = { .state = PGUEST_SHARED, .refs = U16_MAX };

	set_state(test, 3, PGUEST_SHARED, PGUEST_ITS);
	set_state(test, 70, PGUEST_LOST, PGUEST_OTHER);
	KUNIT_EXPECT_EQ(test, -EIO, pguest_ledger_reserve(&ledger, 0, addr_of(71)));
	KUNIT_EXPECT_EQ(test, get_one(3).refs, 1);
	KUNIT_EXPECT_FALSE(test, pguest_ledger_any(&ledger, 0, addr_of(3)));
	KUNIT_EXPECT_FALSE(test, pguest_ledger_any(&ledger, addr_of(4), addr_of(70)));

	KUNIT_EXPECT_EQ(test, 0, set_one(70, &full));
	KUNIT_EXPECT_EQ(test, -EOVERFLOW, pguest_ledger_reserve(&ledger, 0, addr_of(71)));
	KUNIT_EXPECT_EQ(test, get_one(3).refs, 1);
	KUNIT_EXPECT_EQ(test, get_one(70).refs, U16_MAX);
	KUNIT_EXPECT_FALSE(test, pguest_ledger_any(&ledger, addr_of(4), addr_of(70)));
}

/* More granules than two nodes of the XArray have, from the end of another node on */
#define FAILS_FIRST	60
#define FAILS_END	200

#ifdef CONFIG_FAILSLAB
/* Let the @nth slab allocation of this thread fail from now on. */
static void fail_allocation(unsigned int nth)
{
	WRITE_ONCE(current->fail_nth, nth);
}

/* Did an allocation fail? None fails from now on. */
static bool allocation_failed(void)
{
	bool failed = !READ_ONCE(current->fail_nth);

	WRITE_ONCE(current->fail_nth, 0);
	return failed;
}
#else
static void fail_allocation(unsigned int nth)
{
}

static bool allocation_failed(void)
{
	return false;
}
#endif

static void expect_range(struct kunit *test, const struct pguest_entry *want)
{
	const struct pguest_entry nothing = { };
	unsigned int i;

	for (i = FAILS_FIRST - 1; i <= FAILS_END; i++)
		expect_same(test, i, i >= FAILS_FIRST && i < FAILS_END ? want : &nothing);
}

static int reserve_range(const struct pguest_entry *entry)
{
	return pguest_ledger_reserve(&ledger, addr_of(FAILS_FIRST), addr_of(FAILS_END));
}

static int set_range(const struct pguest_entry *entry)
{
	return pguest_ledger_set(&ledger, addr_of(FAILS_FIRST), addr_of(FAILS_END), entry);
}

/*
 * Each allocation of a node on the walk fails in turn, with the lock of the XArray held.
 * The walk then allocates the node without the lock, and goes on at the same granule.
 */
static unsigned int fail_each_allocation(struct kunit *test, const struct pguest_entry *entry,
					 int (*operation)(const struct pguest_entry *entry))
{
	unsigned int nth = 0;
	bool failed;
	int err;

	do {
		xa_destroy(&ledger.granules);
		pguest_ledger_init(&ledger, GRANULE);
		fail_allocation(++nth);
		err = operation(entry);
		failed = allocation_failed();
		KUNIT_EXPECT_EQ_MSG(test, err, 0, "allocation %u", nth);
		KUNIT_EXPECT_EQ_MSG(test, ledger.walks, 1UL + failed, "allocation %u", nth);
		expect_range(test, entry);
		pguest_ledger_erase(&ledger, addr_of(FAILS_FIRST), addr_of(FAILS_END));
		KUNIT_EXPECT_TRUE(test, xa_empty(&ledger.granules));
	} while (failed);
	return nth - 1;
}

static void walk_goes_on_after_a_failed_allocation(struct kunit *test)
{
	const struct pguest_entry pending = { .state = PGUEST_PENDING };
	const struct pguest_entry shared = {
		.state = PGUEST_SHARED, .owner = PGUEST_ITS, .refs = 1,
	};

	if (!IS_ENABLED(CONFIG_FAILSLAB))
		kunit_skip(test, "no fault injection");
	/* Four leaves, and a root that is allocated when the second of them is */
	KUNIT_EXPECT_GE(test, fail_each_allocation(test, &pending, reserve_range), 4);
	KUNIT_EXPECT_GE(test, fail_each_allocation(test, &shared, set_range), 4);
}

static void put_says_what_was_not_shared(struct kunit *test)
{
	set_state(test, 5, PGUEST_SHARED, PGUEST_ITS);
	KUNIT_EXPECT_EQ(test, -EINVAL, pguest_ledger_put(&ledger, addr_of(4), addr_of(7)));
	KUNIT_EXPECT_EQ(test, (int)get_one(5).state, (int)PGUEST_PENDING);
	KUNIT_EXPECT_EQ(test, ledger.now, 0);

	set_state(test, 4, PGUEST_LOST, PGUEST_OTHER);
	set_state(test, 5, PGUEST_SHARED, PGUEST_ITS);
	KUNIT_EXPECT_EQ(test, -EIO, pguest_ledger_put(&ledger, addr_of(4), addr_of(7)));
	KUNIT_EXPECT_EQ(test, (int)get_one(4).state, (int)PGUEST_LOST);
	KUNIT_EXPECT_EQ(test, (int)get_one(5).state, (int)PGUEST_PENDING);
	KUNIT_EXPECT_EQ(test, (int)get_one(6).state, (int)PGUEST_PRIVATE);
}

static void range_is_free_for_its_owner(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, pguest_ledger_free_for(&ledger, 0, addr_of(9), PGUEST_CLOCK));
	set_state(test, 5, PGUEST_SHARED, PGUEST_CLOCK);
	KUNIT_EXPECT_TRUE(test, pguest_ledger_free_for(&ledger, 0, addr_of(9), PGUEST_CLOCK));
	KUNIT_EXPECT_FALSE(test, pguest_ledger_free_for(&ledger, 0, addr_of(9), PGUEST_STEAL));
	KUNIT_EXPECT_FALSE(test, pguest_ledger_free_for(&ledger, 0, addr_of(6), PGUEST_STEAL));
	KUNIT_EXPECT_TRUE(test, pguest_ledger_free_for(&ledger, 0, addr_of(5), PGUEST_STEAL));
	set_state(test, 5, PGUEST_LOST, PGUEST_CLOCK);
	KUNIT_EXPECT_FALSE(test, pguest_ledger_free_for(&ledger, 0, addr_of(9), PGUEST_CLOCK));
}

static unsigned int paper[PAPER];	/* owners of each granule */

/* pguest_ledger_next_run() finds the runs of shared granules that @paper has. */
static void expect_runs(struct kunit *test, unsigned int first, unsigned int end)
{
	phys_addr_t at = addr_of(first), stop = addr_of(end);
	unsigned int i = first, run;

	while (pguest_ledger_next_run(&ledger, PGUEST_SHARED, &at, &stop)) {
		while (i < end && !paper[i])
			i++;
		for (run = i; run < end && paper[run]; run++)
			;
		KUNIT_ASSERT_EQ(test, at, addr_of(i));
		KUNIT_ASSERT_EQ(test, stop, addr_of(run));
		i = run;
		at = stop;
		stop = addr_of(end);
	}
	while (i < end)
		KUNIT_ASSERT_EQ(test, paper[i++], 0);
}

static void put_on_paper(struct kunit *test, unsigned int first, unsigned int end)
{
	bool all = true;
	unsigned int i;

	for (i = first; i < end; i++) {
		all = all && paper[i];
		paper[i] -= !!paper[i];
	}
	KUNIT_ASSERT_EQ(test, all ? 0 : -EINVAL,
			pguest_ledger_put(&ledger, addr_of(first), addr_of(end)));
	pguest_ledger_unreserve(&ledger, addr_of(first), addr_of(end));
}

static void share_on_paper(struct kunit *test, unsigned int first, unsigned int end)
{
	static const struct pguest_entry entry = { .state = PGUEST_SHARED, .refs = 1 };
	phys_addr_t at = addr_of(first), stop = addr_of(end);
	unsigned int i, shared = 0;

	for (i = first; i < end; i++)
		shared += !!paper[i]++;
	KUNIT_ASSERT_EQ(test, shared, pguest_ledger_reserve(&ledger, at, stop));
	while (pguest_ledger_next_run(&ledger, PGUEST_PENDING, &at, &stop)) {
		KUNIT_ASSERT_EQ(test, 0, pguest_ledger_set(&ledger, at, stop, &entry));
		at = stop;
		stop = addr_of(end);
	}
}

/* Ranges over several nodes of the XArray, which are allocated and freed by the walks. */
static void ranges_agree_with_paper(struct kunit *test)
{
	unsigned int round, first, end, i, now;
	struct rnd_state rnd;

	memset(paper, 0, sizeof(paper));
	prandom_seed_state(&rnd, SEED + 1);
	for (round = 0; round < 2000; round++) {
		first = prandom_u32_state(&rnd) % (PAPER - 1);
		end = min(PAPER, first + 1 + prandom_u32_state(&rnd) % 200);
		switch (prandom_u32_state(&rnd) % 5) {
		case 0:
		case 1:
			share_on_paper(test, first, end);
			break;
		case 2:
		case 3:
			put_on_paper(test, first, end);
			break;
		default:
			memset(&paper[first], 0, (end - first) * sizeof(paper[0]));
			pguest_ledger_erase(&ledger, addr_of(first), addr_of(end));
		}
		for (i = 0, now = 0; i < PAPER; i++) {
			KUNIT_ASSERT_EQ(test, paper[i], get_one(i).refs);
			now += !!paper[i];
		}
		KUNIT_ASSERT_EQ(test, now, ledger.now);
		expect_runs(test, first, end);
		expect_runs(test, 0, PAPER);
	}
	pguest_ledger_erase(&ledger, 0, addr_of(PAPER));
	KUNIT_EXPECT_TRUE(test, xa_empty(&ledger.granules));
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

static void expect_direct(struct kunit *test, const u16 *direct, unsigned int count)
{
	unsigned int bucket;

	for (bucket = 0; bucket < PGUEST_DIRECT; bucket++)
		KUNIT_ASSERT_EQ(test, direct[bucket], bucket == 7 ? count : 0);
}

/* Granules whose numbers have the same low bits are counted together. */
static void memory_of_drivers_is_counted(struct kunit *test)
{
	static const bool direct[PGUEST_NR_OWNERS] = {
		[PGUEST_OTHER] = true, [PGUEST_COHERENT] = true, [PGUEST_ATOMIC] = true,
	};
	unsigned long far = 7 + PGUEST_DIRECT;
	unsigned int owner;

	ledger.direct = kunit_kcalloc(test, PGUEST_DIRECT, sizeof(u16), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ledger.direct);
	for (owner = 0; owner < PGUEST_NR_OWNERS; owner++) {
		set_state(test, 7, PGUEST_PENDING, owner);
		expect_direct(test, ledger.direct, 0);
		set_state(test, 7, PGUEST_SHARED, owner);
		set_state(test, far, PGUEST_SHARED, owner);
		set_state(test, far, PGUEST_SHARED, owner);
		expect_direct(test, ledger.direct, direct[owner] ? 2 : 0);
		/* A second owner, who goes first */
		KUNIT_EXPECT_EQ(test, 1, pguest_ledger_reserve(&ledger, addr_of(7), addr_of(8)));
		KUNIT_EXPECT_EQ(test, 0, pguest_ledger_put(&ledger, addr_of(7), addr_of(8)));
		expect_direct(test, ledger.direct, direct[owner] ? 2 : 0);
		KUNIT_EXPECT_EQ(test, 0, pguest_ledger_put(&ledger, addr_of(7), addr_of(8)));
		expect_direct(test, ledger.direct, direct[owner] ? 1 : 0);
		set_state(test, far, PGUEST_LOST, owner);
		expect_direct(test, ledger.direct, 0);
		set_state(test, 7, PGUEST_SHARED, owner);
		erase_one(7);
		expect_direct(test, ledger.direct, 0);
	}
}

static int ledger_init(struct kunit *test)
{
	pguest_ledger_init(&ledger, GRANULE);
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
	KUNIT_CASE(reserve_counts_owners_and_enters_the_rest),
	KUNIT_CASE(reserve_that_is_refused_changes_nothing),
	KUNIT_CASE(walk_goes_on_after_a_failed_allocation),
	KUNIT_CASE(put_says_what_was_not_shared),
	KUNIT_CASE(range_is_free_for_its_owner),
	KUNIT_CASE(ranges_agree_with_paper),
	KUNIT_CASE(every_owner_has_a_name),
	KUNIT_CASE(memory_of_drivers_is_counted),
	{ }
};

static struct kunit_suite ledger_suite = {
	.name = "pguest_ledger",
	.init = ledger_init,
	.exit = ledger_exit,
	.test_cases = ledger_cases,
};

kunit_test_suite(ledger_suite);
