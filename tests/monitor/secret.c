// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies of the guest's secret (option secret=) in what the host sees. The host looks at a page whenever that
 * changes hands, since what a page has when it is shown can be overwritten before the run ends; and at some shared
 * pages at each notification of a device, when the buffers for it are ready and the device has not written yet.
 */
#include "count.h"
#include "memory.h"
#include "options.h"
#include "secret.h"

static struct {
	u64 shown, closed, notified, looks;
	u64 first;			/* address of the first page with a copy */
	const char *when;
} found;

static u64 rotate_word(u64 word, u32 bits)
{
	return bits ? word << bits | word >> (64 - bits) : word;
}

static u64 fold_bytes(u64 word)
{
	word ^= word >> 32;
	word ^= word >> 16;
	return (word ^ word >> 8) & 0xff;
}

/* A copy need not be aligned: then its words have the pattern's bytes in turn. */
static bool is_copy(u64 word, u64 pattern)
{
	for (u32 bits = 0; bits < 64; bits += 8)
		if (word == rotate_word(pattern, bits))
			return true;
	return false;
}

u64 secret_copies(const u64 *at, u64 bytes, u64 pattern)
{
	u64 hits = 0, sum = fold_bytes(pattern);

	for (const u64 *word = at; word < at + bytes / 8; word++)
		hits += fold_bytes(*word) == sum && is_copy(*word, pattern);
	return hits;
}

static u64 look_at(u64 ipa, const void *page, const char *when)
{
	u64 hits = secret_copies(page, PAGE, opt.secret.value);

	found.looks++;
	if (hits && !found.when) {
		found.first = ipa;
		found.when = when;
	}
	count.secrets += hits;
	return hits;
}

void secret_shown(u64 ipa, const void *page)
{
	if (opt.secret.told)
		found.shown += look_at(ipa, page, "shown");
}

void secret_closed(u64 ipa, const void *page)
{
	if (opt.secret.told)
		found.closed += look_at(ipa, page, "closed");
}

void secret_notified(u64 ipa, const void *page)
{
	if (opt.secret.told)
		found.notified += look_at(ipa, page, "notified");
}

void secret_report(struct json *j)
{
	json_open(j, "secret", '{');
	json_number(j, "looks", found.looks);
	json_number(j, "shown", found.shown);
	json_number(j, "closed", found.closed);
	json_number(j, "notified", found.notified);
	json_hex(j, "first", found.first);
	json_string(j, "when", found.when ? found.when : "");
	json_close(j, '}');
}
