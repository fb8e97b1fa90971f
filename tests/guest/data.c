// SPDX-License-Identifier: GPL-2.0-only
/*
 * Write BYTES of data that do not repeat to standard output: the same for the
 * same SEED. /dev/urandom would do, at a tenth of the speed under emulation.
 *
 *	data SEED BYTES
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pattern.h"

static uint64_t block[1 << 14];

int main(int argc, char **argv)
{
	uint64_t state;
	size_t left;

	if (argc != 3) {
		puts("usage: data SEED BYTES");
		return 2;
	}
	state = pattern_seed(strtoull(argv[1], NULL, 0));
	left = strtoull(argv[2], NULL, 0);
	while (left) {
		size_t now = left < sizeof(block) ? left : sizeof(block);

		state = pattern_fill(block, sizeof(block), state);
		for (size_t done = 0; done < now; ) {
			ssize_t n = write(STDOUT_FILENO, (char *)block + done, now - done);

			if (n <= 0) {
				perror("data: write");
				return 1;
			}
			done += n;
		}
		left -= now;
	}
	return 0;
}
