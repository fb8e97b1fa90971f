// SPDX-License-Identifier: GPL-2.0-only
/*
 * Put a secret where a guest has secrets: in a process's memory, in the page
 * cache, and in pages that were freed since. None of it is ever given to a
 * device, so the monitor must not find it in any granule that the host sees.
 *
 *	secret plant PATTERN	prints "planted IPA" of one such page and stays
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HELD_BYTES	(1UL << 20)
#define CACHED_BYTES	(1UL << 20)
#define FREED_BYTES	(4UL << 20)

static void fill(uint64_t *at, size_t bytes, uint64_t pattern)
{
	for (size_t i = 0; i < bytes / sizeof(*at); i++)
		at[i] = pattern;
}

static uint64_t *filled_memory(size_t bytes, uint64_t pattern)
{
	uint64_t *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (at == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	fill(at, bytes, pattern);
	return at;
}

/* Anonymous pages that go back to the kernel with the secret still in them. */
static void free_some(uint64_t pattern)
{
	munmap(filled_memory(FREED_BYTES, pattern), FREED_BYTES);
}

static void cache_some(uint64_t pattern)
{
	uint64_t *data = filled_memory(CACHED_BYTES, pattern);
	int fd = open("/tmp/secret", O_CREAT | O_WRONLY, 0600);

	if (fd < 0 || write(fd, data, CACHED_BYTES) != (ssize_t)CACHED_BYTES) {
		perror("/tmp/secret");
		exit(1);
	}
	close(fd);
	munmap(data, CACHED_BYTES);
}

static uint64_t physical(const void *at)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entry = 0, page = sysconf(_SC_PAGESIZE);

	if (fd < 0 || pread(fd, &entry, 8, (uintptr_t)at / page * 8) != 8 || !(entry >> 63)) {
		puts("secret: no physical address");
		exit(1);
	}
	close(fd);
	return (entry & ((1ULL << 55) - 1)) * page;
}

int main(int argc, char **argv)
{
	uint64_t pattern, *held;

	if (argc != 3 || strcmp(argv[1], "plant")) {
		puts("usage: secret plant PATTERN");
		return 2;
	}
	pattern = strtoull(argv[2], NULL, 0);
	held = filled_memory(HELD_BYTES, pattern);
	mlock(held, HELD_BYTES);
	cache_some(pattern);
	free_some(pattern);

	printf("planted 0x%llx\n", (unsigned long long)physical(held));
	fflush(stdout);
	pause();
	return 0;
}
