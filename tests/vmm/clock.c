// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's clock as a page of its own memory slot (vmclock). It is written
 * each second, and says what the host's clock was at which count of the guest's
 * counter. Where the guest keeps the page private nothing arrives.
 */
#include <pthread.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "vcpu.h"
#include "vmm.h"

#define MAGIC		0x4b4c4356
#define VERSION		1
#define SYNCHRONIZED	2
#define PERIOD_MAX	(1 << 4)	/* flags: which of the errors are stated */
#define TIME_EST	(1 << 5)
#define TIME_MAX	(1 << 6)
#define RATE_ERROR	20000		/* one part in so many: 50 ppm */
#define SECOND		1000000000UL
#define EVERY_MS	1000

struct vmclock {
	uint32_t magic, size;
	uint16_t version;
	uint8_t counter_id, time_type;
	uint32_t seq;
	uint64_t disruption, flags;
	uint8_t pad[2], status, smearing;
	uint16_t tai_offset;
	uint8_t leap, shift;
	uint64_t counter, period, period_est_error, period_max_error;
	uint64_t sec, frac, time_est_error, time_max_error;
	uint64_t generation;
};

_Static_assert(sizeof(struct vmclock) == 112 && offsetof(struct vmclock, counter) == 40, "vmclock");

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct vmclock clock_now;
static int64_t offset;
static bool stuck;
static pthread_t thread;
static int stopping;

static uint64_t host_counter(void)
{
	uint64_t now;

	asm volatile("isb; mrs %0, cntvct_el0" : "=r"(now) : : "memory");
	return now;
}

/* The counter's period in units of 2^-(64 + shift) seconds */
static void set_period(struct vmclock *c)
{
	uint64_t hz;

	asm volatile("mrs %0, cntfrq_el0" : "=r"(hz));
	c->shift = 63 - __builtin_clzl(hz);
	c->period = ((__uint128_t)1 << (64 + c->shift)) / hz;
	c->period_max_error = c->period / RATE_ERROR;
}

static void set_time(struct vmclock *c)
{
	struct timespec now;

	c->counter = host_counter() + offset;
	clock_gettime(CLOCK_REALTIME, &now);
	c->sec = now.tv_sec;
	c->frac = ((__uint128_t)now.tv_nsec << 64) / SECOND;
}

static bool clock_put(const void *from, size_t at, size_t size)
{
	bool written = !memory_copy(vm.clock + at, from, size);

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return written;
}

/* As the protocol has it: the count is odd while the rest changes. */
static void clock_publish(void)
{
	struct vmclock *c = &clock_now;
	bool written;

	set_time(c);
	c->seq |= 1;
	written = clock_put(&c->seq, offsetof(struct vmclock, seq), sizeof(c->seq)) && clock_put(c, 0, sizeof(*c));
	c->seq += 1;
	if (!stuck)
		written = written && clock_put(&c->seq, offsetof(struct vmclock, seq), sizeof(c->seq));
	report_clock(written);
}

/* As after a migration; or an update that does not end before the next one. */
uint64_t clock_disrupt(bool and_stop)
{
	if (!opt.clock)
		return 0;
	pthread_mutex_lock(&lock);
	stuck = and_stop;
	clock_now.disruption++;
	clock_publish();
	pthread_mutex_unlock(&lock);
	return clock_now.disruption;
}

static void *clock_tick(void *unused)
{
	struct pollfd stop = { .fd = stopping, .events = POLLIN };

	while (poll(&stop, 1, EVERY_MS) == 0) {
		pthread_mutex_lock(&lock);
		if (!stuck)
			clock_publish();
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

/* Before the guest runs, while the page is ours. */
void clock_start(void)
{
	offset = vcpus_counter_offset();
	stuck = false;
	clock_now = (struct vmclock){
		.magic = MAGIC,
		.size = PAGE,
		.version = VERSION,
		.flags = PERIOD_MAX | TIME_EST | TIME_MAX,
		.status = SYNCHRONIZED,
		.disruption = 1,
		.time_est_error = SECOND / 2,	/* the host has its time from a clock of whole seconds */
		.time_max_error = SECOND,
	};
	set_period(&clock_now);
	clock_publish();
	stopping = eventfd(0, EFD_CLOEXEC);
	if (stopping < 0 || pthread_create(&thread, NULL, clock_tick, NULL))
		die("no thread for the clock");
}

void clock_stop(void)
{
	if (eventfd_write(stopping, 1))
		die_errno("eventfd");
	pthread_join(thread, NULL);
	close(stopping);
}
