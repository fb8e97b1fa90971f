// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypervisor of the suites, and what must be true whatever it answers.
 *
 * It is called with the lock of the space held, so it counts what it finds
 * wrong, and the hyp_expect_ functions check the counters.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "hypervisor.h"

struct hyp hyp;
struct pguest_space hyp_space;

static void hyp_note(unsigned int granule, char what)
{
	char *history = hyp.history[granule];
	size_t len = strlen(history);

	if (len < HYP_HISTORY - 1)
		history[len] = what;
}

static bool hyp_owns(phys_addr_t start, phys_addr_t end)
{
	return start < end && start >= HYP_BASE && end <= hyp_addr(HYP_GRANULES) &&
	       IS_ALIGNED(start | end, hyp.backend.granule);
}

static unsigned int hyp_number(phys_addr_t addr)
{
	return (addr - HYP_BASE) / hyp.backend.granule;
}

/* One granule. It is refused if it is in that state already. */
static bool hyp_set_open(unsigned int granule, bool open)
{
	if (hyp.is_open[granule] == open)
		return false;

	hyp.is_open[granule] = open;
	hyp.aliased += hyp.backend.shared_bit && hyp.mapped[granule] != PGUEST_MAP_NONE;
	hyp_note(granule, open ? 's' : 'u');
	if (open) {
		hyp.exposed += hyp.dirty[granule];
		/* The host writes to a granule as soon as it can. */
		hyp.dirty[granule] = true;
		hyp.open++;
		hyp.peak = max(hyp.peak, hyp.open);
	} else {
		hyp.open--;
	}
	return true;
}

static phys_addr_t hyp_answer_top(enum hyp_answer answer, phys_addr_t start,
				  phys_addr_t end, phys_addr_t did)
{
	switch (answer) {
	case HYP_NOWHERE:
		return start;
	case HYP_BACK:
		return start - hyp.backend.granule;
	case HYP_PAST:
		return end + hyp.backend.granule;
	case HYP_INSIDE:
		return start + hyp.backend.granule / 2;
	case HYP_FAR:
		return (phys_addr_t)-1;
	case HYP_TRUTH:
		break;
	}
	return did;
}

static int hyp_call(phys_addr_t start, phys_addr_t end, phys_addr_t *top, bool open,
		    const struct hyp_script *script, unsigned int calls)
{
	bool scripted = script->at && (calls == script->at ||
				       (script->for_ever && calls > script->at));
	unsigned int first, want, done;

	if (!hyp_owns(start, end)) {
		hyp.strays++;
		return -EINVAL;
	}
	first = hyp_number(start);
	want = hyp.backend.ranges ? hyp_number(end) - first : 1;
	if (hyp.pieces)
		want = min(want, hyp.pieces);
	if (scripted)
		want = min(want, script->does);

	for (done = 0; done < want; done++) {
		if (!hyp_set_open(first + done, open))
			break;
	}
	if (scripted) {
		*top = hyp_answer_top(script->answer, start, end, hyp_addr(first + done));
		return script->err;
	}
	if (!done)
		return -EINVAL;
	*top = hyp_addr(first + done);
	return 0;
}

static int hyp_do_share(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	return hyp_call(start, end, top, true, &hyp.share, ++hyp.share_calls);
}

static int hyp_do_unshare(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	return hyp_call(start, end, top, false, &hyp.unshare, ++hyp.unshare_calls);
}

static void hyp_clear(phys_addr_t start, phys_addr_t end)
{
	unsigned int granule;

	if (start == end)
		return;
	if (!hyp_owns(start, end)) {
		hyp.strays++;
		return;
	}
	for (granule = hyp_number(start); granule < hyp_number(end); granule++) {
		if (!hyp.backend.shared_bit)
			hyp.spoilt += hyp.is_open[granule];
		else
			hyp.aliased += hyp.mapped[granule] != (hyp.is_open[granule] ?
				       PGUEST_MAP_SHARED : PGUEST_MAP_PRIVATE);
		hyp.dirty[granule] = false;
		hyp_note(granule, 'c');
	}
}

