// SPDX-License-Identifier: GPL-2.0-only
/* prove: unwind 5, GRANULES 4 */
/* define: ONES */
/* define: RANGES */
/*
 * The calls of the pKVM backend, whatever stands in the registers afterwards: each names granules of
 * its range and no others, and what it reports keeps to the contract of struct pguest_ops.
 */
#include "drivers/virt/pkvm/pkvm.c"
#include "drivers/virt/pkvm/memory.c"

#define BASE	0x80000000UL

/* Granules whose state a call has changed */
static bool changed[PROVE_GRANULES];
/* Those that may have changed though no answer says so */
static bool in_doubt[PROVE_GRANULES];
static unsigned int first, behind, calls;
static unsigned long wanted;

static phys_addr_t address(unsigned int n)
{
	return BASE + n * pkvm_backend.granule;
}

/* Android: with ranges, R2 is a number of granules. Mainline: a call is for one. */
int __pguest_hvc(unsigned long fn, unsigned long a1, unsigned long a2, unsigned long a3,
		 struct pguest_call_regs *regs)
{
	unsigned int granules = pkvm_backend.ranges ? a2 : 1, i, done = 0;
	bool faults = nondet_bool();

	calls++;
	check(fn == wanted, "it is this call");
	check(a1 == address(first), "it begins at the range");
	check(granules && granules <= behind - first, "and has no more granules");
	check(!a3 && (pkvm_backend.ranges || !a2), "other arguments are zero");
	regs->a0 = nondet_ulong();
	regs->a1 = nondet_ulong();
	regs->a2 = nondet_ulong();
	regs->a3 = nondet_ulong();
	if (!faults && !regs->a0)
		done = pkvm_backend.ranges ? min(regs->a1, (unsigned long)granules) : 1;
	for (i = 0; i < PROVE_GRANULES; i++) {
		changed[i] = i >= first && i < first + done;
		/* After a fault, or a status that is not in the ABI, they are in any state. */
		in_doubt[i] = i >= first + done && i < first + granules &&
			      (faults || (pkvm_backend.ranges && !regs->a0 && regs->a1 > granules) ||
			       (regs->a0 && regs->a0 != PKVM_NOT_SUPPORTED && regs->a0 != PKVM_INVALID_PARAMETER));
	}
	return faults ? -EFAULT : 0;
}

int main(void)
{
	phys_addr_t top, reached;
	unsigned int i;
	bool covered;
	int err;

#ifdef PROVE_RANGES
	pkvm_backend.ranges = true;
#endif
	pkvm_backend.granule = 1UL << any_of(12, 16);
	first = any_of(0, PROVE_GRANULES - 1);
	behind = any_of(first + 1, PROVE_GRANULES);
	top = address(first);
	if (nondet_bool()) {
		wanted = PKVM_FN64(PKVM_NR_MEM_SHARE);
		err = pkvm_share(top, address(behind), &top);
	} else {
		wanted = PKVM_FN64(PKVM_NR_MEM_UNSHARE);
		err = pkvm_unshare(top, address(behind), &top);
	}
	reached = top;
	check(calls == 1, "one call");
	check(err <= 0, "no unknown success");
	check(reached >= address(first) && reached <= address(behind) && IS_ALIGNED(reached, pkvm_backend.granule),
	      "it has reached a granule of the range");
	for (i = 0; i < PROVE_GRANULES; i++) {
		covered = address(i) < reached;
		if (i >= first && covered)
			check(changed[i], "what is reported as done is done");
		if (!covered && (!err || pguest_is_refusal(err)))
			check(!changed[i] && !in_doubt[i], "a refusal has changed nothing behind it");
	}
	return 0;
}
