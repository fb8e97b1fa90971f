/* SPDX-License-Identifier: GPL-2.0-only */
/* Any value of a type: CBMC tries all. */
#ifndef PROVE_NONDET_H
#define PROVE_NONDET_H

int nondet_int(void);
_Bool nondet_bool(void);
unsigned int nondet_uint(void);
unsigned long nondet_ulong(void);

#define assume(x)		__CPROVER_assume(x)
#define check(x, why)		__CPROVER_assert(x, why)

/* Any number of a range, with both of its ends */
static inline unsigned int any_of(unsigned int first, unsigned int last)
{
	unsigned int n = nondet_uint();

	assume(n >= first && n <= last);
	return n;
}

#endif
