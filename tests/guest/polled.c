// SPDX-License-Identifier: GPL-2.0-only
/*
 * polled FILE: one read of FILE's first 4 KiB for whose end the kernel polls the device, as io_uring does it with
 * IORING_SETUP_IOPOLL. Prints how the read ended: the number of bytes, or the error.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIZE	4096

static void *map(int ring, size_t size, off_t what)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, what);

	if (at == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return at;
}

int main(int argc, char **argv)
{
	struct io_uring_params params = { .flags = IORING_SETUP_IOPOLL };
	const struct io_uring_cqe *done;
	struct io_uring_sqe *entries;
	char *submit, *complete;
	int file, ring, result, todo = 1;
	void *buffer;

	file = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECT) : -1;
	ring = syscall(__NR_io_uring_setup, 1, &params);
	if (file < 0 || ring < 0 || posix_memalign(&buffer, SIZE, SIZE)) {
		perror(argv[0]);
		return 1;
	}
	submit = map(ring, params.sq_off.array + params.sq_entries * sizeof(uint32_t), IORING_OFF_SQ_RING);
	complete = map(ring, params.cq_off.cqes + params.cq_entries * sizeof(*done), IORING_OFF_CQ_RING);
	entries = map(ring, params.sq_entries * sizeof(*entries), IORING_OFF_SQES);

	entries[0] = (struct io_uring_sqe){
		.opcode = IORING_OP_READ, .fd = file, .addr = (uintptr_t)buffer, .len = SIZE,
	};
	*(uint32_t *)(submit + params.sq_off.array) = 0;
	__atomic_store_n((uint32_t *)(submit + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	/* It looks at the device for as long as this thread has the CPU, and may come back with nothing. */
	do {
		if (syscall(__NR_io_uring_enter, ring, todo, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0) {
			perror("io_uring_enter");
			return 1;
		}
		todo = 0;
	} while (!__atomic_load_n((uint32_t *)(complete + params.cq_off.tail), __ATOMIC_ACQUIRE));
	done = (const void *)(complete + params.cq_off.cqes);
	result = done->res;
	if (result < 0)
		printf("error %s\n", strerrorname_np(-result));
	else
		printf("%d bytes\n", result);
	return 0;
}
