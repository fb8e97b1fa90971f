// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pieces of a bounce pool: a piece with a mapping stays, and one that goes is private
 * and cleared.
 */
#include <kunit/test.h>
#include <linux/jiffies.h>
#include <linux/sizes.h>
#include <linux/swiotlb.h>

#include "../../kernel/dma/pool.h"

#include "hypervisor.h"

#define PIECE		SZ_256K
#define PIECES		4U
#define GRANULES	(PIECE / SZ_4K)		/* of a piece */
#define SLOTS		(PIECE >> IO_TLB_SHIFT)	/* likewise */
#define AREA		2U			/* pieces */

/* Long ago, and longer than the suite takes */
#define IDLE		(3600 * HZ)

/* The page allocator: which pieces it has, and in which of them a page cannot be moved */
static struct {
	bool has[PIECES];
	bool pinned[PIECES];
	unsigned int wrong;
	unsigned int calls;
} pages;

static struct pguest_pool pool;

static phys_addr_t at(unsigned int piece)
{
	return pool.start + piece * pool.piece;
}

static bool take(phys_addr_t start, phys_addr_t end)
{
	unsigned int piece, first = (start - pool.start) / PIECE;
	unsigned int last = (end - pool.start) / PIECE;

	pages.calls++;
	for (piece = first; piece < last; piece++) {
		pages.wrong += !pages.has[piece];
		if (pages.pinned[piece])
			return false;
	}
	memset(&pages.has[first], false, last - first);
	return true;
}

static void give(phys_addr_t start, phys_addr_t end)
{
	unsigned int piece = (start - pool.start) / PIECE, granule;

	pages.wrong += pages.has[piece] || end - start != PIECE;
	for (granule = piece * GRANULES; granule < (piece + 1) * GRANULES; granule++)
		pages.wrong += hyp.is_open[granule] ||
			       (hyp.dirty[granule] && hyp.history[granule][0]);
	pages.has[piece] = true;
}

static const struct pguest_pool_ops ops = {
	.take	= take,
	.give	= give,
};

static void new_pool(struct kunit *test, bool present, unsigned int keep)
{
	pool.ops = &ops;
	pool.keep = keep;
	memset(&pages, 0, sizeof(pages));
	memset(pages.has, !present, sizeof(pages.has));
	KUNIT_ASSERT_EQ(test, pguest_pool_init(&pool, present), 0);
}

static int pieces_init(struct kunit *test)
{
	hyp_reset(SZ_4K, true);
	memset(&pool, 0, sizeof(pool));
	pool.space = &hyp_space;
	pool.start = HYP_BASE;
	pool.piece = PIECE;
	pool.tries = PIECES - 1;
	pool.slots = PIECES * SLOTS;
	pool.area_slots = AREA * SLOTS;
	return 0;
}

static void pieces_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ_MSG(test, pages.wrong, 0, "memory with an owner, or not private");
	pguest_pool_exit(&pool);
	hyp_exit(test);
}

static unsigned int reach(unsigned int area, unsigned int wanted)
{
	bool short_of;

	return pguest_pool_reach(&pool, area * AREA * SLOTS, wanted, &short_of);
}

static void piece_is_shared_with_its_first_mapping(struct kunit *test)
{
	new_pool(test, true, 0);
	KUNIT_EXPECT_EQ(test, hyp.open, 0);
	KUNIT_EXPECT_EQ(test, pguest_pool_get(&pool, at(1) + SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, pguest_pool_get(&pool, at(2) - 1), 0);
	hyp_expect_open(test, GRANULES, 2 * GRANULES, 1);
	KUNIT_EXPECT_EQ(test, hyp.open, GRANULES);
	KUNIT_EXPECT_EQ(test, hyp.share_calls, 1);
	KUNIT_EXPECT_FALSE(test, pguest_pool_put(&pool, at(1)));
	KUNIT_EXPECT_TRUE(test, pguest_pool_put(&pool, at(1)));
	hyp_expect_open(test, GRANULES, 2 * GRANULES, 1);
	hyp_expect_books(test);
}

static void piece_that_is_absent_has_no_mappings(struct kunit *test)
{
	new_pool(test, false, 0);
	KUNIT_EXPECT_EQ(test, pguest_pool_get(&pool, at(0)), -EAGAIN);
	KUNIT_EXPECT_EQ(test, pguest_pool_present(&pool), 0);
	KUNIT_EXPECT_EQ(test, reach(0, 1), 0);
	KUNIT_EXPECT_EQ(test, hyp_calls(), 0);
}

static void piece_with_a_mapping_stays(struct kunit *test)
{
	new_pool(test, true, 0);
	KUNIT_ASSERT_EQ(test, pguest_pool_get(&pool, at(2)), 0);
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, 0), PIECES - 1);
	hyp_expect_open(test, 2 * GRANULES, 3 * GRANULES, 1);
	KUNIT_EXPECT_FALSE(test, pages.has[2]);
	KUNIT_EXPECT_TRUE(test, pguest_pool_put(&pool, at(2)));
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, 0), 1);
	hyp_expect_nothing(test);
	KUNIT_EXPECT_EQ(test, pguest_pool_present(&pool), 0);
}