static int hyp_map(phys_addr_t start, phys_addr_t end, enum pguest_map how)
{
	unsigned int granule;

	if (!hyp_owns(start, end)) {
		hyp.strays++;
		return -EINVAL;
	}
	if (++hyp.map_calls == hyp.map_fails)
		return -EINVAL;
	for (granule = hyp_number(start); granule < hyp_number(end); granule++) {
		hyp.unbroken += how != hyp.mapped[granule] && how != PGUEST_MAP_NONE &&
				hyp.mapped[granule] != PGUEST_MAP_NONE;
		hyp.mapped[granule] = how;
		hyp_note(granule, "nph"[how]);
	}
	return 0;
}

static const struct pguest_ops hyp_ops = {
	.name		= "test",
	.claim		= "made up",
	.share		= hyp_do_share,
	.unshare	= hyp_do_unshare,
};

/* Begin with a correct hypervisor, and private data in each granule. */
void hyp_reset(phys_addr_t granule, bool ranges)
{
	if (hyp_space.backend)
		xa_destroy(&hyp_space.ledger.granules);
	memset(&hyp, 0, sizeof(hyp));
	memset(hyp.dirty, true, sizeof(hyp.dirty));
	hyp.backend.granule = granule;
	hyp.backend.ranges = ranges;
	hyp.backend.ops = &hyp_ops;
	pguest_space_init(&hyp_space, &hyp.backend, hyp_clear);
}

/* The same, with an address bit for shared memory. */
void hyp_reset_realm(void)
{
	unsigned int i;

	hyp_reset(SZ_4K, true);
	hyp.backend.shared_bit = BIT_ULL(39);
	hyp_space.map = hyp_map;
	for (i = 0; i < HYP_GRANULES; i++)
		hyp.mapped[i] = PGUEST_MAP_PRIVATE;
}

void hyp_exit(struct kunit *test)
{
	xa_destroy(&hyp_space.ledger.granules);
}

unsigned int hyp_calls(void)
{
	return hyp.share_calls + hyp.unshare_calls;
}

/* Count calls from here on. */
void hyp_forget_calls(void)
{
	hyp.share_calls = 0;
	hyp.unshare_calls = 0;
	hyp_space.calls_share = 0;
	hyp_space.calls_unshare = 0;
}

phys_addr_t hyp_addr(unsigned int granule)
{
	return HYP_BASE + granule * hyp.backend.granule;
}

int hyp_share_for(unsigned int first, unsigned int end, enum pguest_owner owner)
{
	return pguest_space_share(&hyp_space, hyp_addr(first), hyp_addr(end), owner,
				  _RET_IP_);
}

int hyp_share(unsigned int first, unsigned int end)
{
	return hyp_share_for(first, end, PGUEST_OTHER);
}

int hyp_unshare(unsigned int first, unsigned int end)
{
	return pguest_space_unshare(&hyp_space, hyp_addr(first), hyp_addr(end),
				    _RET_IP_);
}

struct pguest_entry hyp_entry(unsigned int granule)
{
	return pguest_ledger_get(&hyp_space.ledger, hyp_addr(granule));
}

/* Checks that hold for any answers of the hypervisor. */
void hyp_expect_safe(struct kunit *test)
{
	unsigned int granule;

	KUNIT_EXPECT_EQ_MSG(test, hyp.exposed, 0, "private data was shown");
	KUNIT_EXPECT_EQ_MSG(test, hyp.spoilt, 0, "a shared granule was cleared");
	KUNIT_EXPECT_EQ_MSG(test, hyp.strays, 0, "memory outside of the range");
	KUNIT_EXPECT_EQ_MSG(test, hyp.aliased, 0, "a wrong mapping");
	KUNIT_EXPECT_EQ_MSG(test, hyp.unbroken, 0, "no break before make");

	for (granule = 0; granule < HYP_GRANULES; granule++) {
		enum pguest_state state = hyp_entry(granule).state;

		KUNIT_EXPECT_NE_MSG(test, (int)state, (int)PGUEST_PENDING,
				    "granule %u was left half-way", granule);
		if (hyp.backend.shared_bit)
			KUNIT_EXPECT_EQ_MSG(test, (int)hyp.mapped[granule],
					    state == PGUEST_SHARED ? (int)PGUEST_MAP_SHARED :
					    state == PGUEST_LOST ? (int)PGUEST_MAP_NONE :
					    (int)PGUEST_MAP_PRIVATE,
					    "granule %u (%s)", granule, hyp.history[granule]);
		if (hyp.backend.shared_bit && state == PGUEST_SHARED)
			KUNIT_EXPECT_FALSE_MSG(test, hyp.dirty[granule],
					       "granule %u shows what the host put there (%s)",
					       granule, hyp.history[granule]);
		if (state != PGUEST_PRIVATE)
			continue;
		KUNIT_EXPECT_FALSE_MSG(test, hyp.is_open[granule],
				       "granule %u passes for private (%s)",
				       granule, hyp.history[granule]);
		KUNIT_EXPECT_FALSE_MSG(test, hyp.dirty[granule] && hyp.history[granule][0],
				       "granule %u goes back uncleared (%s)",
				       granule, hyp.history[granule]);
	}
}

