// SPDX-License-Identifier: GPL-2.0-only
/*
 * Read from a device into memory that holds a secret. The device only ever
 * writes there, so the secret must not travel to where the device can see it.
 *
 *	overwrite SECRET DEVICE
 */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "secret.h"

#define CHUNK	(1UL << 20)
#define CHUNKS	8

static int read_over(int fd, uint64_t *buffer)
{
	secret_fill(buffer, CHUNK);
	if (read(fd, buffer, CHUNK) != (ssize_t)CHUNK) {
		perror("overwrite: read");
		return 1;
	}
	for (size_t i = 0; i < CHUNK / sizeof(*buffer); i++) {
		if (buffer[i] == secret_words[i % (SECRET_BYTES / 8)]) {
			puts("overwrite: the device wrote less than it said");
			return 1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t *buffer;
	int fd;

	if (argc != 3) {
		puts("usage: overwrite SECRET DEVICE");
		return 2;
	}
	secret_read(argv[1]);
	fd = open(argv[2], O_RDONLY | O_DIRECT);
	buffer = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fd < 0 || buffer == MAP_FAILED) {
		perror("overwrite");
		return 1;
	}
	for (int chunk = 0; chunk < CHUNKS; chunk++)
		if (read_over(fd, buffer))
			return 1;
	return 0;
}