static void long_after(void)
{
	for (unsigned int piece = 0; piece < PIECES; piece++)
		pool.emptied[piece] = jiffies - IDLE;
}

/* What a disk needs when memory is short. It becomes private when the disk is idle. */
static void pool_keeps_free_pieces(struct kunit *test)
{
	new_pool(test, true, 2);
	KUNIT_ASSERT_EQ(test, pguest_pool_get(&pool, at(0)), 0);
	pguest_pool_put(&pool, at(0));
	KUNIT_EXPECT_EQ(test, pguest_pool_spare(&pool), PIECES - 2);
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, 0), PIECES - 2);
	KUNIT_EXPECT_EQ(test, pguest_pool_spare(&pool), 0);
	KUNIT_EXPECT_EQ(test, pguest_pool_present(&pool), 2 * PIECE);
	KUNIT_EXPECT_FALSE(test, pages.has[0] || pages.has[1]);
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 0);
	long_after();
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, IDLE), 0);
	hyp_expect_nothing(test);
	/* A mapping takes one of the two, and the pool does not shrink further. */
	KUNIT_ASSERT_EQ(test, pguest_pool_get(&pool, at(0)), 0);
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, 0), 0);
}

/* The first piece, whatever else is short. It becomes private when disks are idle. */
static void piece_of_disks_stays(struct kunit *test)
{
	pool.disk = 1;
	new_pool(test, false, 0);
	KUNIT_ASSERT_TRUE(test, pguest_pool_reserve(&pool, 2 * PIECE));
	KUNIT_EXPECT_EQ(test, pguest_pool_present(&pool), 3 * PIECE);
	KUNIT_EXPECT_FALSE(test, pages.has[0]);
	KUNIT_EXPECT_EQ(test, pool.disk_slots, SLOTS);
	KUNIT_ASSERT_EQ(test, pguest_pool_get(&pool, at(0)), 0);
	pguest_pool_put(&pool, at(0));
	KUNIT_EXPECT_EQ(test, pguest_pool_spare(&pool), 2);
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, 0), 2);
	long_after();
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, IDLE), 0);
	KUNIT_EXPECT_EQ(test, pguest_pool_present(&pool), PIECE);
	KUNIT_EXPECT_FALSE(test, pguest_pool_can_shrink(&pool));
	hyp_expect_nothing(test);
}

