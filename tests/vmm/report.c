// SPDX-License-Identifier: GPL-2.0-only
/* What the host saw, as one JSON file. Its keys are in README.rst. */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "virtio.h"
#include "vmm.h"

#define PHASES		64
#define FAILURES	16
#define PRIVATES	32

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t started;

static struct phase {
	uint64_t id, ms;
	long locked_kib;
	struct memory_view view;
} phases[PHASES];
static unsigned int nr_phases;

/* Each device, queue and kind of thing once, with the first address and how often. */
static struct private {
	const char *device, *what;
	unsigned int queue;
	uint64_t ipa, times;
	enum access how;
} privates[PRIVATES];
static unsigned int nr_privates;

static const char *failures[FAILURES];
static unsigned int nr_failures;
static uint64_t host_reads_refused;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void report_start(void)
{
	started = now_ms();
}

void report_phase(uint64_t id)
{
	struct phase phase = { id, now_ms() - started, locked_kib(), memory_scan(0) };

	pthread_mutex_lock(&lock);
	if (nr_phases < PHASES)
		phases[nr_phases++] = phase;
	pthread_mutex_unlock(&lock);
}

void report_host_read_refused(void)
{
	__atomic_add_fetch(&host_reads_refused, 1, __ATOMIC_RELAXED);
}

void report_private(const char *device, unsigned int queue, const char *what, uint64_t ipa, enum access how)
{
	struct private *p;

	pthread_mutex_lock(&lock);
	for (p = privates; p < privates + nr_privates; p++) {
		if (p->device == device && p->queue == queue && p->what == what && p->how == how)
			break;
	}
	if (p == privates + nr_privates && nr_privates < PRIVATES) {
		*p = (struct private){ device, what, queue, ipa, 0, how };
		nr_privates++;
		say("guest gave a %s address: %s, queue %u, %s at %#lx",
		    how == ACCESS_PRIVATE ? "private" : "wrong", device, queue, what, ipa);
	}
	if (p < privates + PRIVATES)
		p->times++;
	pthread_mutex_unlock(&lock);
}

void report_failure(const char *why)
{
	pthread_mutex_lock(&lock);
	if (nr_failures < FAILURES)
		failures[nr_failures++] = why;
	pthread_mutex_unlock(&lock);
}

static void put_phases(FILE *file)
{
	fputs("\"phases\":[", file);
	for (unsigned int i = 0; i < nr_phases; i++) {
		struct phase *p = &phases[i];

		fprintf(file, "%s{\"id\":%lu,\"ms\":%lu,\"locked_kib\":%ld,\"populated\":%lu,\"readable\":%lu}",
			i ? "," : "", p->id, p->ms, p->locked_kib, p->view.populated, p->view.readable);
	}
	fputs("],", file);
}

static void put_privates(FILE *file)
{
	fputs("\"private_addresses\":[", file);
	for (unsigned int i = 0; i < nr_privates; i++) {
		struct private *p = &privates[i];

		fprintf(file, "%s{\"device\":\"%s\",\"queue\":%u,\"what\":\"%s\",\"ipa\":\"%#lx\",\"times\":%lu,"
			"\"private\":%s}", i ? "," : "", p->device, p->queue, p->what, p->ipa, p->times,
			p->how == ACCESS_PRIVATE ? "true" : "false");
	}
	fputs("],", file);
}

static void put_devices(FILE *file)
{
	struct device *device;

	fputs("\"devices\":{", file);
	for (unsigned int i = 0; (device = virtio_device(i)); i++)
		fprintf(file, "%s\"%u-%s\":{\"requests\":%lu,\"bytes\":%lu}", i ? "," : "", i, device->ops->name,
			device->requests, device->bytes);
	fputs("},", file);
}

void report_write(const char *exit)
{
	FILE *file = opt.report ? fopen(opt.report, "w") : NULL;

	if (!file) {
		if (opt.report)
			die_errno("%s", opt.report);
		return;
	}
	fprintf(file, "{\"protected\":%s,\"exit\":\"%s\",\"cpus\":%u,\"ram_mib\":%lu,\"ms\":%lu,",
		opt.protected ? "true" : "false", nr_failures && !strcmp(exit, "off") ? "fail" : exit,
		opt.cpus, opt.ram / MIB, now_ms() - started);
	fprintf(file, "\"host_reads_refused\":%lu,\"locked_kib_at_end\":%ld,", host_reads_refused, locked_kib());
	put_phases(file);
	put_devices(file);
	put_privates(file);
	fputs("\"failures\":[", file);
	for (unsigned int i = 0; i < nr_failures; i++)
		fprintf(file, "%s\"%s\"", i ? "," : "", failures[i]);
	fputs("]}\n", file);
	fclose(file);
}
