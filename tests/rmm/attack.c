// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host as the attacker that it may be: it reads what is the realm's, which the machine refuses, and looks into
 * all that is shared. Nothing but this file touches guest data.
 */
#include "attack.h"
#include "count.h"
#include "doorbell.h"
#include "end.h"
#include "memory.h"
#include "options.h"
#include "rmi.h"

#define EC(esr)			((esr) >> 26 & 0x3f)
#define EC_DATA_ABORT_SAME	0x25
#define FSC(esr)		((esr) & 0x3f)
#define FSC_GRANULE_PROTECTION	0x28		/* not on a walk */

static bool last_was_protection;
static bool peek_refused[ARRAY_SIZE(opt.peek.of)];
static u32 tried, refused;

/* Where to go on after an exception: behind an access that was expected to fail. */
u64 el2_fault(void)
{
	u64 esr = sysreg_read(esr_el2), elr = sysreg_read(elr_el2);

	if (elr < (u64)mmio_begin || elr >= (u64)mmio_end || EC(esr) != EC_DATA_ABORT_SAME)
		fail("exception in the host at 0x%lx: ESR 0x%lx FAR 0x%lx", elr, esr, sysreg_read(far_el2));
	last_was_protection = FSC(esr) == FSC_GRANULE_PROTECTION;
	return (u64)mmio_nobody;
}

static bool try_load(u64 pa, u64 *value)
{
	last_was_protection = false;
	return !mmio_load(pa & ~7UL, 3, value);
}

static bool granule_refused(u64 pa)
{
	u64 value;

	return !try_load(pa, &value) && last_was_protection;
}

int host_peek(u64 ipa, u64 *value)
{
	u64 at = ipa & ~7UL & ~realm_half(), pa;

	*value = 0;
	if (!span_has(&ram, at))
		return DOORBELL_EINVAL;
	if (memory_is_shared(at))
		return try_load(at | realm_half(), value) ? DOORBELL_OK : DOORBELL_EINVAL;
	pa = memory_granule(at & ~(PAGE - 1));
	if (!pa)
		return DOORBELL_EINVAL;
	if (try_load(pa | (at & (PAGE - 1)), value)) {
		end_failure("the host could read a private page");
		return DOORBELL_OK;
	}
	count.host_read += last_was_protection;
	return DOORBELL_EFAULT;
}

int host_poke(u64 ipa)
{
	u64 at = ipa & ~7UL & ~realm_half(), value;
	int result = host_peek(at, &value);

	if (!result)
		mmio_store(at | realm_half(), 3, random_next());
	return result;
}

/* In every page that the guest has opened, also in those that it has closed since. */
u64 host_scan(u64 pattern)
{
	u64 hits = 0;

	for (u64 page = ram.start; page < ram.end; page += PAGE) {
		u64 *seen = memory_seen(page);

		for (u64 *word = seen; seen && word < seen + PAGE / 8; word++)
			hits += *word == pattern;
	}
	return hits;
}

static void try_granule(u64 pa)
{
	if (!pa)
		return;
	tried++;
	refused += granule_refused(pa);
}

/* The realm's own objects, and what it has in memory: one page in each 2 MiB */
static void try_all(void)
{
	try_granule(realm.rd);
	for (u32 i = 0; i < opt.cpus; i++)
		try_granule(vcpu_of(i)->rec);
	for (u64 page = ram.start; page < ram.end; page += 512 * PAGE)
		try_granule(memory_granule(page));
	if (refused != tried)
		end_failure("the host could read what is the realm's");
}

/* Options peek= and secret= */
void attack_at_end(void)
{
	u64 value;

	if (!realm.running)
		return;
	for (u32 i = 0; i < opt.peek.count; i++)
		peek_refused[i] = host_peek(opt.peek.of[i], &value) != DOORBELL_OK;
	if (opt.secret.told)
		count.secrets += host_scan(opt.secret.value);
	try_all();
}

void attack_report(struct json *j)
{
	json_open(j, "peeks", '[');
	for (u32 i = 0; i < opt.peek.count; i++) {
		json_open(j, NULL, '{');
		json_hex(j, "ipa", opt.peek.of[i]);
		json_string(j, "result", peek_refused[i] ? "refused" : "read");
		json_close(j, '}');
	}
	json_close(j, ']');
	json_open(j, "granules_read", '{');
	json_number(j, "tried", tried);
	json_number(j, "refused", refused);
	json_close(j, '}');
}
