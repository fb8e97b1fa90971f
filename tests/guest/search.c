// SPDX-License-Identifier: GPL-2.0-only
/*
 * Look for bytes in memory, in each way that root has to read it.
 *
 *	search mem START SIZE PATTERN...	/dev/mem, at physical addresses
 *	search kcore PATTERN...		/proc/kcore: RAM and what is allocated by vmalloc()
 *	search dice PATTERN...		/dev/open-dice0
 *
 * Prints how often each pattern is there, and how many MiB were read. A pattern is 16 bytes as
 * hexadecimal digits, each of them inverted: so neither the command line nor this program has
 * what it looks for.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LENGTH		16
#define MOST		8
#define PIECE		(1UL << 16)
/* Of one range of /proc/kcore: that of vmalloc() is larger, and mostly empty. */
#define LARGEST		(1UL << 40)

static unsigned char inverted[MOST][LENGTH];
static unsigned long found[MOST], bytes_read;
static unsigned int patterns;
/* By the first two bytes, is there a pattern that begins so? */
static unsigned char begins[1 << 16];
static int zero_begins;
/* Behind the end of the piece before, in which a pattern may begin */
#define BEFORE		(LENGTH - 1)
static unsigned char piece[BEFORE + PIECE];

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int is_at(const unsigned char *at, const unsigned char *pattern)
{
	for (int i = 0; i < LENGTH; i++) {
		if ((at[i] ^ pattern[i]) != 0xff)
			return 0;
	}
	return 1;
}

static int is_zero(const unsigned char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return !word;
}

static void look_at(size_t size)
{
	bytes_read += size;
	for (size_t at = 0; at < size; at++) {
		uint16_t first;

		/* Most of memory is zeros. */
		while (!zero_begins && at + 8 <= size && is_zero(piece + at))
			at += 8;
		if (at == size)
			break;
		memcpy(&first, piece + at, sizeof(first));
		if (!begins[first])
			continue;
		for (unsigned int i = 0; i < patterns; i++)
			found[i] += is_at(piece + at, inverted[i]);
	}
	memmove(piece, piece + size, BEFORE);
	/* Memory that is looked at may be this. */
	memset(piece + BEFORE, 0, PIECE);
}

/* At the beginning of a range there is nothing before it. */
static void begin_range(void)
{
	memset(piece, 0, BEFORE);
}

/* What is no RAM of this kernel is mapped as a device: aligned loads only. */
static void copy_words(void *to, const void *from, size_t size)
{
	const volatile uint64_t *in = from;

	for (size_t i = 0; i < size / sizeof(*in); i++) {
		uint64_t word = in[i];

		memcpy((char *)to + i * sizeof(word), &word, sizeof(word));
	}
}

static int read_by_mapping(int fd, off_t start, size_t size, unsigned char *to)
{
	void *mapped = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, start);

	if (mapped == MAP_FAILED)
		return -1;
	copy_words(to, mapped, size);
	munmap(mapped, size);
	return 0;
}

/* With CONFIG_STRICT_DEVMEM a page of /dev/mem may be refused: then it is all that is not read. */
static void read_by_pages(int fd, off_t start, size_t size, unsigned char *to)
{
	size_t page = sysconf(_SC_PAGESIZE);

	for (size_t at = 0; at < size; at += page) {
		if (!read_by_mapping(fd, start + at, page, to + at))
			continue;
		if (errno != EPERM)
			fail("mmap");
		memset(to + at, 0, page);
		bytes_read -= page;
	}
}

static void look_through_mapping(int fd, off_t start, size_t size)
{
	begin_range();
	for (size_t at = 0; at < size; at += PIECE) {
		size_t part = size - at < PIECE ? size - at : PIECE;

		if (read_by_mapping(fd, start + at, part, piece + BEFORE))
			read_by_pages(fd, start + at, part, piece + BEFORE);
		look_at(part);
	}
}

