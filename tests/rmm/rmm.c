// SPDX-License-Identifier: GPL-2.0-only
/* Which RMM there is: its version, its features, and the shape of the realm that follows from them. */
#include "options.h"
#include "rmi.h"

#define RMI_VERSION		0xc4000150
#define RMI_FEATURES		0xc4000165

#define MAJOR(version)		((version) >> 16)
#define MINOR(version)		((version) & 0xffff)

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

void rmm_init(void)
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
