// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ring the monitor's doorbell: a device of the test machine through which a
 * guest tells where it is, and asks the host to play the attacker.
 *
 *	doorbell mark ID | peek IPA | poke IPA | scan PATTERN | done 0|1 |
 *	steal IPA | fill IPA | send IPA | disrupt 0|1 | stolen CPU | lose N |
 *	count N
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doorbell-map.h"

static const struct verb {
	const char *name;
	uint64_t command;
	int tells_value;
} verbs[] = {
	{ "mark", DOORBELL_MARK, 0 },
	{ "peek", DOORBELL_PEEK, 1 },
	{ "scan", DOORBELL_SCAN, 1 },
	{ "poke", DOORBELL_POKE, 0 },
	{ "done", DOORBELL_DONE, 0 },
	{ "steal", DOORBELL_STEAL, 1 },
	{ "fill", DOORBELL_FILL, 0 },
	{ "send", DOORBELL_SEND, 1 },
	{ "disrupt", DOORBELL_CLOCK_DISRUPT, 1 },
	{ "stolen", DOORBELL_STOLEN, 1 },
	{ "lose", DOORBELL_LOSE, 0 },
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const struct verb *verb;
	uint64_t argument, value;
	int64_t result;

	if (argc != 3) {
		puts("usage: doorbell VERB ARGUMENT");
		return 2;
	}
	if (doorbell_open())
		return 2;

	argument = strtoull(argv[2], NULL, 0);
	if (strcmp(argv[1], "count") == 0) {
		printf("%llu\n", (unsigned long long)doorbell_count(argument));
		return 0;
	}
	verb = find_verb(argv[1]);
	if (!verb) {
		printf("doorbell: no verb %s\n", argv[1]);
		return 2;
	}
	result = doorbell_ring(verb->command, argument, &value);
	if (result) {
		printf("refused %lld\n", (long long)result);
		return 1;
	}
	if (verb->tells_value)
		printf("0x%llx\n", (unsigned long long)value);
	return 0;
}
