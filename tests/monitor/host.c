// SPDX-License-Identifier: GPL-2.0-only
/* The attacker: a host that reads, scans, overwrites and steals. Nothing but this file touches guest data. */
#include <string.h>
#include "count.h"
#include "doorbell.h"
#include "host.h"
#include "memory.h"
#include "options.h"
#include "secret.h"

static u64 looked;
static bool peek_refused[ARRAY_SIZE(opt.peek.of)];

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
		*host_word(ipa) = random_next();
	return result;
}

/* Forced reclaim (Documentation/spec/pkvm.rst): the page is zeroed first, and the guest cannot have it any more. */
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

static u64 copies_in(u64 ipa, const u64 *seen, u64 bytes, u64 pattern)
{
	return pattern ? secret_copies(seen, bytes, pattern) : secret_look(ipa, seen, bytes, "scanned");
}

/* In every granule that the guest has opened; in a plain VM, all of RAM. Without a pattern, for the secrets. */
u64 host_scan(u64 pattern)
{
	u64 hits = 0;

	for (u64 page = ram.start; page < ram.end; page += PAGE) {
		u64 *seen = seen_page(page);

		if (seen)
			hits += copies_in(page, seen, PAGE, pattern);
	}
	return hits + host_pages_scan(copies_in, pattern);
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
static void look_at_word(void)
{
	u64 at = opt.look.value & ~7UL;

	if (!span_has(&ram, at))
		fail("option look=0x%lx: no RAM", at);
	looked = *(u64 *)at;
}

/*
 * Option stale=: what drivers have left as it was in what they showed to a device. Only the contents show where
 * that is: an entry of a packed ring's indirect table names shared memory, and what a network card sends has the
 * card's address in it, QEMU's first.
 */
struct packed {
	u64 address;
	u32 length;
	u16 id, flags;
};

static void look_at_descriptor(const struct packed *d)
{
	u64 address = d->address & ~realm_half();

	if (!span_has(&ram, address) || !stage2_host_sees(address) || !d->length || d->length > 0x400000 ||
	    (d->flags & ~2))
		return;
	count.descriptors++;
	count.stale_descriptors += d->id == opt.stale * 0x0101;
}

#define HEADER		12		/* virtio 1.2, 5.1.6, without a hash */
#define FILLED		10		/* all but the number of buffers */
#define SENDER		6		/* behind the address that the frame goes to */

static void look_at_header(const u8 *header)
{
	static const u8 card[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };

	if (memcmp(header + HEADER + SENDER, card, sizeof(card)))
		return;
	count.headers++;
	count.stale_headers += header[FILLED] == opt.stale && header[FILLED + 1] == opt.stale;
}

static void find_stale(void)
{
	for (u64 page = ram.start; page < ram.end; page += PAGE) {
		u8 *seen = (u8 *)seen_page(page);

		for (u64 at = 0; seen && at < PAGE; at += sizeof(struct packed))
			look_at_descriptor((struct packed *)(seen + at));
		for (u64 at = 0; seen && at + HEADER + SENDER + 6 <= PAGE; at++)
			look_at_header(seen + at);
	}
}

/* Of so many pages one is looked at for a notification. */
#define STRIDE		256

static void look_for_secret(void)
{
	static u64 turn;

	if (!secret_told() || !protected_vm())
		return;
	turn++;
	for (u64 page = ram.start + turn % STRIDE * PAGE; page < ram.end; page += STRIDE * PAGE) {
		const u64 *seen = seen_page(page);

		if (seen)
			secret_notified(page, seen);
	}
}

/* At a notification the device has not looked yet; later all is overwritten. */
void host_notified(void)
{
	static u32 notified, looks;

	lock();
	look_for_secret();
	if (opt.stale && looks < 100 && ++notified % 8 == 0) {
		looks++;
		find_stale();
	}
	unlock();
}

/* In a split ring, the completion of a request that cannot be (virtio 1.2, 2.7.8). */
void host_break_ring(u64 used, u32 size)
{
	volatile u16 *index = (volatile u16 *)((u64)host_word(used) + (used & 7));
	volatile u32 *element = (volatile u32 *)index + 1;

	if (host_may(used & ~realm_half()) || !size || (used & (PAGE - 1)) + 4 + 8 * size > PAGE)
		fail("option break_queue: no ring of one page at 0x%lx", used);
	lock();
	element[index[1] % size * 2] = ~0U;
	__atomic_store_n(&index[1], index[1] + 1, __ATOMIC_RELEASE);
	count.broken++;
	unlock();
}

/* Options peek=, look=, secret= and secrets= */
void host_at_end(void)
{
	u64 value;

	for (u32 i = 0; i < opt.peek.count; i++)
		peek_refused[i] = host_peek(opt.peek.of[i], &value) != DOORBELL_OK;
	if (opt.look.told)
		look_at_word();
	if (secret_told())
		count.secrets += host_scan(0);
	if (opt.find_text)
		count.text = find_text();
	if (opt.stale)
		find_stale();
}

static void report_stale(struct json *j)
{
	json_open(j, "stale", '{');
	json_number(j, "descriptors", count.descriptors);
	json_number(j, "headers", count.headers);
	json_number(j, "stale_descriptors", count.stale_descriptors);
	json_number(j, "stale_headers", count.stale_headers);
	json_close(j, '}');
}

void host_report(struct json *j)
{
	if (opt.stale)
		report_stale(j);
	if (opt.break_queue.told)
		json_number(j, "broken", count.broken);
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
