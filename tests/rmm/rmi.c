// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Realm Management Interface: calls that are the same in each version that is known here. What is not the same
 * is in rmi1.c and rmi2.c. Numbers and layouts: DEN0137, "Realm Management Interface", and for 2.0, which is a
 * draft, the headers of the RMM that has it (TF-RMM, lib/smc/include/smc-rmi.h).
 */
#include <string.h>
#include "host.h"

#define RMI_VERSION		0xc4000150
#define RMI_REALM_ACTIVATE	0xc4000157
#define RMI_REALM_CREATE	0xc4000158
#define RMI_REC_ENTER		0xc400015c
#define RMI_RTT_CREATE		0xc400015d
#define RMI_RTT_READ_ENTRY	0xc4000161
#define RMI_FEATURES		0xc4000165
#define RMI_RTT_INIT_RIPAS	0xc4000168
#define RMI_RTT_SET_RIPAS	0xc4000169

#define MAJOR(version)		((version) >> 16)
#define MINOR(version)		((version) & 0xffff)
#define PAGE_LEVEL		3

/* Feature register 0 */
#define FEATURE_S2SZ(f)		((f) & 0xff)
#define FEATURE_LPA2		BIT(8)
#define FEATURE_SVE		BIT(9)
#define FEATURE_SVE_VL(f)	((f) >> 10 & 0xf)
#define FEATURE_BREAKPOINTS(f)	((f) >> 14 & 0x3f)
#define FEATURE_WATCHPOINTS(f)	((f) >> 20 & 0x3f)

/* Flags of a realm */
#define REALM_LPA2		BIT(0)
#define REALM_SVE		BIT(1)

struct realm realm;
const struct rmi_version *rmi;

u64 rmi_call(struct smc *s)
{
	smc_call(s);
	__atomic_fetch_add(&count.rmi_calls, 1, __ATOMIC_RELAXED);
	return s->x[0];
}

void rmi_must(u64 status, const char *what)
{
	if (status)
		fail("RMI: %s: status %lu, index %lu", what, RMI_STATUS(status), RMI_INDEX(status));
}

/* The highest version that the RMM has; the lowest may be another. */
static u64 read_version(void)
{
	struct smc s = { { RMI_VERSION, 2UL << 16 } };

	if (rmi_call(&s) == ~0UL)
		fail("there is no RMM: firmware does not know RMI_VERSION");
	return s.x[2];
}

static u64 feature_register(u64 index)
{
	struct smc s = { { RMI_FEATURES, index } };

	rmi_must(rmi_call(&s), "FEATURES");
	return s.x[1];
}

/* Tables of the start level may be several in a row: 16 times as much as one of them would reach. */
static void shape_tables(void)
{
	u64 bits = opt.ipa_bits;

	realm.start_level = bits > 48 ? -1 : bits > 43 ? 0 : 1;
	realm.start_tables = realm.start_level == 1 && bits > 39 ? 1U << (bits - 39) : 1;
}

static void shape_realm(void)
{
	u64 f = realm.features;

	if (opt.ipa_bits > FEATURE_S2SZ(f))
		fail("option ipa_bits=%lu: this RMM has %lu at most", opt.ipa_bits, FEATURE_S2SZ(f));
	if (opt.ipa_bits > 48 && !(f & FEATURE_LPA2))
		fail("option ipa_bits=%lu: this RMM has no LPA2", opt.ipa_bits);
	if (opt.sve && !(f & FEATURE_SVE))
		fail("option sve=1: this RMM has no SVE");
	realm.flags = (opt.ipa_bits > 48 ? REALM_LPA2 : 0) | (opt.sve ? REALM_SVE : 0);
	realm.sve_vl = opt.sve ? FEATURE_SVE_VL(f) : 0;
	realm.breakpoints = FEATURE_BREAKPOINTS(f);
	realm.watchpoints = FEATURE_WATCHPOINTS(f);
	shape_tables();
}

void rmi_init(void)
{
	u64 found;

	say("in the normal world, asking for the RMM");
	found = read_version();
	if (MAJOR(found) != 1 && MAJOR(found) != 2)
		fail("RMI %lu.%lu is not known to this host", MAJOR(found), MINOR(found));
	rmi = MAJOR(found) == 1 ? &rmi_1 : &rmi_2;
	realm.features = feature_register(0);
	if (rmi->activate)
		rmi_must(rmi->activate(), "activation of the RMM");
	shape_realm();
	say("RMI %lu.%lu, features 0x%lx", MAJOR(found), MINOR(found), realm.features);
}

u64 rmi_realm_create(u64 parameters)
{
	struct smc s = { { RMI_REALM_CREATE, realm.rd, parameters } };

	return rmi_call(&s);
}

u64 rmi_realm_activate(void)
{
	struct smc s = { { RMI_REALM_ACTIVATE, realm.rd } };

	return rmi_call(&s);
}

u64 rmi_table_create(u64 table, u64 ipa, s32 level)
{
	struct smc s = { { RMI_RTT_CREATE, realm.rd, table, ipa, (s64)level } };

	return rmi_call(&s);
}

u64 rmi_init_ripas(u64 base, u64 top, u64 *done)
{
	struct smc s = { { RMI_RTT_INIT_RIPAS, realm.rd, base, top } };
	u64 status = rmi_call(&s);

	*done = status ? base : s.x[1];
	return status;
}

u64 rmi_set_ripas(struct vcpu *vcpu, u64 base, u64 top, u64 *done)
{
	struct smc s = { { RMI_RTT_SET_RIPAS, realm.rd, vcpu->rec, base, top } };
	u64 status = rmi_call(&s);

	*done = status ? base : s.x[1];
	return status;
}

enum ripas rmi_ripas(u64 ipa)
{
	struct smc s = { { RMI_RTT_READ_ENTRY, realm.rd, ipa, PAGE_LEVEL } };

	rmi_must(rmi_call(&s), "RTT_READ_ENTRY");
	return s.x[4];
}

u64 rmi_enter(struct vcpu *vcpu)
{
	struct smc s = { { RMI_REC_ENTER, vcpu->rec, (u64)vcpu->run } };

	return rmi_call(&s);
}
