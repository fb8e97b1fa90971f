// SPDX-License-Identifier: GPL-2.0-only
/*
 * The monitor's tokens and registers without the monitor, on the host: what tests/verify works with.
 *
 *   maketoken token HASH 907|399 PROFILE SIZE CHALLENGE RPV RIM REM1 REM2 REM3 REM4     a token, in hex
 *   maketoken extend HASH REM VALUE                                                     a REM extended once
 *   maketoken rim HASH STEP...      create BITS | ripas BASE TOP | data IPA FLAGS FILE OFFSET | rec FLAGS PC X0
 *   maketoken time HASH N           N tokens, for a stopwatch
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "token.h"

static char **word;

static void maketoken_die(const char *why)
{
	fprintf(stderr, "maketoken: %s\n", why);
	exit(2);
}

static const char *maketoken_next(void)
{
	return *word ? *word++ : (maketoken_die("a word is missing"), NULL);
}

static u64 next_number(void)
{
	return strtoull(maketoken_next(), NULL, 0);
}

static size_t next_hex(u8 *out, size_t room)
{
	const char *s = maketoken_next();
	size_t n = strlen(s) / 2;
	unsigned int byte;

	if (n > room)
		maketoken_die("too much hex");
	for (size_t i = 0; i < n; i++) {
		if (sscanf(s + 2 * i, "%2x", &byte) != 1)
			maketoken_die("no hex");
		out[i] = byte;
	}
	return n;
}

static enum hash_algorithm next_hash(void)
{
	int algorithm = hash_by_name(maketoken_next());

	if (algorithm < 0)
		maketoken_die("no such hash");
	return algorithm;
}

static void maketoken_print(const u8 *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		printf("%02x", data[i]);
	printf("\n");
}

static struct platform_token platform;
static u8 token[TOKEN_MAX];

static size_t maketoken_make(const struct measurements *m, const u8 *challenge)
{
	size_t size = token_size(&platform, m->algorithm);

	if (size > sizeof(token) || !token_make(&platform, m, challenge, token, size))
		maketoken_die("no token came out");
	return size;
}

static void do_token(void)
{
	struct measurements m = { .algorithm = next_hash() };
	u8 challenge[CHALLENGE_SIZE] = { 0 };

	platform.form.envelope = next_number();
	platform.form.profile = next_number();
	if (!platform_token_make(&platform, m.algorithm, next_number()))
		maketoken_die("no token has that size");
	next_hex(challenge, sizeof(challenge));
	next_hex(m.rpv, sizeof(m.rpv));
	next_hex(m.rim, sizeof(m.rim));
	for (int n = 0; n < NR_REMS; n++)
		next_hex(m.rem[n], sizeof(m.rem[n]));
	maketoken_print(token, maketoken_make(&m, challenge));
}

static void do_extend(void)
{
	struct measurements m = { .algorithm = next_hash() };
	u8 value[CHALLENGE_SIZE];
	size_t size;

	next_hex(m.rem[0], sizeof(m.rem[0]));
	size = next_hex(value, sizeof(value));
	rem_extend(&m, 0, value, size);
	maketoken_print(m.rem[0], hash_size(m.algorithm));
}

static void data_step(struct measurements *m)
{
	u64 ipa = next_number(), flags = next_number();
	FILE *file = fopen(maketoken_next(), "rb");
	u8 page[4096] = { 0 };

	if (!file || fseek(file, next_number(), SEEK_SET))
		maketoken_die("no such file");
	if (!fread(page, 1, sizeof(page), file))
		maketoken_die("the file ends before that");
	fclose(file);
	rim_data(m, ipa, page, flags);
}

static void maketoken_step(struct measurements *m, const char *what)
{
	u64 a = 0, b = 0, gprs[8] = { 0 };

	if (!strcmp(what, "data"))
		return data_step(m);
	a = next_number();
	if (!strcmp(what, "create"))
		return rim_create(m, a, 0, 0);
	b = next_number();
	if (!strcmp(what, "ripas"))
		return rim_ripas(m, a, b);
	gprs[0] = next_number();
	if (strcmp(what, "rec"))
		maketoken_die("no such step");
	rim_rec(m, a, b, gprs);
}

static void do_rim(void)
{
	struct measurements m = { .algorithm = next_hash() };

	while (*word)
		maketoken_step(&m, maketoken_next());
	maketoken_print(m.rim, hash_size(m.algorithm));
}

static void do_time(void)
{
	struct measurements m = { .algorithm = next_hash() };
	u8 challenge[CHALLENGE_SIZE] = { 0 };

	platform.form.envelope = 907;
	if (!platform_token_make(&platform, m.algorithm, 0))
		maketoken_die("no platform token");
	for (u64 n = next_number(); n; n--)
		maketoken_make(&m, challenge);
}

int main(int argc, char **argv)
{
	const char *what;

	(void)argc;
	word = argv + 1;
	what = maketoken_next();
	if (!strcmp(what, "token"))
		do_token();
	else if (!strcmp(what, "extend"))
		do_extend();
	else if (!strcmp(what, "rim"))
		do_rim();
	else if (!strcmp(what, "time"))
		do_time();
	else
		maketoken_die("token, extend, rim or time");
	return 0;
}
