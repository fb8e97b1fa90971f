// SPDX-License-Identifier: GPL-2.0-only
/* The semihosting command line: words key=value. An unknown one ends the run before it starts. */
#include <string.h>
#include "monitor.h"

struct options opt = {
	.mode = "pkvm",
	.psci = "hvc",
	.granule = 4096,
	.uid = 1,
};

enum kind { WORD, NUMBER, LIE, LIST };

static const struct option {
	const char *name;
	enum kind kind;
	void *to;
} options[] = {
	{ "mode",		WORD,	&opt.mode },
	{ "report",		WORD,	&opt.report },
	{ "psci",		WORD,	&opt.psci },
	{ "share_answer",	WORD,	&opt.share_answer },
	{ "granule",		NUMBER,	&opt.granule },
	{ "range_max",		NUMBER,	&opt.range_max },
	{ "timeout",		NUMBER,	&opt.timeout },
	{ "restricted_pool",	NUMBER,	&opt.restricted_pool },
	{ "fail_share",		NUMBER,	&opt.fail_share },
	{ "fail_unshare",	NUMBER,	&opt.fail_unshare },
	{ "fail_every",		NUMBER,	&opt.fail_every },
	{ "delay",		NUMBER,	&opt.delay },
	{ "uid",		NUMBER,	&opt.uid },
	{ "no_hvc",		NUMBER,	&opt.no_hvc },
	{ "pvmfw",		NUMBER,	&opt.pvmfw },
	{ "premap",		NUMBER,	&opt.premap },
	{ "dirty_ram",		NUMBER,	&opt.dirty_ram },
	{ "hide_access_platform", NUMBER, &opt.hide_access_platform },
	{ "allow_bypass",	NUMBER,	&opt.allow_bypass },
	{ "meminfo",		LIE,	&opt.meminfo },
	{ "features",		LIE,	&opt.features },
	{ "secret",		LIE,	&opt.secret },
	{ "peek",		LIST,	opt.peek },
};

static char cmdline[1024];
static const char *unknown;		/* told when all words were read: report= may come later */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* Decimal, 0x hexadecimal, -n, or A<<B; moves *s behind it. */
static u64 number(const char **s)
{
	bool minus = **s == '-';
	u64 value = 0, start;
	int base = 10;

	*s += minus;
	if ((*s)[0] == '0' && ((*s)[1] | 0x20) == 'x') {
		base = 16;
		*s += 2;
	}
	for (start = (u64)*s; digit(**s) < base; ++*s)
		value = value * base + digit(**s);
	if (start == (u64)*s)
		fail("option: a number is missing before \"%s\"", *s);
	if ((*s)[0] == '<' && (*s)[1] == '<') {
		*s += 2;
		value <<= number(s) & 63;
	}
	return minus ? -value : value;
}

static void take_list(const char *s)
{
	for (;;) {
		if (opt.peeks == ARRAY_SIZE(opt.peek))
			fail("option peek: more than %lu addresses", ARRAY_SIZE(opt.peek));
		opt.peek[opt.peeks++] = number(&s);
		if (*s != ',')
			return;
		s++;
	}
}

static void take_lie(struct lie *lie, const char *s)
{
	lie->told = true;
	lie->value = number(&s);
}

static void take(const struct option *o, const char *value)
{
	switch (o->kind) {
	case WORD:
		*(const char **)o->to = value;
		break;
	case NUMBER:
		*(u64 *)o->to = number(&value);
		break;
	case LIE:
		take_lie(o->to, value);
		break;
	case LIST:
		take_list(value);
		break;
	}
}

static void take_word(char *word)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = 0;
	for (u32 i = 0; value && i < ARRAY_SIZE(options); i++)
		if (!strcmp(options[i].name, word))
			return take(&options[i], value);
	unknown = word;
}

static bool one_of(const char *word, const char *a, const char *b, const char *c)
{
	return !strcmp(word, a) || !strcmp(word, b) || !strcmp(word, c);
}

static void options_check(void)
{
	if (unknown)
		fail("unknown option, or one without a value: %s", unknown);
	if (!strcmp(opt.mode, "plain"))
		opt.personality = PLAIN;
	else if (!strcmp(opt.mode, "pkvm"))
		opt.personality = PKVM;
	else if (!strcmp(opt.mode, "pkvm-android"))
		opt.personality = ANDROID;
	else
		fail("option mode=%s: plain, pkvm or pkvm-android", opt.mode);
	if (opt.granule != 4096 && opt.granule != 16384 && opt.granule != 65536)
		fail("option granule=%lu: 4096, 16384 or 65536", opt.granule);
	if (!one_of(opt.psci, "hvc", "smc", "smc"))
		fail("option psci=%s: hvc or smc", opt.psci);
	if (opt.no_hvc && strcmp(opt.psci, "smc"))
		fail("option no_hvc=1: PSCI needs psci=smc then");
	if (opt.share_answer && !one_of(opt.share_answer, "zero", "huge", "garbage"))
		fail("option share_answer=%s: zero, huge or garbage", opt.share_answer);
}

/* The first word is our own name. */
void options_read(void)
{
	char *word = cmdline, *end;
	bool first = true;

	semihost_cmdline(cmdline, sizeof(cmdline));
	for (; word; word = end, first = false) {
		end = strchr(word, ' ');
		if (end)
			*end++ = 0;
		if (*word && !first)
			take_word(word);
	}
	options_check();
}
