// SPDX-License-Identifier: GPL-2.0-only
/* prove: unwind 6, GRANULES 4 */
/* define: ANY */
/* define: TRUE */
/* define: TRUE RANGES */
/*
 * pguest_walk(), whatever is answered. ANY: any addresses, any granule; it ends, stays in its range, and
 * reports where. TRUE: with a hypervisor; what it reports is what has happened.
 */
#include "arch/arm64/mm/share.c"
#include "arch/arm64/mm/ledger.c"
#include "hypervisor.h"

static phys_addr_t from, to, granule, last;
static unsigned int calls;

static int any_call(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	check(start >= from && start < to, "a call begins in the range");
	check(end == to, "a call ends where the range does");
	check(IS_ALIGNED(start, granule), "a call begins at a granule");
	check(!calls || start > last, "a call begins behind the one before it");
	check(*top == start, "a call that is silent has reached its start");
	last = start;
	calls++;
	if (nondet_bool())
		*top = nondet_ulong();
	return nondet_int();
}

static void walk_any(void)
{
	unsigned int bits = any_of(12, 21);
	unsigned long counted = 0;
	phys_addr_t top;
	int err;

	from = nondet_ulong();
	to = nondet_ulong();
	granule = 1UL << bits;
	assume(from <= to && IS_ALIGNED(from | to, granule) && (to - from) >> bits <= PROVE_GRANULES);

	err = pguest_walk(any_call, from, to, granule, &top, &counted);
	check(top >= from && top <= to && IS_ALIGNED(top, granule), "the end is a granule of the range");
	check(err || top == to, "a success has covered the range");
	check(counted == calls && calls <= PROVE_GRANULES, "no more calls than granules");
}

/* The contract of walk_as_proved() */
static void walk_true(void)
{
	unsigned long counted = 0;
	unsigned int i, reach;
	phys_addr_t top;
	int err;

#ifdef PROVE_RANGES
	backend.ranges = true;
#endif
	backend.granule = 1UL << SHIFT;
	op_first = any_of(0, PROVE_GRANULES);
	op_end = any_of(op_first, PROVE_GRANULES);

	err = pguest_walk(do_share, address(op_first), address(op_end), backend.granule, &top, &counted);
	if (pguest_is_refusal(err))
		reach = number(top);
	else
		reach = backend.ranges ? op_end : min(op_end, number(top) + 1);
	for (i = 0; i < PROVE_GRANULES; i++) {
		if (i >= op_first && i < number(top))
			check(granules[i].open, "what is reported as done is done");
		if (i < op_first || i >= reach)
			check(!granules[i].open, "no more has been touched than can be unknown");
	}
}

int main(void)
{
#ifdef PROVE_ANY
	walk_any();
#else
	walk_true();
#endif
	return 0;
}
