// SPDX-License-Identifier: GPL-2.0-only
/*
 * The work of `make bench`, in one process so that no fork is counted: each
 * piece stands between two marks of the doorbell (2n before, 2n + 1 after).
 *
 *	measure DISK PORT_UP PORT_DOWN
 *	measure crypt DISK
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "doorbell-map.h"
#include "pattern.h"
#include "tcp.h"

#define MIB		(1UL << 20)
#define FIRST_MARK	20

static const char *disk;
static int port_up, port_down;
static void *buffer;

static int die(const char *what)
{
	perror(what);
	return 1;
}

static int idle(void)
{
	return 0;
}

/* Twice: in a protected VM the first time is also the host's, who gives memory page by page. */
static int read_64_mib(void)
{
	int fd = open(disk, O_RDONLY);

	for (int i = 0; i < 64; i++) {
		if (read(fd, buffer, MIB) != (ssize_t)MIB)
			return die("read");
	}
	close(fd);
	return 0;
}

static int read_4096_direct(void)
{
	int fd = open(disk, O_RDONLY | O_DIRECT);

	/* 28 KiB apart, all over the place: nothing merges and nothing is read ahead. */
	for (off_t i = 0; i < 4096; i++) {
		if (pread(fd, buffer, 4096, i * 2731 % 4096 * 28672) != 4096)
			return die("direct read");
	}
	close(fd);
	return 0;
}

static int write_32_mib(void)
{
	int fd = open(disk, O_WRONLY);

	for (int i = 0; i < 32; i++) {
		if (write(fd, buffer, MIB) != (ssize_t)MIB)
			return die("write");
	}
	if (fsync(fd))
		return die("fsync");
	close(fd);
	return 0;
}

static int send_16_mib(void)
{
	int sock = tcp_to_host(port_up);

	for (size_t done = 0; sock >= 0 && done < 16 * MIB; ) {
		ssize_t n = write(sock, buffer, MIB);

		if (n <= 0)
			return die("send");
		done += n;
	}
	return sock < 0 || tcp_finish(sock);
}

static int receive_16_mib(void)
{
	int sock = tcp_to_host(port_down);
	size_t done = 0;
	ssize_t n;

	while (sock >= 0 && (n = read(sock, buffer, MIB)) > 0)
		done += n;
	return sock < 0 || done != 16 * MIB;
}

struct piece {
	const char *name;
	int (*work)(void);
};

static const struct piece pieces[] = {
	{ "idle", idle },
	{ "first_read_64_mib", read_64_mib },
	{ "read_64_mib", read_64_mib },
	{ "read_4096_direct", read_4096_direct },
	{ "write_32_mib", write_32_mib },
	{ "tcp_send_16_mib", send_16_mib },
	{ "tcp_receive_16_mib", receive_16_mib },
};

/* Of a disk that dm-crypt encrypts. The numbers before these are those of bench.sh. */
#define FIRST_CRYPT	9

static const struct piece crypt_pieces[] = {
	{ "crypt_read_64_mib", read_64_mib },
	{ "crypt_write_32_mib", write_32_mib },
};

static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	sync();
	if (fd < 0 || write(fd, "1", 1) != 1)
		perror("drop_caches");
	close(fd);
}

/* What differs from boot to boot, since it depends on how fast the host is */
static const char *const events[] = { "intr", "ctxt", "softirq" };

#define EVENTS		(sizeof(events) / sizeof(events[0]))

static void count_events(unsigned long *counts)
{
	FILE *file = fopen("/proc/stat", "r");
	char line[4096], name[16];
	unsigned long count;

	while (file && fgets(line, sizeof(line), file)) {
		for (unsigned int i = 0; sscanf(line, "%15s %lu", name, &count) == 2 && i < EVENTS; i++) {
			if (!strcmp(name, events[i]))
				counts[i] = count;
		}
	}
	if (file)
		fclose(file);
}

static void print_events(const char *piece, const unsigned long *before, const unsigned long *after)
{
	printf("@pguest {\"value\": \"events_%s\", \"is\": \"", piece);
	for (unsigned int i = 0; i < EVENTS; i++)
		printf("%s%lu", i ? " " : "", after[i] - before[i]);
	puts("\"}");
}

static int run_piece(const struct piece *piece, unsigned int number)
{
	unsigned long before[EVENTS] = { 0 }, after[EVENTS] = { 0 };
	int failed;

	drop_caches();
	count_events(before);
	doorbell_ring(DOORBELL_MARK, FIRST_MARK + 2 * number, NULL);
	failed = piece->work();
	doorbell_ring(DOORBELL_MARK, FIRST_MARK + 2 * number + 1, NULL);
	count_events(after);
	print_events(piece->name, before, after);
	printf("@pguest {\"check\": \"%s\", \"ok\": %s}\n", piece->name,
	       failed ? "false" : "true");
	fflush(stdout);
	return failed;
}

static int run_pieces(const struct piece *list, unsigned int count, unsigned int first)
{
	unsigned int failed = 0;

	for (unsigned int i = 0; i < count; i++)
		failed += run_piece(&list[i], first + i);
	printf("SUMMARY: measure: %u passed, %u failed\n", count - failed, failed);
	return failed != 0;
}

int main(int argc, char **argv)
{
	int crypt = argc == 3 && !strcmp(argv[1], "crypt");

	if (argc != 4 && !crypt) {
		puts("usage: measure DISK PORT_UP PORT_DOWN | measure crypt DISK");
		return 2;
	}
	disk = argv[1 + crypt];
	buffer = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (buffer == MAP_FAILED || doorbell_open())
		return 2;
	pattern_fill(buffer, MIB, pattern_seed(1));
	if (crypt)
		return run_pieces(crypt_pieces, sizeof(crypt_pieces) / sizeof(crypt_pieces[0]), FIRST_CRYPT);
	port_up = atoi(argv[2]);
	port_down = atoi(argv[3]);
	return run_pieces(pieces, sizeof(pieces) / sizeof(pieces[0]), 0);
}