/* A small pool and its first area have most of what they have for others. */
static void disks_have_few_pieces_of_a_small_pool(struct kunit *test)
{
	static const struct {
		unsigned int pieces, area, want;
	} cases[] = {
		{ 3, 3, 0 }, { 4, 4, 1 }, { 8, 8, 2 }, { 16, 16, 2 }, { 24, 24, 3 },
		{ 32, 32, 4 }, { 512, 512, 4 }, { 32, 8, 4 }, { 32, 4, 2 }, { 32, 1, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		pool.disk = 4;
		pool.slots = cases[i].pieces * SLOTS;
		pool.area_slots = cases[i].area * SLOTS;
		KUNIT_ASSERT_EQ(test, pguest_pool_init(&pool, false), 0);
		KUNIT_EXPECT_EQ_MSG(test, pool.disk, cases[i].want, "%u of %u pieces",
				    cases[i].area, cases[i].pieces);
		KUNIT_EXPECT_EQ(test, pool.disk_slots, cases[i].want * SLOTS);
		pguest_pool_exit(&pool);
	}
}

/* One whose host completes nothing leaves half to the next. */
static void disk_has_half_of_the_pieces_of_disks(struct kunit *test)
{
	const struct device *one = (void *)&pool, *other = (void *)&pages;

	pool.disk = 4;
	pool.slots = 16 * SLOTS;
	pool.area_slots = 16 * SLOTS;
	pool.keep = 0;
	pool.ops = NULL;
	KUNIT_ASSERT_EQ(test, pguest_pool_init(&pool, true), 0);
	KUNIT_ASSERT_EQ(test, pool.disk, 2);
	KUNIT_EXPECT_EQ(test, pguest_pool_disk_share(&pool), PIECE);
	KUNIT_EXPECT_TRUE(test, pguest_pool_may_have(&pool, 1, one));
	KUNIT_ASSERT_EQ(test, pguest_pool_get(&pool, at(0)), 0);
	KUNIT_EXPECT_TRUE(test, pguest_pool_may_have(&pool, SLOTS - 1, one));
	KUNIT_EXPECT_FALSE(test, pguest_pool_may_have(&pool, SLOTS, one));
	KUNIT_EXPECT_FALSE(test, pguest_pool_may_have(&pool, SLOTS - 1, other));
	KUNIT_EXPECT_TRUE(test, pguest_pool_may_have(&pool, SLOTS, other));
	/* What is free again belongs to whoever comes first. */
	pguest_pool_put(&pool, at(0));
	KUNIT_EXPECT_TRUE(test, pguest_pool_may_have(&pool, 0, other));
	KUNIT_ASSERT_EQ(test, pguest_pool_get(&pool, at(0)), 0);
	KUNIT_EXPECT_FALSE(test, pguest_pool_may_have(&pool, 0, one));
	pguest_pool_put(&pool, at(0));
	pguest_pool_shrink(&pool, UINT_MAX, 0);
}

/* What others have does not count the piece of disks. */
static void area_grows_beside_the_piece_of_disks(struct kunit *test)
{
	bool short_of;

	pool.disk = 1;
	new_pool(test, false, 0);
	KUNIT_ASSERT_TRUE(test, pguest_pool_reserve(&pool, 0));
	KUNIT_EXPECT_EQ(test, pguest_pool_reach(&pool, SLOTS, 1, &short_of), 0);
	KUNIT_EXPECT_TRUE(test, short_of);
	KUNIT_EXPECT_TRUE(test, pguest_pool_grow(&pool));
	KUNIT_EXPECT_EQ(test, pguest_pool_reach(&pool, SLOTS, 1, &short_of), SLOTS);
	KUNIT_EXPECT_FALSE(test, short_of);
	/* It has all that it can have. */
	pguest_pool_reach(&pool, SLOTS, SLOTS, &short_of);
	KUNIT_EXPECT_FALSE(test, short_of);
}

static void no_more_is_given_than_asked_for(struct kunit *test)
{
	new_pool(test, true, 0);
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, 1, 0), 1);
	KUNIT_EXPECT_TRUE(test, pages.has[PIECES - 1]);
	KUNIT_EXPECT_EQ(test, reach(1, 0), SLOTS);
	KUNIT_EXPECT_EQ(test, reach(0, 0), AREA * SLOTS);
}

static void piece_that_was_used_of_late_stays(struct kunit *test)
{
	new_pool(test, true, 0);
	KUNIT_ASSERT_EQ(test, pguest_pool_get(&pool, at(3)), 0);
	pguest_pool_put(&pool, at(3));
	for (unsigned int piece = 0; piece < 3; piece++)
		pool.emptied[piece] = jiffies - IDLE;
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, IDLE), 3);
	KUNIT_EXPECT_FALSE(test, pages.has[3]);
	KUNIT_EXPECT_TRUE(test, pguest_pool_can_shrink(&pool));
	pool.emptied[3] = jiffies - IDLE;
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, IDLE), 1);
	KUNIT_EXPECT_FALSE(test, pguest_pool_can_shrink(&pool));
	hyp_expect_nothing(test);
}

