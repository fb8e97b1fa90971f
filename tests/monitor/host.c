// SPDX-License-Identifier: GPL-2.0-only
/* The attacker: a host that reads, scans, overwrites and steals. Nothing but this file touches guest data. */
#include <string.h>
#include "monitor.h"
#include "doorbell.h"

static u64 looked;
static bool peek_refused[ARRAY_SIZE(opt.peek.of)];
static u64 random_state = 0x9e3779b97f4a7c15;

/* xorshift: garbage, the same in each run */
u64 host_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* A realm's host has the mirror, by either address. */
static volatile u64 *host_word(u64 ipa)
{
	u64 at = ipa & ~7UL & ~realm_half();

	return (volatile u64 *)(is_realm() && span_has(&ram, at) ? mirror_of(at) : host_page_pa(at));
}

static int host_may(u64 ipa)
{
	if (!span_has(&ram, ipa) && !host_page_has(ipa))
		return DOORBELL_EINVAL;
	if (stage2_host_sees(ipa))
		return DOORBELL_OK;
	count.host_read++;
	return DOORBELL_EFAULT;
}

int host_peek(u64 ipa, u64 *value)
{
	int result = host_may(ipa & ~7UL & ~realm_half());

	*value = result ? 0 : *host_word(ipa);
	return result;
}

int host_poke(u64 ipa)
{
	int result = host_may(ipa & ~7UL & ~realm_half());

	if (!result)
		*host_word(ipa) = host_random();
	return result;
}

/* Forced reclaim (pkvm.md 6): the page is zeroed first, and the guest cannot have it any more. */
int host_steal(u64 ipa)
{
	u64 start = ipa & ~(opt.granule - 1);

	if (is_realm())
		return realm_destroy(ipa & ~realm_half()) ? DOORBELL_OK : DOORBELL_EINVAL;
	if (!protected_vm() || !span_has(&ram, ipa) || stage2_state(ipa) != OWNED)
		return DOORBELL_EINVAL;
	memset((void *)start, 0, opt.granule);
	stage2_set(start, POISONED);
	return DOORBELL_OK;
}

/* What the host has of a page, if anything: also what a realm once left in a page that it has closed since. */
static u64 *seen_page(u64 ipa)
{
	enum page_state state = stage2_state(ipa | realm_half());

	if (is_realm())
		return state == SHARED || state == FORMER || state == OWNED ? (u64 *)mirror_of(ipa) : NULL;
	return protected_vm() && state != SHARED ? NULL : (u64 *)ipa;
}

/* In every granule that the guest has opened; in a plain VM, all of RAM. */
u64 host_scan(u64 pattern)
{
	u64 hits = 0;

	for (u64 page = ram.start; page < ram.end; page += PAGE) {
		u64 *seen = seen_page(page);

		for (u64 *word = seen; seen && word < seen + PAGE / 8; word++)
			hits += *word == pattern;
	}
	return hits + host_pages_scan(pattern);
}

/* Option find_text=: no attacker's eye, but a test's that looks for what a guest without a console has said. */
static bool text_is_at(const char *at)
{
	for (const char *t = opt.find_text; *t; t++, at++)
		if (at == (char *)ram.end || *at != (*t == '_' ? ' ' : *t))
			return false;
	return true;
}

static u64 find_text(void)
{
	u64 hits = 0;

	for (u64 page = ram.start; page < ram.end; page += PAGE) {
		if (stage2_state(page) != OWNED && stage2_state(page) != SHARED)
			continue;
		for (const char *at = (char *)page; at < (char *)page + PAGE; at++)
			hits += text_is_at(at);
	}
	return hits;
}

/* Option look=: likewise, what a test wants to see unchanged. */
static void look(void)
{
	u64 at = opt.look.value & ~7UL;

	if (!span_has(&ram, at))
		fail("option look=0x%lx: no RAM", at);
	looked = *(u64 *)at;
}

/* Options peek=, look= and secret= */
void host_at_end(void)
{
	u64 value;

	for (u32 i = 0; i < opt.peek.count; i++)
		peek_refused[i] = host_peek(opt.peek.of[i], &value) != DOORBELL_OK;
	if (opt.look.told)
		look();
	if (opt.secret.told)
		count.secrets += host_scan(opt.secret.value);
	if (opt.find_text)
		count.text = find_text();
}

void host_report(struct json *j)
{
	json_open(j, "peeks", '[');
	for (u32 i = 0; i < opt.peek.count; i++) {
		json_open(j, NULL, '{');
		json_hex(j, "ipa", opt.peek.of[i]);
		json_string(j, "result", peek_refused[i] ? "refused" : "read");
		json_close(j, '}');
	}
	json_close(j, ']');
	if (opt.look.told)
		json_hex(j, "look", looked);
}
