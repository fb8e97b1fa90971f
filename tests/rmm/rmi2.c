// SPDX-License-Identifier: GPL-2.0-only
/*
 * RMI 2.0, as TF-RMM of 2026 has it: ranges instead of granules, memory for objects by donation, operations that
 * stop half-way and are continued, and interrupts by list registers that the host writes itself.
 */
#include "memory.h"
#include "rmi.h"

#define RMI_RTT_DATA_MAP_INIT		0xc4000153
#define RMI_REC_CREATE			0xc400015a
#define RMI_PSCI_COMPLETE		0xc4000164
#define RMI_GRANULE_RANGE_DELEGATE	0xc40001f1
#define RMI_GRANULE_RANGE_UNDELEGATE	0xc40001f2
#define RMI_RTT_DATA_MAP		0xc40001f5
#define RMI_RTT_DATA_UNMAP		0xc40001f6
#define RMI_RTT_UNPROT_MAP		0xc40001fb
#define RMI_RTT_UNPROT_UNMAP		0xc40001fc
#define RMI_RMM_ACTIVATE		0xc4000202
#define RMI_OP_CONTINUE			0xc4000203
#define RMI_OP_MEM_DONATE		0xc4000208

#define BUSY				10

/* What an INCOMPLETE operation wants, bits 9:8 of the status; how many granules, in X2 */
#define WANTS(status)			((status) >> 8 & 3)
#define WANTS_NOTHING			0
#define WANTS_MEMORY			1
#define GRANULES(request)		((request) >> 2 & 0x3fff)

/* An address descriptor of 4 KiB granules in a row: size 0, a count; bit 63 is 0: delegated */
#define GRANULES_AT(pa, n)		((pa) | (n) << 2)
#define MOST_GRANULES			1023
#define NOT_DELEGATED			BIT(63)

/* How addresses are given: by one descriptor; not at all */
#define BY_DESCRIPTOR			1
#define UNNAMED				0
/* Of shared memory: write-back, by the host's attribute alone (FWB); to read and write */
#define SHARED_ATTRIBUTES		(6UL << 16 | 3UL << 19)

#define TRIES				1000000

static u64 rmi2_simple(u64 fid, u64 a1, u64 a2)
{
	struct smc s = { { fid, a1, a2 } };

	return rmi_call(&s);
}

/* An operation that has stopped for an interrupt, or because its object is in use: again, until it is done. */
static u64 rmi2_whole(struct smc *s)
{
	struct smc first = *s;
	u64 status = rmi_call(s);

	for (u32 i = 0; i < TRIES; i++) {
		if (RMI_STATUS(status) == RMI_INCOMPLETE && WANTS(status) == WANTS_NOTHING)
			*s = (struct smc){ { RMI_OP_CONTINUE, s->x[1] } };
		else if (RMI_STATUS(status) == BUSY)
			*s = first;
		else
			return status;
		status = rmi_call(s);
	}
	return status;
}

static u64 rmi2_activate(void)
{
	return rmi2_simple(RMI_RMM_ACTIVATE, 0, 0);
}

static u64 rmi2_delegate(u64 pa)
{
	return rmi2_simple(RMI_GRANULE_RANGE_DELEGATE, pa, pa + PAGE);
}

static u64 rmi2_undelegate(u64 pa)
{
	return rmi2_simple(RMI_GRANULE_RANGE_UNDELEGATE, pa, pa + PAGE);
}

static u64 rmi2_load(u64 pa, u64 ipa, u64 source, bool measure)
{
	struct smc s = { { RMI_RTT_DATA_MAP_INIT, realm.rd, pa, ipa, source, measure } };

	return rmi2_whole(&s);
}

/* X1 is how far it got. */
static u64 rmi2_range(u64 fid, u64 base, u64 top, u64 flags, u64 descriptor, u64 *done)
{
	struct smc s = { { fid, realm.rd, base, top, flags, descriptor } };
	u64 status = rmi2_whole(&s);

	*done = status ? base : s.x[1];
	return status;
}

static u64 rmi2_map(u64 pa, u64 base, u64 top, u64 *done)
{
	return rmi2_range(RMI_RTT_DATA_MAP, base, top, BY_DESCRIPTOR, GRANULES_AT(pa, (top - base) / PAGE), done);
}

static u64 rmi2_unmap(u64 base, u64 top, u64 *done)
{
	return rmi2_range(RMI_RTT_DATA_UNMAP, base, top, UNNAMED, 0, done);
}

/* The page behind an upper address has the same number in the machine. */
static u64 map_shared(u64 base, u64 top, u64 *done)
{
	u64 end = top - base > MOST_GRANULES * PAGE ? base + MOST_GRANULES * PAGE : top;

	return rmi2_range(RMI_RTT_UNPROT_MAP, base, end, BY_DESCRIPTOR | SHARED_ATTRIBUTES,
		     GRANULES_AT(base, (end - base) / PAGE) | NOT_DELEGATED, done);
}

static u64 unmap_shared(u64 base, u64 top, u64 *done)
{
	return rmi2_range(RMI_RTT_UNPROT_UNMAP, base, top, UNNAMED, 0, done);
}

/* Donate what is asked for, then go on, until neither is wanted. The handle stays. */
static u64 rec_create(u64 rec, u64 parameters)
{
	struct smc s = { { RMI_REC_CREATE, realm.rd, rec, parameters } };
	u64 status = rmi_call(&s), handle = s.x[1], *list = pages_must(1, "a list of granules");

	while (RMI_STATUS(status) == RMI_INCOMPLETE) {
		u64 wanted = GRANULES(s.x[2]);

		if (WANTS(status) == WANTS_MEMORY) {
			if (!wanted || wanted > PAGE / sizeof(*list))
				fail("RMI: REC_CREATE wants %lu granules", wanted);
			for (u64 i = 0; i < wanted; i++)
				list[i] = GRANULES_AT(granules_new(1), 1);
			s = (struct smc){ { RMI_OP_MEM_DONATE, handle, (u64)list, wanted } };
		} else if (WANTS(status) == WANTS_NOTHING) {
			s = (struct smc){ { RMI_OP_CONTINUE, handle } };
		} else {
			fail("RMI: REC_CREATE gives its memory back: status %lx", status);
		}
		status = rmi_call(&s);
	}
	return status;
}

static u64 psci_complete(u64 caller, u64 target, s64 status)
{
	struct smc s = { { RMI_PSCI_COMPLETE, caller, target, status } };

	return rmi_call(&s);
}

const struct rmi_version rmi_2 = {
	.name = "2.0",
	.activate = rmi2_activate,
	.delegate = rmi2_delegate,
	.undelegate = rmi2_undelegate,
	.load = rmi2_load,
	.map = rmi2_map,
	.unmap = rmi2_unmap,
	.map_shared = map_shared,
	.unmap_shared = unmap_shared,
	.rec_create = rec_create,
	.psci_complete = psci_complete,
};