/* An area that was nearly full at one time keeps its pieces until the next look. */
static void area_that_was_full_of_late_stays(struct kunit *test)
{
	new_pool(test, true, 0);
	reach(1, AREA * SLOTS);
	long_after();
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, IDLE), AREA);
	KUNIT_EXPECT_FALSE(test, pages.has[2] || pages.has[3]);
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, IDLE), AREA);
}

static void area_grows_before_it_is_full(struct kunit *test)
{
	bool short_of;

	new_pool(test, false, 0);
	KUNIT_EXPECT_EQ(test, pguest_pool_reach(&pool, 0, 1, &short_of), 0);
	KUNIT_EXPECT_TRUE(test, short_of);
	KUNIT_EXPECT_TRUE(test, pguest_pool_grow(&pool));
	KUNIT_EXPECT_EQ(test, pguest_pool_reach(&pool, 0, SLOTS / 4, &short_of), SLOTS);
	KUNIT_EXPECT_FALSE(test, short_of);
	KUNIT_EXPECT_TRUE(test, pguest_pool_grow(&pool));
	KUNIT_EXPECT_EQ(test, pguest_pool_present(&pool), PIECE);
	pguest_pool_reach(&pool, 0, SLOTS - 1, &short_of);
	KUNIT_EXPECT_TRUE(test, short_of);
	KUNIT_EXPECT_TRUE(test, pguest_pool_grow(&pool));
	KUNIT_EXPECT_EQ(test, pguest_pool_reach(&pool, 0, AREA * SLOTS, &short_of), AREA * SLOTS);
	/* All of it is there. */
	KUNIT_EXPECT_FALSE(test, short_of);
	KUNIT_EXPECT_TRUE(test, pages.has[2] && pages.has[3]);
	KUNIT_EXPECT_EQ(test, hyp_calls(), 0);
}

/* Otherwise each mapping would start the worker, which finds nothing to do. */
static void area_that_has_grown_is_not_short(struct kunit *test)
{
	unsigned int used;
	bool short_of;

	for (used = 1; used <= AREA * SLOTS; used++) {
		new_pool(test, false, 0);
		pguest_pool_reach(&pool, 0, used, &short_of);
		KUNIT_EXPECT_TRUE(test, short_of);
		KUNIT_EXPECT_TRUE(test, pguest_pool_grow(&pool));
		pguest_pool_reach(&pool, 0, used, &short_of);
		KUNIT_EXPECT_FALSE_MSG(test, short_of, "with %u slots in use", used);
		pguest_pool_exit(&pool);
	}
}

/* A mapping with as many slots in use as an earlier one looks no further, but for changes. */
static void area_that_changed_is_looked_at_again(struct kunit *test)
{
	new_pool(test, true, 0);
	reach(1, 20);
	reach(1, 10);
	KUNIT_EXPECT_EQ(test, pool.areas[1].calm, 20);
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, 1, 0), 1);
	KUNIT_EXPECT_EQ(test, pool.areas[1].calm, 0);
	/* More than the piece that is left should have in use, and less */
	reach(1, 60);
	KUNIT_EXPECT_EQ(test, pool.areas[1].calm, 0);
	reach(1, 20);
	KUNIT_EXPECT_EQ(test, pool.areas[1].calm, 48);
	long_after();
	pguest_pool_shrink(&pool, 0, IDLE);
	KUNIT_EXPECT_EQ(test, pool.areas[1].calm, 0);
}

static void memory_in_use_is_passed_over(struct kunit *test)
{
	new_pool(test, false, 0);
	pages.pinned[1] = true;
	KUNIT_EXPECT_FALSE(test, pguest_pool_reserve(&pool, PIECES * PIECE));
	KUNIT_EXPECT_EQ(test, pguest_pool_present(&pool), (PIECES - 1) * PIECE);
	KUNIT_EXPECT_TRUE(test, pages.has[1]);
	KUNIT_EXPECT_EQ(test, pguest_pool_get(&pool, at(1)), -EAGAIN);
	KUNIT_EXPECT_EQ(test, pguest_pool_get(&pool, at(2)), 0);
	/* All four at once, and then one by one */
	KUNIT_EXPECT_EQ(test, pages.calls, 1 + PIECES);
	KUNIT_EXPECT_EQ(test, reach(0, 0), SLOTS);
	KUNIT_EXPECT_EQ(test, reach(1, 0), AREA * SLOTS);
}

