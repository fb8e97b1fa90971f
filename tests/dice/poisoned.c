// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does a branch or an address depend on a secret? The secrets are marked as undefined, and valgrind's memcheck
 * complains about each such use. Public results are marked as defined before they are looked at.
 *
 *	poisoned		all of it: must be clean
 *	poisoned leak		one branch on the key on purpose: must be found
 */
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "../../drivers/virt/coco/pkvm-guest/dice.h"

static u8 handover[4096], next[8192];

static void check(int err, const char *what)
{
	VALGRIND_MAKE_MEM_DEFINED(&err, sizeof(err));
	if (err)
		printf("%s: %d\n", what, err);
}

/* The file has a good handover: its secrets become undefined, and its chain stays as it is. */
static void next_layer(const struct ed25519_key *key, const char *file)
{
	struct cbor_out out = { next, next + sizeof(next), false };
	struct dice_handover h;
	FILE *f = fopen(file, "rb");
	size_t len = f ? fread(handover, 1, sizeof(handover), f) : 0;

	if (f)
		fclose(f);
	check(dice_parse(&h, handover, len), "parse");
	VALGRIND_MAKE_MEM_UNDEFINED(h.cdi_attest, DICE_CDI_SIZE);
	VALGRIND_MAKE_MEM_UNDEFINED(h.cdi_seal, DICE_CDI_SIZE);
	check(dice_next_handover(&out, &h, key), "next");
	printf("%zu bytes for the next layer\n", (size_t)(out.at - next));
}

int main(int argc, char **argv)
{
	u8 cdi[DICE_CDI_SIZE], challenge[DICE_CHALLENGE_SIZE], report[DICE_REPORT_MAX];
	struct cbor_out out = { report, report + sizeof(report), false };
	struct ed25519_key key;

	memset(cdi, 7, sizeof(cdi));
	memset(challenge, 9, sizeof(challenge));
	VALGRIND_MAKE_MEM_UNDEFINED(cdi, sizeof(cdi));
	check(dice_key(&key, cdi), "key");
	if (argc > 1 && !strcmp(argv[1], "leak") && key.scalar[0] & 8)
		puts("a branch");
	VALGRIND_MAKE_MEM_DEFINED(key.public, sizeof(key.public));
	check(dice_report(&out, &key, challenge, DICE_REWRITTEN), "report");
	printf("a report of %zu bytes\n", (size_t)(out.at - report));
	if (argc > 1 && strcmp(argv[1], "leak"))
		next_layer(&key, argv[1]);
	return 0;
}
