/* SPDX-License-Identifier: GPL-2.0-only */
/* Reach the doorbell from user space. The layout is the monitor's, in doorbell.h. */
#ifndef TESTS_GUEST_DOORBELL_MAP_H
#define TESTS_GUEST_DOORBELL_MAP_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "doorbell.h"

static volatile uint8_t *doorbell;

/*
 * $DOORBELL is another address than the layout's: an RMM has nothing in a realm's
 * lower half but its RAM.
 */
static inline int doorbell_open(void)
{
	const char *at = getenv("DOORBELL");
	int fd = open("/dev/mem", O_RDWR | O_SYNC);
	void *map;

	if (fd < 0) {
		perror("/dev/mem");
		return -1;
	}
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, at ? strtoull(at, NULL, 0) : DOORBELL_IPA);
	close(fd);
	if (map == MAP_FAILED) {
		perror("mmap of the doorbell");
		return -1;
	}
	doorbell = map;
	return 0;
}

/*
 * Plain single-register loads and stores: a pair or a post-indexed access has
 * no syndrome, and the monitor refuses what it cannot decode.
 */
static inline uint64_t doorbell_read(unsigned int offset)
{
	uint64_t value;

	asm volatile("ldr %0, [%1]" : "=r"(value) : "r"(doorbell + offset) : "memory");
	return value;
}

static inline void doorbell_write(unsigned int offset, uint64_t value)
{
	asm volatile("str %0, [%1]" : : "r"(value), "r"(doorbell + offset) : "memory");
}

static inline int64_t doorbell_ring(uint64_t command, uint64_t argument, uint64_t *value)
{
	doorbell_write(DOORBELL_ARGUMENT, argument);
	doorbell_write(DOORBELL_COMMAND, command);
	if (value)
		*value = doorbell_read(DOORBELL_VALUE);
	return (int64_t)doorbell_read(DOORBELL_RESULT);
}

static inline uint64_t doorbell_count(unsigned int index)
{
	return doorbell_read(DOORBELL_COUNTER(index));
}

#endif