/* The ledger agrees with the state of the hypervisor. */
void hyp_expect_books(struct kunit *test)
{
	const struct pguest_ledger *ledger = &hyp_space.ledger;
	unsigned long shared = 0, lost = 0, sum = 0, owned[PGUEST_NR_OWNERS] = { };
	struct pguest_entry entry;
	unsigned int i;

	hyp_expect_safe(test);
	for (i = 0; i < HYP_GRANULES; i++) {
		entry = hyp_entry(i);
		lost += entry.state == PGUEST_LOST;
		if (entry.state != PGUEST_SHARED)
			continue;
		shared++;
		owned[entry.owner]++;
		KUNIT_EXPECT_TRUE_MSG(test, hyp.is_open[i],
				      "granule %u passes for shared (%s)", i, hyp.history[i]);
		KUNIT_EXPECT_GT_MSG(test, entry.refs, 0, "granule %u has no owner", i);
	}
	for (i = 0; i < PGUEST_NR_OWNERS; i++) {
		KUNIT_EXPECT_EQ_MSG(test, ledger->by_owner[i], owned[i], "owner %s",
				    pguest_owner_name(i));
		sum += ledger->by_owner[i];
	}
	KUNIT_EXPECT_EQ(test, ledger->now, shared);
	KUNIT_EXPECT_EQ(test, ledger->now, sum);
	KUNIT_EXPECT_EQ(test, ledger->lost, lost);
	KUNIT_EXPECT_GE(test, ledger->peak, ledger->now);
	KUNIT_EXPECT_LE(test, ledger->peak, hyp.peak);
	KUNIT_EXPECT_EQ(test, hyp_space.calls_share, hyp.share_calls);
	KUNIT_EXPECT_EQ(test, hyp_space.calls_unshare, hyp.unshare_calls);
	if (!lost)
		KUNIT_EXPECT_EQ(test, ledger->now, hyp.open);
}

/* Nothing is shared or lost. Granules may have been cleared. */
void hyp_expect_nothing(struct kunit *test)
{
	hyp_expect_books(test);
	KUNIT_EXPECT_EQ(test, hyp.open, 0);
	KUNIT_EXPECT_TRUE(test, xa_empty(&hyp_space.ledger.granules));
}

void hyp_expect_open(struct kunit *test, unsigned int first, unsigned int end,
		     unsigned int refs)
{
	for (; first < end; first++) {
		KUNIT_EXPECT_EQ_MSG(test, (int)hyp_entry(first).state, (int)PGUEST_SHARED,
				    "granule %u (%s)", first, hyp.history[first]);
		KUNIT_EXPECT_EQ_MSG(test, hyp_entry(first).refs, refs, "granule %u", first);
		KUNIT_EXPECT_TRUE_MSG(test, hyp.is_open[first], "granule %u", first);
	}
}

void hyp_expect_lost(struct kunit *test, unsigned int first, unsigned int end)
{
	for (; first < end; first++)
		KUNIT_EXPECT_EQ_MSG(test, (int)hyp_entry(first).state, (int)PGUEST_LOST,
				    "granule %u (%s)", first, hyp.history[first]);
}
