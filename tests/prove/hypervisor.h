/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hypervisor with PROVE_GRANULES granules that answers anything. What it does keeps to one contract, that
 * of struct pguest_ops: with an answer that makes sense, all before @top is done, and after a refusal no
 * more than that. In all other cases the granules that the call could reach are in any state.
 */
#ifndef PROVE_HYPERVISOR_H
#define PROVE_HYPERVISOR_H

#define BASE		0x80000000UL
#define SHIFT		12

struct granule {
	bool open;	/* the host can see it */
	bool secret;	/* it holds data of the VM */
	bool foreign;	/* the host may have written it */
	enum pguest_map map;
};

static struct granule granules[PROVE_GRANULES];
static struct pguest_backend backend;
static struct pguest_space space;
/* Granules that the operation is about */
static unsigned int op_first, op_end;

static phys_addr_t address(unsigned int n)
{
	return BASE + ((phys_addr_t)n << SHIFT);
}

static unsigned int number(phys_addr_t at)
{
	return (at - BASE) >> SHIFT;
}

static bool in_operation(phys_addr_t start, phys_addr_t end)
{
	return start >= address(op_first) && end <= address(op_end) && start < end &&
	       IS_ALIGNED(start | end, backend.granule);
}

static void set_open(struct granule *g, bool open)
{
	if (open && !g->open) {
		check(!g->secret, "no secret is shown");
		g->foreign = true;
	}
	check(g->open == open || !backend.shared_bit || g->map == PGUEST_MAP_NONE,
	      "a granule that changes is not mapped");
	g->open = open;
}

/* One call, or all calls of a walk: with @whole, it goes on until the end unless it fails. */
static int answer(phys_addr_t start, phys_addr_t end, phys_addr_t *top, bool open, bool whole)
{
	phys_addr_t reach = backend.ranges || whole ? end : start + backend.granule;
	int err = nondet_int();
	bool sensible, told;
	unsigned int i, done;

	check(in_operation(start, end), "a call is for granules of the range");
	for (i = 0; i < PROVE_GRANULES; i++) {
		if (i >= number(start) && i < number(end))
			check(granules[i].open != open, "a call is for granules in the other state");
	}
	assume(err <= 0);
	if (nondet_bool()) {
		*top = nondet_ulong();
		/* A call for one granule has reached that one or none: see pkvm.c. */
		assume(backend.ranges || whole || *top == start || *top == reach);
	}
	sensible = *top >= start && *top <= reach && IS_ALIGNED(*top, backend.granule) &&
		   (err || *top > start);
	told = sensible && (!err || pguest_is_refusal(err));
	done = sensible ? number(*top) : number(start);
	if (!backend.ranges)
		reach = min(reach, address(done + 1));
	for (i = 0; i < PROVE_GRANULES; i++) {
		if (i < number(start) || i >= number(reach))
			continue;
		if (i < done || (!told && nondet_bool()))
			set_open(&granules[i], open);
	}
	return err;
}

static int do_share(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	return answer(start, end, top, true, false);
}

static int do_unshare(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	return answer(start, end, top, false, false);
}

static void do_clear(phys_addr_t start, phys_addr_t end)
{
	unsigned int i;

	if (start == end)
		return;
	check(in_operation(start, end), "what is cleared is in the range");
	for (i = 0; i < PROVE_GRANULES; i++) {
		struct granule *g = &granules[i];

		if (i < number(start) || i >= number(end))
			continue;
		check(!backend.shared_bit || g->map == (g->open ? PGUEST_MAP_SHARED : PGUEST_MAP_PRIVATE),
		      "a granule is cleared at its own address");
		check(backend.shared_bit || !g->open, "a shared granule is not cleared");
		g->secret = false;
		g->foreign = false;
	}
}

static int do_map(phys_addr_t start, phys_addr_t end, enum pguest_map how)
{
	bool fails = false;
	unsigned int i;

	check(in_operation(start, end), "what is mapped is in the range");
	/* A page that is part of a block ends it; what was changed once is no such page. */
	if (how == PGUEST_MAP_NONE && granules[number(start)].map == PGUEST_MAP_PRIVATE && nondet_bool()) {
		fails = true;
		end = address(any_of(number(start), number(end)));
	}
	for (i = 0; i < PROVE_GRANULES; i++) {
		if (i < number(start) || i >= number(end))
			continue;
		check(how == PGUEST_MAP_NONE || granules[i].map == how || granules[i].map == PGUEST_MAP_NONE,
		      "break before make");
		granules[i].map = how;
	}
	return fails ? -EINVAL : 0;
}

/*
 * In place of pguest_walk(), which walk.c proves to end with the same answers: only it sees those that
 * make no sense.
 */
int walk_as_proved(pguest_call_t call, phys_addr_t start, phys_addr_t end, phys_addr_t granule,
		   phys_addr_t *top, unsigned long *calls)
{
	int err;

	check(granule == backend.granule, "a walk is by granules");
	*top = start;
	if (start == end)
		return 0;
	err = answer(start, end, top, call == do_share, true);
	++*calls;
	assume(*top >= start && *top <= end && IS_ALIGNED(*top, granule));
	assume(err || *top == end);
	return err;
}

static const struct pguest_ops ops = { .share = do_share, .unshare = do_unshare };

#endif
