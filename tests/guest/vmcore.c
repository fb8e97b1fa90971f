// SPDX-License-Identifier: GPL-2.0-only
/*
 * Save /proc/vmcore, and see that it reads as it is mapped.
 *
 *	vmcore FILE	prints its size in bytes
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE	(1UL << 20)

static void fail(const char *what, off_t at)
{
	printf("%s at %#llx: %m\n", what, (long long)at);
	exit(1);
}

static void read_all(int core, char *to, size_t size, off_t at)
{
	for (size_t done = 0; done < size; ) {
		ssize_t got = pread(core, to + done, size - done, at + done);

		if (got <= 0)
			fail("read", at + done);
		done += got;
	}
}

/* What is read and what is mapped must be the same. */
static void compare(int core, const char *piece, size_t size, off_t at)
{
	char *mapped = mmap(NULL, size, PROT_READ, MAP_PRIVATE, core, at);

	if (mapped == MAP_FAILED)
		fail("mmap", at);
	if (memcmp(mapped, piece, size))
		fail("it is mapped as it does not read", at);
	munmap(mapped, size);
}

int main(int argc, char **argv)
{
	int core = open("/proc/vmcore", O_RDONLY), out = -1;
	char *piece = malloc(PIECE);
	struct stat is;
	off_t at;

	if (argc != 2) {
		puts("usage: vmcore FILE");
		return 2;
	}
	out = open(argv[1], O_WRONLY | O_CREAT, 0600);
	if (core < 0 || out < 0 || !piece || fstat(core, &is))
		fail("open", 0);
	for (at = 0; at < is.st_size; at += PIECE) {
		size_t size = is.st_size - at < (off_t)PIECE ? is.st_size - at : (off_t)PIECE;

		read_all(core, piece, size, at);
		compare(core, piece, size, at);
		if (write(out, piece, size) != (ssize_t)size)
			fail("write", at);
	}
	if (fsync(out))
		fail("fsync", at);
	printf("%lld\n", (long long)is.st_size);
	return 0;
}
