// SPDX-License-Identifier: GPL-2.0-only
/*
 * Put a secret where a guest has secrets: in a process's memory, in the page
 * cache, in pages that were freed since, on kernel stacks, and in slab objects
 * of the sizes that packets have. None of it is ever given to a device, so the
 * monitor must not find it in any granule that the host sees.
 *
 *	secret plant PATTERN	prints "planted IPA" of one such page and stays
 *	secret short PATTERN ADDRESS DEVICE
 *				sends short packets out of a buffer with the
 *				secret, and reads a part of a page that has it
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define HELD_BYTES	(1UL << 20)
#define CACHED_BYTES	(1UL << 20)
#define FREED_BYTES	(4UL << 20)
#define STACKS		16
#define MESSAGE		2048
#define PACKETS		256

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

/* sendto() copies all of an address to the stack before it looks at it. */
static void put_on_stack(uint64_t pattern)
{
	struct sockaddr_storage address;
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	fill((uint64_t *)&address, sizeof(address), pattern);
	sendto(fd, "", 1, 0, (struct sockaddr *)&address, sizeof(address));
	close(fd);
}

/* Of all but the first half of them the stacks are freed. */
static void put_on_stacks(uint64_t pattern)
{
	for (int i = 0; i < STACKS; i++) {
		pid_t child = fork();

		if (child)
			continue;
		put_on_stack(pattern);
		if (i < STACKS / 2)
			pause();
		_exit(0);
	}
}

/* Messages that nobody reads lie in objects of the caches that packets come from; every other one is freed. */
static void put_in_slab(uint64_t pattern)
{
	uint64_t message[MESSAGE / 8];
	int ends[2];

	fill(message, sizeof(message), pattern);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends)) {
		perror("socketpair");
		exit(1);
	}
	for (size_t size = 64; size <= MESSAGE; size *= 2)
		for (int i = 0; i < 2; i++)
			send(ends[0], message, size - i * 24, MSG_DONTWAIT);
	for (size_t size = 64; size <= MESSAGE; size *= 2)
		recv(ends[1], message, sizeof(message), MSG_DONTWAIT);
}

static int send_short(uint64_t pattern, const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	uint64_t packet[8];

	inet_pton(AF_INET, address, &to.sin_addr);
	for (int i = 0; i < PACKETS; i++) {
		int size = i % 64;

		fill(packet, sizeof(packet), pattern);
		memset(packet, 0, size);
		if (sendto(fd, packet, size, 0, (struct sockaddr *)&to, sizeof(to)) != size) {
			perror("secret: sendto");
			return 1;
		}
	}
	close(fd);
	return 0;
}

/* What is behind the part that was read stays as it is. */
static int read_short(uint64_t pattern, const char *device)
{
	size_t page = sysconf(_SC_PAGESIZE), bytes = 256 * page;
	uint64_t *at = filled_memory(bytes, pattern);
	int fd = open(device, O_RDONLY | O_DIRECT);

	for (size_t i = 0; i < 256; i++) {
		uint64_t *to = at + i * page / 8;
		size_t size = 512 << i % 3;

		if (pread(fd, to, size, i * page) != (ssize_t)size || to[size / 8] != pattern) {
			perror("secret: short read");
			return 1;
		}
	}
	close(fd);
	munmap(at, bytes);
	return 0;
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

	if (argc < 3 || strcmp(argv[1], argc == 3 ? "plant" : "short") || argc > 5 || argc == 4) {
		puts("usage: secret plant PATTERN | secret short PATTERN ADDRESS DEVICE");
		return 2;
	}
	pattern = strtoull(argv[2], NULL, 0);
	if (argc == 5)
		return send_short(pattern, argv[3]) || read_short(pattern, argv[4]);
	held = filled_memory(HELD_BYTES, pattern);
	mlock(held, HELD_BYTES);
	cache_some(pattern);
	free_some(pattern);
	put_on_stacks(pattern);
	put_in_slab(pattern);

	printf("planted 0x%llx\n", (unsigned long long)physical(held));
	fflush(stdout);
	pause();
	return 0;
}
