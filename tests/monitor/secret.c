// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies of the guest's secrets (options secret= and secrets=) in what the host sees. The host looks at a page
 * whenever that changes hands, since what a page has when it is shown can be overwritten before the run ends; and at
 * some shared pages at each notification of a device, when the buffers for it are ready and the device has not
 * written yet.
 */
#include <string.h>
#include "count.h"
#include "memory.h"
#include "options.h"
#include "secret.h"

#define SECRETS		16
#define LENGTH		64
#define FINDS		8

/* A copy need not be aligned, and can follow another one: the 8 bytes at each offset of a secret that goes on. */
static u64 windows[SECRETS * LENGTH];
static u32 nr_windows;
static u8 begins[(1 << 16) / 8];	/* by the low half of a window's low word */

static struct {
	u64 shown, closed, notified, looks;
	u64 of[SECRETS];
	struct { u64 ipa; const char *when; u32 secret, offset; } first[FINDS];
	u32 nr;
} found;

static void learn_secret(const u8 *secret)
{
	u8 twice[2 * LENGTH];

	memcpy(twice, secret, LENGTH);
	memcpy(twice + LENGTH, secret, LENGTH);
	for (u32 i = 0; i < LENGTH; i++) {
		u64 window;

		memcpy(&window, twice + i, sizeof(window));
		windows[nr_windows++] = window;
		begins[(window & 0xffff) / 8] |= 1 << window % 8;
	}
}

/* Of the launcher's, 64 bytes each. What is shorter is there more than once. */
static void learn_file(const char *name)
{
	static char file[(SECRETS - 1) * LENGTH];
	s64 size = semihost_read_file(name, file, sizeof(file));

	if (size <= 0 || size % LENGTH)
		fail("option secrets: cannot read %s, or it is no multiple of %d bytes, or too long", name, LENGTH);
	for (s64 at = 0; at < size; at += LENGTH)
		learn_secret((u8 *)file + at);
}

void secret_init(void)
{
	u64 same[LENGTH / 8];

	if (opt.secrets)
		learn_file(opt.secrets);
	if (!opt.secret.told)
		return;
	for (u32 i = 0; i < ARRAY_SIZE(same); i++)
		same[i] = opt.secret.value;
	learn_secret((u8 *)same);
}

bool secret_told(void)
{
	return nr_windows;
}

static const u64 *window_of(u64 word)
{
	if (!(begins[(word & 0xffff) / 8] & 1 << word % 8))
		return NULL;
	for (const u64 *window = windows; window < windows + nr_windows; window++)
		if (*window == word)
			return window;
	return NULL;
}

static void keep_find(u64 ipa, const char *when, const u64 *window)
{
	if (found.nr == FINDS)
		return;
	found.first[found.nr].ipa = ipa;
	found.first[found.nr].when = when;
	found.first[found.nr].secret = (window - windows) / LENGTH;
	found.first[found.nr++].offset = (window - windows) % LENGTH;
}

u64 secret_look(u64 ipa, const void *at, u64 bytes, const char *when)
{
	u64 hits = 0;

	for (const u64 *word = at; word < (u64 *)at + bytes / 8; word++) {
		const u64 *window = window_of(*word);

		if (!window)
			continue;
		found.of[(window - windows) / LENGTH]++;
		if (!hits++)
			keep_find(ipa, when, window);
	}
	return hits;
}

static u64 rotate_word(u64 word, u32 bits)
{
	return bits ? word << bits | word >> (64 - bits) : word;
}

static bool is_copy(u64 word, u64 pattern)
{
	for (u32 bits = 0; bits < 64; bits += 8)
		if (word == rotate_word(pattern, bits))
			return true;
	return false;
}

/* A pattern that the guest names, which is no secret: doorbell SCAN */
u64 secret_copies(const u64 *at, u64 bytes, u64 pattern)
{
	u64 hits = 0;

	for (const u64 *word = at; word < at + bytes / 8; word++)
		hits += is_copy(*word, pattern);
	return hits;
}

static u64 look_at(u64 ipa, const void *page, const char *when)
{
	u64 hits = secret_look(ipa, page, PAGE, when);

	found.looks++;
	count.secrets += hits;
	return hits;
}

void secret_shown(u64 ipa, const void *page)
{
	if (secret_told())
		found.shown += look_at(ipa, page, "shown");
}

void secret_closed(u64 ipa, const void *page)
{
	if (secret_told())
		found.closed += look_at(ipa, page, "closed");
}

void secret_notified(u64 ipa, const void *page)
{
	if (secret_told())
		found.notified += look_at(ipa, page, "notified");
}

void secret_report(struct json *j)
{
	json_open(j, "secret", '{');
	json_number(j, "looks", found.looks);
	json_number(j, "shown", found.shown);
	json_number(j, "closed", found.closed);
	json_number(j, "notified", found.notified);
	json_open(j, "of", '[');
	for (u32 i = 0; i < nr_windows / LENGTH; i++)
		json_number(j, NULL, found.of[i]);
	json_close(j, ']');
	json_open(j, "first", '[');
	for (u32 i = 0; i < found.nr; i++) {
		json_open(j, NULL, '{');
		json_hex(j, "ipa", found.first[i].ipa);
		json_string(j, "when", found.first[i].when);
		json_number(j, "secret", found.first[i].secret);
		json_number(j, "offset", found.first[i].offset);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}
