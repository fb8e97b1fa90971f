// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of a realm. The initial measurement grows by H(descriptor), where the descriptor holds what
 * it was before: Documentation/spec/attestation.rst, in the shape of RMM 1.0. README.rst says which steps a realm of
 * ours is made of.
 */
#include <string.h>
#include "token.h"

enum { DATA, REC, RIPAS };		/* types of a descriptor */

#define DESCRIPTOR	0x100

/* Little endian, as everything that can run this */
struct descriptor {
	u64 type, size;
	u8 rim[HASH_MAX];
	union {
		struct {
			u64 ipa, flags;
			u8 content[HASH_MAX];
		} data;
		struct {
			u8 content[HASH_MAX];
		} rec;
		struct {
			u64 base, top;
		} ripas;
		u8 bytes[DESCRIPTOR - 0x50];
	};
};

struct realm_parameters {
	u64 flags, ipa_bits, sve_vl, breakpoints, watchpoints, pmu_counters, algorithm;
	u8 rest[4096 - 7 * 8];
};

struct rec_parameters {
	u64 flags;
	u8 none1[0x200 - 8];
	u64 pc;
	u8 none2[0x300 - 0x208];
	u64 gprs[8];
	u8 none3[4096 - 0x340];
};

_Static_assert(sizeof(struct descriptor) == DESCRIPTOR, "DEN0137 RmmMeasurementDescriptor");
_Static_assert(offsetof(struct descriptor, data.content) == 0x60, "DEN0137 RmmMeasurementDescriptor");
_Static_assert(sizeof(struct realm_parameters) == 4096, "DEN0137 RmiRealmParams");
_Static_assert(offsetof(struct realm_parameters, algorithm) == 0x30, "DEN0137 RmiRealmParams");
_Static_assert(offsetof(struct rec_parameters, pc) == 0x200, "DEN0137 RmiRecParams");
_Static_assert(offsetof(struct rec_parameters, gprs) == 0x300, "DEN0137 RmiRecParams");
_Static_assert(sizeof(struct rec_parameters) == 4096, "DEN0137 RmiRecParams");

static struct descriptor measure_descriptor(const struct measurements *m, u64 type)
{
	struct descriptor d = { .type = type, .size = DESCRIPTOR };

	memcpy(d.rim, m->rim, sizeof(d.rim));
	return d;
}

static void rim_extend(struct measurements *m, const struct descriptor *d)
{
	hash_of(m->algorithm, d, sizeof(*d), m->rim);
}

/* The personalisation value is not in it. */
void rim_create(struct measurements *m, u64 ipa_bits, u64 breakpoints, u64 watchpoints)
{
	static struct realm_parameters p;

	p.ipa_bits = ipa_bits;
	p.breakpoints = breakpoints;
	p.watchpoints = watchpoints;
	p.algorithm = m->algorithm;
	memset(m->rim, 0, sizeof(m->rim));
	memset(m->rem, 0, sizeof(m->rem));
	hash_of(m->algorithm, &p, sizeof(p), m->rim);
}

void rim_ripas(struct measurements *m, u64 base, u64 top)
{
	struct descriptor d = measure_descriptor(m, RIPAS);

	d.ripas.base = base;
	d.ripas.top = top;
	rim_extend(m, &d);
}

void rim_data(struct measurements *m, u64 ipa, const void *page, u64 flags)
{
	struct descriptor d = measure_descriptor(m, DATA);

	d.data.ipa = ipa;
	d.data.flags = flags;
	if (flags & DATA_MEASURED)
		hash_of(m->algorithm, page, 4096, d.data.content);
	rim_extend(m, &d);
}

void rim_rec(struct measurements *m, u64 flags, u64 pc, const u64 gprs[8])
{
	static struct rec_parameters p;
	struct descriptor d = measure_descriptor(m, REC);

	p.flags = flags;
	p.pc = pc;
	memcpy(p.gprs, gprs, sizeof(p.gprs));
	hash_of(m->algorithm, &p, sizeof(p), d.rec.content);
	rim_extend(m, &d);
}

/* Just the bytes that came, not padded to anything (Documentation/spec/rsi.rst). @n counts from 0 here. */
void rem_extend(struct measurements *m, u32 n, const void *value, size_t size)
{
	struct hash h;

	hash_start(&h, m->algorithm);
	hash_add(&h, m->rem[n], hash_size(m->algorithm));
	hash_add(&h, value, size);
	hash_end(&h, m->rem[n]);
}
