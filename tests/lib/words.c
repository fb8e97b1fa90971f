// SPDX-License-Identifier: GPL-2.0-only
/* Words key=value of the semihosting command line, by a table of the program's. */
#include <string.h>
#include "base.h"

static char cmdline[2048];

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* Decimal, 0x hexadecimal, -n, or A<<B; moves *s behind it. */
static u64 read_number(const char **s)
{
	bool minus = **s == '-';
	u64 value = 0, start;
	int base = 10;

	*s += minus;
	if ((*s)[0] == '0' && ((*s)[1] | 0x20) == 'x') {
		base = 16;
		*s += 2;
	}
	for (start = (u64)*s; digit_of(**s) < base; ++*s)
		value = value * base + digit_of(**s);
	if (start == (u64)*s)
		fail("option: a number is missing before \"%s\"", *s);
	if ((*s)[0] == '<' && (*s)[1] == '<') {
		*s += 2;
		value <<= read_number(s) & 63;
	}
	return minus ? -value : value;
}

u64 to_number(const char *word)
{
	return read_number(&word);
}

/* address,size */
static void take_span(struct span *span, const char *s)
{
	span->start = read_number(&s);
	if (*s++ != ',')
		fail("option: an address, a comma and a size");
	span->end = span->start + read_number(&s);
}

static void take_text(char *to, const char *s)
{
	if (strlen(s) > 64)
		fail("option: more than 64 bytes");
	memcpy(to, s, strlen(s));
}

/* One number to four; those that are missing are zero. */
static void take_four(u64 *to, const char *s)
{
	for (u32 i = 0; i < 4; i++) {
		to[i] = read_number(&s);
		if (*s != ',')
			return;
		s++;
	}
	fail("option: more than 4 numbers");
}

static void take_list(struct numbers *to, const char *s)
{
	for (;;) {
		if (to->count == ARRAY_SIZE(to->of))
			fail("option: more than %lu numbers", ARRAY_SIZE(to->of));
		to->of[to->count++] = read_number(&s);
		if (*s != ',')
			return;
		s++;
	}
}

static void take_lie(struct lie *lie, const char *s)
{
	lie->told = true;
	lie->value = read_number(&s);
}

static void take_value(const struct option *o, const char *value)
{
	switch (o->kind) {
	case WORD:
		*(const char **)o->to = value;
		break;
	case NUMBER:
		*(u64 *)o->to = read_number(&value);
		break;
	case LIE:
		take_lie(o->to, value);
		break;
	case LIST:
		take_list(o->to, value);
		break;
	case FOUR:
		take_four(o->to, value);
		break;
	case TEXT64:
		take_text(o->to, value);
		break;
	case SPAN:
		take_span(o->to, value);
		break;
	}
}

static bool take_word(const struct option *options, u32 count, char *word)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = 0;
	for (u32 i = 0; value && i < count; i++) {
		if (strcmp(options[i].name, word))
			continue;
		take_value(&options[i], value);
		return true;
	}
	return false;
}

bool one_of(const char *word, const char *a, const char *b, const char *c)
{
	return !strcmp(word, a) || !strcmp(word, b) || !strcmp(word, c);
}

const char *words_read(const struct option *options, u32 count)
{
	const char *unknown = NULL;
	char *word = cmdline, *end;
	bool first = true;

	semihost_cmdline(cmdline, sizeof(cmdline));
	for (; word; word = end, first = false) {
		end = strchr(word, ' ');
		if (end)
			*end++ = 0;
		if (*word && !first && !take_word(options, count, word))
			unknown = word;
	}
	return unknown;
}
