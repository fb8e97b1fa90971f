// SPDX-License-Identifier: GPL-2.0-only
/* prove: unwind 5, GRANULES 3 */
/* shrink: drivers/virt/coco/arm-cca-guest/memory.c MAX_STALLS 3 */
/* define: SHARE */
/* define: UNSHARE */
/* define: LOCATE */
/*
 * The calls of the realm backend. The RMM answers a change of state with anything. What it does is to
 * change a beginning of the range: the one that it reports, if its answer makes sense. Asked for the state,
 * it reports the truth, or what cannot be true, or an error.
 */
#include "arch/arm64/kernel/rsi.c"
#include "drivers/virt/coco/arm-cca-guest/memory.c"
#include "drivers/virt/coco/arm-cca-guest/mmio.c"

#define BASE	0x80000000UL

static u64 ripas[PROVE_GRANULES], before[PROVE_GRANULES];
static unsigned int first, behind, calls;
static u64 wanted;

static phys_addr_t address(unsigned int n)
{
	return BASE + n * RSI_GRANULE;
}

static unsigned int number(phys_addr_t at)
{
	return (at - BASE) / RSI_GRANULE;
}

static void state_set(unsigned long start, unsigned long end, unsigned long to, unsigned long flags,
		      const struct arm_smccc_res *res)
{
	unsigned int i, done = any_of(0, PROVE_GRANULES);

	check(start == address(first) && end == address(behind), "it is for the range");
	check(to == wanted && flags == RSI_CHANGE_DESTROYED, "it is this change");
	if (!res->a0 && res->a1 >= start && res->a1 <= end && IS_ALIGNED(res->a1, RSI_GRANULE))
		assume(start + done * RSI_GRANULE == res->a1);
	for (i = 0; i < PROVE_GRANULES; i++) {
		if (i >= first && i < behind && i - first < done)
			ripas[i] = to;
	}
	check(++calls <= MAX_STALLS, "attempts are bounded");
}

static void state_get(unsigned long start, unsigned long end, struct arm_smccc_res *res)
{
	unsigned int i = number(start);

	check(start >= address(first) && start < address(behind) && IS_ALIGNED(start, RSI_GRANULE) &&
	      end <= address(behind), "it asks about the range");
	if (nondet_bool()) {
		/* No sense: an address elsewhere, or a state that there is not */
		assume(res->a1 <= start || res->a1 > end || !IS_ALIGNED(res->a1, RSI_GRANULE) ||
		       res->a2 > RSI_RIPAS_DEV || res->a0);
		return;
	}
	res->a0 = RSI_SUCCESS;
	res->a2 = ripas[i];
	res->a1 = start + RSI_GRANULE;
	for (i++; i < PROVE_GRANULES; i++) {
		if (res->a1 == address(i) && res->a1 < end && ripas[i] == res->a2 && nondet_bool())
			res->a1 += RSI_GRANULE;
	}
}

void arm_smccc_smc(unsigned long a0, unsigned long a1, unsigned long a2, unsigned long a3, unsigned long a4,
		   unsigned long a5, unsigned long a6, unsigned long a7, struct arm_smccc_res *res)
{
	res->a0 = nondet_ulong();
	res->a1 = nondet_ulong();
	res->a2 = nondet_ulong();
	res->a3 = nondet_ulong();
	if (a0 == RSI_FN_IPA_STATE_SET)
		state_set(a1, a2, a3, a4, res);
	else if (a0 == RSI_FN_IPA_STATE_GET)
		state_get(a1, a2, res);
	else
		check(false, "it is one of two calls");
}

static void try_change(bool share)
{
	phys_addr_t top = address(first);
	unsigned int i;
	int err;

	wanted = share ? RSI_RIPAS_EMPTY : RSI_RIPAS_RAM;
	for (i = 0; i < PROVE_GRANULES; i++)
		assume(i < first || i >= behind || ripas[i] != wanted);
	if (share)
		err = rsi_share(top, address(behind), &top);
	else
		err = rsi_unshare(top, address(behind), &top);
	check(err <= 0, "no unknown success");
	for (i = 0; i < PROVE_GRANULES; i++) {
		if (i < first || i >= behind)
			check(ripas[i] == before[i], "all else is as it was");
	}
	check(top >= address(first) && top <= address(behind) && IS_ALIGNED(top, RSI_GRANULE),
	      "it has reached a granule of the range");
	for (i = first; i < behind; i++) {
		check(address(i) >= top || ripas[i] == wanted, "what is reported as done is done");
		if (!err || pguest_is_refusal(err))
			check(address(i) < top || ripas[i] == before[i], "a refusal has changed nothing behind it");
	}
}

static void try_locate(void)
{
	bool device = nondet_bool(), one = true;
	phys_addr_t at = nondet_ulong();
	unsigned int i;
	int err;

	rsi_backend.shared_bit = 1UL << 40;
	err = rsi_locate(address(first), address(behind), device, &at);
	for (i = first; i < behind; i++)
		one &= ripas[i] == ripas[first];
	check(err || one, "a device has one state");
	check(err || at == address(first) || at == (address(first) | rsi_backend.shared_bit), "at one of two addresses");
	check(err || ripas[first] != RSI_RIPAS_RAM || !device, "no device is RAM");
	check(err || (ripas[first] == RSI_RIPAS_EMPTY) == (at != address(first)), "what is EMPTY is the host's");
	check(err || ripas[first] != RSI_RIPAS_DESTROYED, "nothing is mapped that was destroyed");
}

int main(void)
{
	unsigned int i;

	for (i = 0; i < PROVE_GRANULES; i++)
		before[i] = ripas[i] = any_of(RSI_RIPAS_EMPTY, RSI_RIPAS_DEV);
	first = any_of(0, PROVE_GRANULES - 1);
	behind = any_of(first + 1, PROVE_GRANULES);
#if defined(PROVE_SHARE)
	try_change(true);
#elif defined(PROVE_UNSHARE)
	try_change(false);
#else
	try_locate();
#endif
	return 0;
}
