// SPDX-License-Identifier: GPL-2.0-only
#include "count.h"

#define LAST_WORDS	0x5047

struct counters count;

static char words[249];

enum verdict blocked(void)
{
	__atomic_fetch_add(&count.blocked_mmio, 1, __ATOMIC_RELAXED);
	return ABORT;
}

/*
 * A guest without a console says by one of two calls why it ends (Documentation/cca.rst, pkvm.rst). The first counts.
 */
void last_words(u64 number, const u64 *registers, u32 n)
{
	const char *from = (const char *)registers;

	if (number != LAST_WORDS || words[0])
		return;
	for (u32 i = 0; i < n * 8 && i < sizeof(words) - 1 && from[i]; i++)
		words[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '.';
	say("guest's last words: %s", words);
}

void last_words_report(struct json *j)
{
	json_string(j, "last_words", words);
}
