// SPDX-License-Identifier: GPL-2.0-only
/*
 * RMI 1.x (DEN0137 1.0-rel0): a granule a call, memory for objects as parameters, and list registers in the page that
 * REC_ENTER reads and writes.
 */
#include "memory.h"
#include "options.h"
#include "rmi.h"

#define RMI_GRANULE_DELEGATE		0xc4000151
#define RMI_GRANULE_UNDELEGATE		0xc4000152
#define RMI_DATA_CREATE			0xc4000153
#define RMI_DATA_CREATE_UNKNOWN		0xc4000154
#define RMI_DATA_DESTROY		0xc4000155
#define RMI_REC_CREATE			0xc400015a
#define RMI_RTT_MAP_UNPROTECTED		0xc400015f
#define RMI_RTT_UNMAP_UNPROTECTED	0xc4000162
#define RMI_PSCI_COMPLETE		0xc4000164
#define RMI_REC_AUX_COUNT		0xc4000167

#define PAGE_LEVEL			3

/* What the host chooses of a stage 2 descriptor: write-back by the host's attribute alone (FWB), read and write */
#define SHARED_ATTRIBUTES		(6UL << 2 | 3UL << 6)

/* Parameters of a REC: granules for what the RMM keeps beside it */
#define REC_AUX_COUNT			0x800
#define REC_AUX				0x808
#define REC_AUX_MOST			16

static u64 rmi1_call(u64 fid, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
	struct smc s = { { fid, a1, a2, a3, a4, a5 } };

	return rmi_call(&s);
}

/* One page of a range is done, or none. */
static u64 rmi1_step(u64 status, u64 base, u64 *done)
{
	*done = status ? base : base + PAGE;
	return status;
}

static u64 rmi1_delegate(u64 pa)
{
	return rmi1_call(RMI_GRANULE_DELEGATE, pa, 0, 0, 0, 0);
}

static u64 rmi1_undelegate(u64 pa)
{
	return rmi1_call(RMI_GRANULE_UNDELEGATE, pa, 0, 0, 0, 0);
}

static u64 rmi1_load(u64 pa, u64 ipa, u64 source, bool measure)
{
	return rmi1_call(RMI_DATA_CREATE, realm.rd, pa, ipa, source, measure);
}

static u64 rmi1_map(u64 pa, u64 base, u64 top, u64 *done)
{
	(void)top;
	return rmi1_step(rmi1_call(RMI_DATA_CREATE_UNKNOWN, realm.rd, pa, base, 0, 0), base, done);
}

static u64 rmi1_unmap(u64 base, u64 top, u64 *done)
{
	(void)top;
	return rmi1_step(rmi1_call(RMI_DATA_DESTROY, realm.rd, base, 0, 0, 0), base, done);
}

/* With LPA2 bits 51 and 50 of an address are bits 9 and 8 of a descriptor. */
static u64 rmi1_descriptor(u64 pa)
{
	u64 high = opt.ipa_bits > 48 ? (pa >> 50 & 3) << 8 : 0;

	return (pa & MASK(49, 12)) | high | SHARED_ATTRIBUTES;
}

/* The page behind an upper address has the same number in the machine. */
static u64 map_shared(u64 base, u64 top, u64 *done)
{
	(void)top;
	return rmi1_step(rmi1_call(RMI_RTT_MAP_UNPROTECTED, realm.rd, base, PAGE_LEVEL, rmi1_descriptor(base), 0), base, done);
}

static u64 unmap_shared(u64 base, u64 top, u64 *done)
{
	(void)top;
	return rmi1_step(rmi1_call(RMI_RTT_UNMAP_UNPROTECTED, realm.rd, base, PAGE_LEVEL, 0, 0), base, done);
}

static u64 rec_create(u64 rec, u64 parameters)
{
	struct smc s = { { RMI_REC_AUX_COUNT, realm.rd } };
	u64 *aux = (u64 *)(parameters + REC_AUX), wanted;

	rmi_must(rmi_call(&s), "REC_AUX_COUNT");
	wanted = s.x[1];
	if (wanted > REC_AUX_MOST)
		fail("RMI: a REC wants %lu granules", wanted);
	*(u64 *)(parameters + REC_AUX_COUNT) = wanted;
	for (u64 i = 0; i < wanted; i++)
		aux[i] = granules_new(1);
	return rmi1_call(RMI_REC_CREATE, realm.rd, rec, parameters, 0, 0);
}

static u64 psci_complete(u64 caller, u64 target, s64 status)
{
	return rmi1_call(RMI_PSCI_COMPLETE, caller, target, status, 0, 0);
}

const struct rmi_version rmi_1 = {
	.name = "1.0",
	.vmid = 1,
	.lrs_in_page = true,
	.delegate = rmi1_delegate,
	.undelegate = rmi1_undelegate,
	.load = rmi1_load,
	.map = rmi1_map,
	.unmap = rmi1_unmap,
	.map_shared = map_shared,
	.unmap_shared = unmap_shared,
	.rec_create = rec_create,
	.psci_complete = psci_complete,
};
