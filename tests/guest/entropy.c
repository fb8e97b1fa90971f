// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random numbers by getrandom(2), in hexadecimal.
 *
 *	entropy now	those that are there, or the errno of a generator that is not ready
 *	entropy wait	those that come when the generator is ready
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

int main(int argc, char **argv)
{
	unsigned char bytes[32];

	if (argc != 2)
		return 2;
	if (getrandom(bytes, sizeof(bytes), strcmp(argv[1], "now") ? 0 : GRND_NONBLOCK) != sizeof(bytes)) {
		printf("%s\n", strerrorname_np(errno));
		return 0;
	}
	for (size_t i = 0; i < sizeof(bytes); i++)
		printf("%02x", bytes[i]);
	printf("\n");
	return 0;
}