/* Those in use at the beginning keep no caller from the rest for long. */
static void search_goes_on_behind_memory_in_use(struct kunit *test)
{
	new_pool(test, false, 0);
	memset(pages.pinned, true, PIECES - 1);
	KUNIT_EXPECT_FALSE(test, pguest_pool_reserve(&pool, PIECE));
	KUNIT_EXPECT_EQ(test, pages.calls, PIECES - 1);
	KUNIT_EXPECT_TRUE(test, pguest_pool_reserve(&pool, PIECE));
	KUNIT_EXPECT_EQ(test, pages.calls, PIECES);
	KUNIT_EXPECT_FALSE(test, pages.has[PIECES - 1]);
	/* From the beginning again */
	pages.pinned[0] = false;
	KUNIT_EXPECT_TRUE(test, pguest_pool_reserve(&pool, 2 * PIECE));
	KUNIT_EXPECT_FALSE(test, pages.has[0]);
}

static void refused_piece_is_not_asked_for_again(struct kunit *test)
{
	new_pool(test, true, 0);
	hyp.share = (struct hyp_script) { .at = 1, .err = -EPERM };
	KUNIT_EXPECT_EQ(test, pguest_pool_get(&pool, at(0)), -EPERM);
	KUNIT_EXPECT_EQ(test, pguest_pool_get(&pool, at(0)), -EAGAIN);
	KUNIT_EXPECT_EQ(test, hyp.share_calls, 1);
	KUNIT_EXPECT_TRUE(test, pguest_pool_serves(&pool));
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, 0), PIECES - 1);
	KUNIT_EXPECT_FALSE(test, pages.has[0]);
	/* There is no other left. */
	KUNIT_EXPECT_FALSE(test, pguest_pool_serves(&pool));
	hyp_expect_safe(test);
}

/* Its state is not known: neither a mapping nor the page allocator gets it. */
static void lost_piece_is_never_used_again(struct kunit *test)
{
	new_pool(test, true, 0);
	KUNIT_ASSERT_EQ(test, pguest_pool_get(&pool, at(1)), 0);
	pguest_pool_put(&pool, at(1));
	hyp.unshare = (struct hyp_script) { .at = 1, .does = 1, .answer = HYP_FAR };
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, 0), PIECES - 1);
	KUNIT_EXPECT_FALSE(test, pages.has[1]);
	KUNIT_EXPECT_EQ(test, pguest_pool_get(&pool, at(1)), -EAGAIN);
	KUNIT_EXPECT_EQ(test, pguest_pool_present(&pool), PIECE);
	hyp_expect_safe(test);
}

/* A hypervisor that takes nothing back would leave the pool without a piece in the end. */
static void one_piece_is_lost_and_no_more(struct kunit *test)
{
	unsigned int piece;

	new_pool(test, true, 0);
	for (piece = 0; piece < PIECES - 1; piece++) {
		KUNIT_ASSERT_EQ(test, pguest_pool_get(&pool, at(piece)), 0);
		pguest_pool_put(&pool, at(piece));
	}
	hyp.unshare = (struct hyp_script) { .at = 1, .does = 1, .answer = HYP_FAR };
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, 0), 1);
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 1);
	KUNIT_EXPECT_EQ(test, pguest_pool_get(&pool, at(PIECES - 2)), -EAGAIN);
	KUNIT_EXPECT_EQ(test, pguest_pool_get(&pool, at(0)), 0);
	pguest_pool_put(&pool, at(0));
	/* There is nothing that a worker should look for. */
	KUNIT_EXPECT_FALSE(test, pguest_pool_can_shrink(&pool));
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, 0), 0);
	KUNIT_EXPECT_EQ(test, pguest_pool_present(&pool), (PIECES - 1) * PIECE);
	hyp_expect_safe(test);
}

static void pool_without_an_allocator_only_becomes_private(struct kunit *test)
{
	new_pool(test, true, 0);
	pool.ops = NULL;
	KUNIT_ASSERT_EQ(test, pguest_pool_get(&pool, at(0)), 0);
	pguest_pool_put(&pool, at(0));
	KUNIT_EXPECT_TRUE(test, pguest_pool_can_shrink(&pool));
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, 0), 0);
	KUNIT_EXPECT_FALSE(test, pguest_pool_can_shrink(&pool));
	KUNIT_EXPECT_EQ(test, pguest_pool_present(&pool), PIECES * PIECE);
	hyp_expect_nothing(test);
}

