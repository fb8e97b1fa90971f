// SPDX-License-Identifier: GPL-2.0-only
#include "lastwords.h"

#define LAST_WORDS	0x5047

static char words[249];

/* The first text counts. What is not printable is not put on a terminal. */
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