/* Where /proc/kcore has an address */
static off_t place_of(const Elf64_Phdr *loads, unsigned int nr, uint64_t address)
{
	for (unsigned int i = 0; i < nr; i++) {
		if (address >= loads[i].p_vaddr && address - loads[i].p_vaddr < loads[i].p_memsz)
			return loads[i].p_offset + (address - loads[i].p_vaddr);
	}
	return -1;
}

static void look_through_file(int fd, off_t start, size_t size)
{
	begin_range();
	for (size_t at = 0; at < size; at += PIECE) {
		size_t part = size - at < PIECE ? size - at : PIECE;
		ssize_t got = pread(fd, piece + BEFORE, part, start + at);

		/* A hole: what was freed meanwhile, or is no memory */
		if (got != (ssize_t)part)
			memset(piece + BEFORE, 0, part);
		look_at(part);
	}
}

static void look_through_vmalloc(int fd, const Elf64_Phdr *loads, unsigned int nr)
{
	FILE *list = fopen("/proc/vmallocinfo", "r");
	char line[512];

	if (!list)
		fail("/proc/vmallocinfo");
	while (fgets(line, sizeof(line), list)) {
		unsigned long start, end;
		off_t place;

		if (sscanf(line, "0x%lx-0x%lx", &start, &end) != 2)
			continue;
		place = place_of(loads, nr, start);
		if (place < 0 || !start) {
			fputs("an address of vmalloc() is not in /proc/kcore\n", stderr);
			exit(1);
		}
		look_through_file(fd, place, end - start);
	}
	fclose(list);
}

static void look_through_kcore(void)
{
	int fd = open("/proc/kcore", O_RDONLY);
	static Elf64_Phdr headers[64];
	unsigned int nr = 0;
	Elf64_Ehdr header;

	if (fd < 0 || pread(fd, &header, sizeof(header), 0) != sizeof(header) || header.e_phnum > 64 ||
	    pread(fd, headers, header.e_phnum * sizeof(*headers), header.e_phoff) < 0)
		fail("/proc/kcore");
	for (unsigned int i = 0; i < header.e_phnum; i++) {
		if (headers[i].p_type == PT_LOAD)
			headers[nr++] = headers[i];
	}
	for (unsigned int i = 0; i < nr; i++) {
		if (headers[i].p_memsz < LARGEST)
			look_through_file(fd, headers[i].p_offset, headers[i].p_memsz);
	}
	look_through_vmalloc(fd, headers, nr);
}

static void look_through_dice(void)
{
	int fd = open("/dev/open-dice0", O_RDONLY);
	unsigned long size;

	if (fd < 0 || read(fd, &size, sizeof(size)) != sizeof(size))
		fail("/dev/open-dice0");
	look_through_mapping(fd, 0, size);
}

static void take_pattern(const char *digits)
{
	unsigned char *to = inverted[patterns++];
	uint16_t first;

	for (int i = 0; i < LENGTH; i++) {
		if (sscanf(digits + 2 * i, "%2hhx", &to[i]) != 1) {
			fputs("a pattern is 16 bytes\n", stderr);
			exit(2);
		}
	}
	zero_begins |= to[0] == 0xff;
	memcpy(&first, to, sizeof(first));
	begins[(uint16_t)~first] = 1;
}

int main(int argc, char **argv)
{
	int first = argc > 1 && !strcmp(argv[1], "mem") ? 4 : 2;

	if (argc <= first || argc - first > MOST) {
		puts("usage: search mem START SIZE PATTERN... | search kcore PATTERN... | search dice PATTERN...");
		return 2;
	}
	for (int i = first; i < argc; i++)
		take_pattern(argv[i]);
	if (first == 4) {
		int fd = open("/dev/mem", O_RDONLY);

		if (fd < 0)
			fail("/dev/mem");
		look_through_mapping(fd, strtoul(argv[2], NULL, 0), strtoul(argv[3], NULL, 0));
	} else if (!strcmp(argv[1], "kcore")) {
		look_through_kcore();
	} else {
		look_through_dice();
	}
	for (unsigned int i = 0; i < patterns; i++)
		printf("%lu ", found[i]);
	printf("%lu\n", bytes_read >> 20);
	return 0;
}
