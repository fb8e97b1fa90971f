// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keep every CPU busy for some time, and compare how much of it was stolen, as
 * /proc/stat has it, with what the monitor says that it stole.
 *
 *	burn SECONDS
 *
 * Each CPU leaves to the monitor once a millisecond, which is when it can steal.
 * A line for each: "steal CPU GUEST_MS MONITOR_MS", of this time alone.
 *
 * The guest accounts for steal time at its tick, so that it is behind the monitor,
 * never before it. Both are read some times, and what counts is where they differ least.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doorbell-map.h"

#define CPUS		64
#define STEAL_FIELD	8		/* of a line of /proc/stat */
#define NS_PER_MS	1000000
#define SAMPLES		15
#define SAMPLE_US	10000

struct steal {
	long long guest_ms;
	long long monitor_ms;
};

static uint64_t counter(void)
{
	uint64_t now;

	asm volatile("isb; mrs %0, cntvct_el0" : "=r"(now) : : "memory");
	return now;
}

static uint64_t frequency(void)
{
	uint64_t hz;

	asm volatile("mrs %0, cntfrq_el0" : "=r"(hz));
	return hz;
}

static int run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static long long guest_ms(int cpu)
{
	FILE *file = fopen("/proc/stat", "r");
	long long ticks = -1, steal;
	char line[256];
	int number;

	while (file && fgets(line, sizeof(line), file)) {
		if (line[3] != ' ' && sscanf(line, "cpu%d %*d %*d %*d %*d %*d %*d %*d %lld",
					     &number, &steal) == 2 && number == cpu)
			ticks = steal;
	}
	if (file)
		fclose(file);
	return ticks * 1000 / sysconf(_SC_CLK_TCK);
}

static long long monitor_ms(int cpu)
{
	uint64_t ns = 0;

	doorbell_ring(DOORBELL_STOLEN, cpu, &ns);
	return ns / NS_PER_MS;
}

/* Leaves the caller on @cpu. */
static struct steal look(int cpu)
{
	struct steal least = { 0 }, now;

	run_on(cpu);
	for (int i = 0; i < SAMPLES; i++) {
		usleep(SAMPLE_US);
		now.guest_ms = guest_ms(cpu);
		now.monitor_ms = monitor_ms(cpu);
		if (!i || now.monitor_ms - now.guest_ms < least.monitor_ms - least.guest_ms)
			least = now;
	}
	return least;
}

static int burn(int cpu, uint64_t ticks)
{
	uint64_t start, last, ms = frequency() / 1000;

	if (run_on(cpu))
		return 1;
	for (start = last = counter(); last - start < ticks; last = counter()) {
		while (counter() - last < ms)
			;
		doorbell_read(DOORBELL_RESULT);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct steal before[CPUS], after;
	int status, failed = 0;
	cpu_set_t online;
	uint64_t ticks;

	if (argc != 2 || doorbell_open() || sched_getaffinity(0, sizeof(online), &online)) {
		puts("usage: burn SECONDS");
		return 2;
	}
	ticks = strtoull(argv[1], NULL, 0) * frequency();
	for (int cpu = 0; cpu < CPUS; cpu++) {
		if (!CPU_ISSET(cpu, &online))
			continue;
		before[cpu] = look(cpu);
		if (fork() == 0)
			_exit(burn(cpu, ticks));
	}
	while (wait(&status) > 0)
		failed += status != 0;
	for (int cpu = 0; cpu < CPUS; cpu++) {
		if (!CPU_ISSET(cpu, &online))
			continue;
		after = look(cpu);
		printf("steal %d %lld %lld\n", cpu, after.guest_ms - before[cpu].guest_ms,
		       after.monitor_ms - before[cpu].monitor_ms);
	}
	return failed != 0;
}