/* With granules of 2 MiB several areas have their slots in one piece. */
static void piece_can_be_larger_than_an_area(struct kunit *test)
{
	pool.area_slots = SLOTS / 2;
	new_pool(test, false, 0);
	KUNIT_EXPECT_TRUE(test, pguest_pool_reserve(&pool, PIECE));
	for (unsigned int area = 0; area < 2 * PIECES; area++) {
		bool short_of;

		KUNIT_EXPECT_EQ(test, pguest_pool_reach(&pool, area * SLOTS / 2, 1, &short_of),
				area < 2 ? SLOTS / 2 : 0);
		KUNIT_EXPECT_EQ(test, short_of, area >= 2);
	}
	KUNIT_EXPECT_TRUE(test, pguest_pool_grow(&pool));
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, 0), PIECES);
}

static void realm_piece_is_mapped_as_private_again(struct kunit *test)
{
	hyp_reset_realm();
	new_pool(test, false, 0);
	KUNIT_ASSERT_TRUE(test, pguest_pool_reserve(&pool, PIECE));
	KUNIT_ASSERT_EQ(test, pguest_pool_get(&pool, at(0)), 0);
	pguest_pool_put(&pool, at(0));
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, 0), 1);
	KUNIT_EXPECT_STREQ(test, hyp.history[0], "cnshcnupc");
	hyp_expect_nothing(test);
}

static void thousand_rounds_end_where_they_began(struct kunit *test)
{
	unsigned int round, piece;

	new_pool(test, false, 1);
	for (round = 0; round < 1000; round++) {
		pguest_pool_reserve(&pool, (round % PIECES) * PIECE);
		for (piece = 0; piece < PIECES; piece++) {
			if (!pguest_pool_get(&pool, at(piece)))
				pguest_pool_put(&pool, at(piece));
		}
		pguest_pool_shrink(&pool, UINT_MAX, 0);
		KUNIT_ASSERT_EQ(test, pguest_pool_present(&pool), PIECE);
	}
	long_after();
	KUNIT_EXPECT_EQ(test, pguest_pool_shrink(&pool, UINT_MAX, IDLE), 0);
	hyp_expect_nothing(test);
}

static struct kunit_case pieces_cases[] = {
	KUNIT_CASE(piece_is_shared_with_its_first_mapping),
	KUNIT_CASE(piece_that_is_absent_has_no_mappings),
	KUNIT_CASE(piece_with_a_mapping_stays),
	KUNIT_CASE(pool_keeps_free_pieces),
	KUNIT_CASE(piece_of_disks_stays),
	KUNIT_CASE(disks_have_few_pieces_of_a_small_pool),
	KUNIT_CASE(disk_has_half_of_the_pieces_of_disks),
	KUNIT_CASE(area_grows_beside_the_piece_of_disks),
	KUNIT_CASE(no_more_is_given_than_asked_for),
	KUNIT_CASE(piece_that_was_used_of_late_stays),
	KUNIT_CASE(area_that_was_full_of_late_stays),
	KUNIT_CASE(area_grows_before_it_is_full),
	KUNIT_CASE(area_that_has_grown_is_not_short),
	KUNIT_CASE(area_that_changed_is_looked_at_again),
	KUNIT_CASE(memory_in_use_is_passed_over),
	KUNIT_CASE(search_goes_on_behind_memory_in_use),
	KUNIT_CASE(refused_piece_is_not_asked_for_again),
	KUNIT_CASE(lost_piece_is_never_used_again),
	KUNIT_CASE(one_piece_is_lost_and_no_more),
	KUNIT_CASE(pool_without_an_allocator_only_becomes_private),
	KUNIT_CASE(piece_can_be_larger_than_an_area),
	KUNIT_CASE(realm_piece_is_mapped_as_private_again),
	KUNIT_CASE(thousand_rounds_end_where_they_began),
	{ }
};

static struct kunit_suite pieces_suite = {
	.name = "pguest_pieces",
	.init = pieces_init,
	.exit = pieces_exit,
	.test_cases = pieces_cases,
};

kunit_test_suite(pieces_suite);
