// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many processes do direct I/O on block devices at once, each in a region of
 * its own, and check every byte that they read. More data is in flight than
 * any bounce pool of the machine can hold, so this ends well only if a request
 * that finds the pool full waits its turn.
 *
 *	hammer SECONDS JOBS MIB_PER_JOB CHUNK_KIB DEVICE...
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pattern.h"

struct job {
	const char *device;
	unsigned int number;
	off_t start;
	size_t bytes, chunk;
};

static int fail(const struct job *job, const char *what, off_t at)
{
	printf("hammer: job %u: %s at %lld of %s: %s\n", job->number, what, (long long)at,
	       job->device, strerror(errno));
	return 1;
}

static int write_all(const struct job *job, int fd, uint64_t *buffer)
{
	uint64_t state = pattern_seed(job->number + 1);

	for (size_t done = 0; done < job->bytes; done += job->chunk) {
		state = pattern_fill(buffer, job->chunk, state);
		if (pwrite(fd, buffer, job->chunk, job->start + done) != (ssize_t)job->chunk)
			return fail(job, "write", job->start + done);
	}
	return 0;
}

static int check_all(const struct job *job, int fd, uint64_t *buffer, uint64_t *want)
{
	uint64_t state = pattern_seed(job->number + 1);

	for (size_t done = 0; done < job->bytes; done += job->chunk) {
		state = pattern_fill(want, job->chunk, state);
		if (pread(fd, buffer, job->chunk, job->start + done) != (ssize_t)job->chunk)
			return fail(job, "read", job->start + done);
		if (memcmp(buffer, want, job->chunk)) {
			errno = EILSEQ;
			return fail(job, "wrong data", job->start + done);
		}
	}
	return 0;
}

static void *pages(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (at == MAP_FAILED) {
		perror("hammer: mmap");
		exit(1);
	}
	return at;
}

static int run_job(const struct job *job)
{
	uint64_t *buffer = pages(job->chunk), *want = pages(job->chunk);
	int fd = open(job->device, O_RDWR | O_DIRECT);

	if (fd < 0)
		return fail(job, "open", 0);
	return write_all(job, fd, buffer) || check_all(job, fd, buffer, want);
}

static void start(const struct job *job, unsigned int seconds)
{
	if (fork() == 0) {
		/* Bounded time: a job that hangs is ended by the signal and counts as failed. */
		alarm(seconds);
		int failed = run_job(job);

		fflush(stdout);
		_exit(failed);
	}
}

static unsigned int wait_for(unsigned int jobs)
{
	unsigned int passed = 0;
	int status;

	for (unsigned int i = 0; i < jobs; i++) {
		if (wait(&status) < 0)
			break;
		if (WIFSIGNALED(status))
			printf("hammer: a job ended by signal %d\n", WTERMSIG(status));
		passed += WIFEXITED(status) && WEXITSTATUS(status) == 0;
	}
	return passed;
}

int main(int argc, char **argv)
{
	unsigned int seconds, jobs, passed;
	size_t bytes, chunk;

	if (argc < 6) {
		puts("usage: hammer SECONDS JOBS MIB_PER_JOB CHUNK_KIB DEVICE...");
		return 2;
	}
	seconds = atoi(argv[1]);
	jobs = atoi(argv[2]);
	bytes = (size_t)atoi(argv[3]) << 20;
	chunk = (size_t)atoi(argv[4]) << 10;

	for (unsigned int i = 0; i < jobs; i++) {
		unsigned int devices = argc - 5;
		struct job job = {
			.device = argv[5 + i % devices],
			.number = i,
			.start = (off_t)(i / devices) * bytes,
			.bytes = bytes,
			.chunk = chunk,
		};

		start(&job, seconds);
	}
	passed = wait_for(jobs);
	printf("SUMMARY: hammer: %u passed, %u failed\n", passed, jobs - passed);
	return passed != jobs;
}
