// SPDX-License-Identifier: GPL-2.0-only
/*
 * Put a secret where a guest has secrets: in a process's memory, in the page
 * cache, in pages that were freed since, on kernel stacks, and in slab objects
 * of the sizes that packets have. None of it is ever given to a device, so the
 * monitor must not find it in any granule that the host sees.
 *
 *	secret plant SECRET	prints "planted IPA" of one such page and stays
 *	secret short SECRET ADDRESS DEVICE
 *				sends short packets out of a buffer with the
 *				secret, and reads a part of a page that has it
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "secret.h"

#define HELD_BYTES	(1UL << 20)
#define CACHED_BYTES	(1UL << 20)
#define FREED_BYTES	(4UL << 20)
#define STACKS		16
#define MESSAGE		2048
#define PACKETS		256

static uint64_t *filled_memory(size_t bytes)
{
	uint64_t *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (at == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	secret_fill(at, bytes);
	return at;
}

/* Anonymous pages that go back to the kernel with the secret still in them. */
static void free_some(void)
{
	munmap(filled_memory(FREED_BYTES), FREED_BYTES);
}

static void cache_some(void)
{
	uint64_t *data = filled_memory(CACHED_BYTES);
	int fd = open("/tmp/secret", O_CREAT | O_WRONLY, 0600);

	if (fd < 0 || write(fd, data, CACHED_BYTES) != (ssize_t)CACHED_BYTES) {
		perror("/tmp/secret");
		exit(1);
	}
	close(fd);
	munmap(data, CACHED_BYTES);
}

/* sendto() copies all of an address to the stack before it looks at it. */
static void put_on_stack(void)
{
	struct sockaddr_storage address;
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	secret_fill((uint64_t *)&address, sizeof(address));
	sendto(fd, "", 1, 0, (struct sockaddr *)&address, sizeof(address));
	close(fd);
}

/* Of all but the first half of them the stacks are freed. */
static void put_on_stacks(void)
{
	for (int i = 0; i < STACKS; i++) {
		pid_t child = fork();

		if (child)
			continue;
		put_on_stack();
		if (i < STACKS / 2)
			pause();
		_exit(0);
	}
}

/* Messages that nobody reads lie in objects of the caches that packets come from; every other one is freed. */
static void put_in_slab(void)
{
	uint64_t message[MESSAGE / 8];
	int ends[2];

	secret_fill(message, sizeof(message));
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

/* Objects with the secret beside those that the device reads: of the same cache, every other one freed. */
static void put_beside(const int *ends)
{
	char message[SECRET_BYTES], other[SECRET_BYTES];

	secret_fill((uint64_t *)message, sizeof(message));
	send(ends[0], message, sizeof(message), MSG_DONTWAIT);
	send(ends[0], message, sizeof(message), MSG_DONTWAIT);
	recv(ends[1], other, sizeof(other), MSG_DONTWAIT);
}

static int send_short(const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	uint64_t packet[8];
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends)) {
		perror("socketpair");
		return 1;
	}
	inet_pton(AF_INET, address, &to.sin_addr);
	for (int i = 0; i < PACKETS; i++) {
		int size = i % 64;

		secret_fill(packet, sizeof(packet));
		memset(packet, 0, size);
		put_beside(ends);
		if (sendto(fd, packet, size, 0, (struct sockaddr *)&to, sizeof(to)) != size) {
			perror("secret: sendto");
			return 1;
		}
	}
	close(fd);
	return 0;
}

/* What is behind the part that was read stays as it is. */
static int read_short(const char *device)
{
	size_t page = sysconf(_SC_PAGESIZE), bytes = 256 * page;
	uint64_t *at = filled_memory(bytes);
	int fd = open(device, O_RDONLY | O_DIRECT);

	for (size_t i = 0; i < 256; i++) {
		uint64_t *to = at + i * page / 8;
		size_t size = 512 << i % 3;

		if (pread(fd, to, size, i * page) != (ssize_t)size || to[size / 8] != secret_words[0]) {
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
	struct iovec first = { .iov_len = sysconf(_SC_PAGESIZE) };
	uint64_t *held;
	int pin[2];

	if (argc < 3 || strcmp(argv[1], argc == 3 ? "plant" : "short") || argc > 5 || argc == 4) {
		puts("usage: secret plant SECRET | secret short SECRET ADDRESS DEVICE");
		return 2;
	}
	secret_read(argv[2]);
	if (argc == 5)
		return send_short(argv[3]) || read_short(argv[4]);
	held = filled_memory(HELD_BYTES);
	mlock(held, HELD_BYTES);
	cache_some();
	free_some();
	put_on_stacks();
	put_in_slab();

	/* Else the page is moved when the bounce pool wants its place, and the host reads the pool there. */
	first.iov_base = held;
	if (pipe(pin) || vmsplice(pin[1], &first, 1, 0) != (ssize_t)first.iov_len) {
		perror("pinning a page");
		return 1;
	}
	printf("planted 0x%llx\n", (unsigned long long)physical(held));
	fflush(stdout);
	pause();
	return 0;
}
