// SPDX-License-Identifier: GPL-2.0-only
/* What the host saw, as one JSON file. Its keys are in README.rst. */
#include <dirent.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "vcpu.h"
#include "vmm.h"

#define PHASES		64
#define FAILURES	16
#define PRIVATES	32
#define KVM_COUNTERS	64
#define BOOTS		16
#define COUNTERS	"/sys/kernel/debug/kvm"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t started;

static struct phase {
	uint64_t id, us;
	long locked_kib;
	struct memory_view view;
} phases[PHASES];
static unsigned int nr_phases;

/* Each device, queue and kind of thing once, with the first address and how often. */
static struct given {
	const char *device, *what;
	unsigned int queue;
	uint64_t ipa, times;
	enum access how;
} privates[PRIVATES];
static unsigned int nr_privates;

/* What /sys/kernel/debug/kvm counted. */
static struct counter {
	char name[64];
	uint64_t value;
} counters[KVM_COUNTERS];
static unsigned int nr_counters;

static char last_words[105];
static const char *failures[FAILURES];
static unsigned int nr_failures;
static uint64_t host_reads_refused, secrets_found;
static uint64_t clock_written, clock_refused;
static long locked_after[BOOTS];
static unsigned int nr_boots;

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000UL + now.tv_nsec / 1000;
}

void report_start(void)
{
	started = now_us();
}

void report_phase(uint64_t id)
{
	struct phase phase = { .id = id, .us = now_us() - started };

	if (opt.scan) {
		phase.locked_kib = locked_kib();
		phase.view = memory_scan(opt.secret);
	}
	pthread_mutex_lock(&lock);
	secrets_found += phase.view.found;
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
	struct given *p;

	pthread_mutex_lock(&lock);
	for (p = privates; p < privates + nr_privates; p++) {
		if (p->device == device && p->queue == queue && p->what == what && p->how == how)
			break;
	}
	if (p == privates + nr_privates && nr_privates < PRIVATES) {
		*p = (struct given){ device, what, queue, ipa, 0, how };
		nr_privates++;
		say("guest gave a %s address: %s, queue %u, %s at %#lx",
		    how == ACCESS_PRIVATE ? "private" : "wrong", device, queue, what, ipa);
	}
	if (p < privates + PRIVATES)
		p->times++;
	pthread_mutex_unlock(&lock);
	if (opt.stop_at_private)
		vcpus_stop("private");
}

void report_failure(const char *why)
{
	pthread_mutex_lock(&lock);
	if (nr_failures < FAILURES)
		failures[nr_failures++] = why;
	pthread_mutex_unlock(&lock);
}

/* The guest's text: nothing of it may end a JSON string, or do something to a terminal. */
void report_last_words(const char *text)
{
	for (unsigned int i = 0; i < sizeof(last_words) - 1 && text[i]; i++) {
		bool plain = text[i] >= ' ' && text[i] <= '~' && text[i] != '"' && text[i] != '\\';

		last_words[i] = plain ? text[i] : '.';
	}
	say("guest's last words: %s", last_words);
}

static void put_seen(FILE *file, const struct memory_view *view)
{
	fputs(",\"seen\":[", file);
	for (unsigned int i = 0; i < view->nr_seen; i++)
		fprintf(file, "%s[\"%#lx\",%lu]", i ? "," : "", view->seen[i].ipa, view->seen[i].size);
	fprintf(file, "],\"seen_left_out\":%lu", view->left_out);
}

static void put_phases(FILE *file)
{
	fputs("\"phases\":[", file);
	for (unsigned int i = 0; i < nr_phases; i++) {
		struct phase *p = &phases[i];

		fprintf(file, "%s{\"id\":%lu,\"ms\":%lu,\"us\":%lu,\"locked_kib\":%ld,", i ? "," : "", p->id,
			p->us / 1000, p->us, p->locked_kib);
		fprintf(file, "\"populated\":%lu,\"shared\":%lu,\"untouched\":%lu", p->view.populated,
			p->view.shared, p->view.untouched);
		if (opt.scan)
			put_seen(file, &p->view);
		fputs("}", file);
	}
	fputs("],", file);
}

static void put_privates(FILE *file)
{
	fputs("\"private_addresses\":[", file);
	for (unsigned int i = 0; i < nr_privates; i++) {
		struct given *p = &privates[i];

		fprintf(file, "%s{\"device\":\"%s\",\"queue\":%u,\"what\":\"%s\",", i ? "," : "", p->device,
			p->queue, p->what);
		fprintf(file, "\"ipa\":\"%#lx\",\"times\":%lu,\"private\":%s}", p->ipa, p->times,
			p->how == ACCESS_PRIVATE ? "true" : "false");
	}
	fputs("],", file);
}

void report_clock(bool written)
{
	__atomic_add_fetch(written ? &clock_written : &clock_refused, 1, __ATOMIC_RELAXED);
}

void report_boot(void)
{
	if (nr_boots < BOOTS)
		locked_after[nr_boots++] = locked_kib();
}

static void put_boots(FILE *file)
{
	fputs("\"locked_kib_after\":[", file);
	for (unsigned int i = 0; i < nr_boots; i++)
		fprintf(file, "%s%ld", i ? "," : "", locked_after[i]);
	fprintf(file, "],\"locked_kib_at_end\":%ld,", locked_kib());
}

/* KVM forgets what it counted when the VM is destroyed. */
void report_counters(void)
{
	DIR *directory = opendir(COUNTERS);
	struct dirent *entry;
	char path[300];

	nr_counters = 0;
	while (directory && nr_counters < KVM_COUNTERS && (entry = readdir(directory))) {
		struct counter *c = &counters[nr_counters];
		FILE *file;

		snprintf(path, sizeof(path), COUNTERS "/%s", entry->d_name);
		file = entry->d_type == DT_REG ? fopen(path, "r") : NULL;
		if (file && fscanf(file, "%lu", &c->value) == 1 && c->value) {
			snprintf(c->name, sizeof(c->name), "%.60s", entry->d_name);
			nr_counters++;
		}
		if (file)
			fclose(file);
	}
	if (directory)
		closedir(directory);
}

static void put_counters(FILE *file)
{
	fputs("\"kvm\":{", file);
	for (unsigned int i = 0; i < nr_counters; i++)
		fprintf(file, "%s\"%s\":%lu", i ? "," : "", counters[i].name, counters[i].value);
	fputs("},", file);
}

void report_write(const char *exit, void (*put_devices)(FILE *file))
{
	FILE *file = opt.report ? fopen(opt.report, "w") : NULL;

	if (!file) {
		if (opt.report)
			die_errno("%s", opt.report);
		return;
	}
	fprintf(file, "{\"protected\":%s,\"exit\":\"%s\",\"cpus\":%u,\"ram_mib\":%lu,\"ms\":%lu,",
		opt.protected ? "true" : "false", nr_failures && !strcmp(exit, "off") ? "fail" : exit,
		opt.cpus, opt.ram / MIB, (now_us() - started) / 1000);
	fprintf(file, "\"host_reads_refused\":%lu,\"secrets_found\":%lu,", host_reads_refused, secrets_found);
	put_boots(file);
	fprintf(file, "\"steal\":\"%s\",", opt.steal ? "offered" : "not offered");
	fprintf(file, "\"steal_answers\":{\"system\":%d,\"vm\":%d,\"has_attribute\":%d,\"set_attribute\":%d},",
		steal_answers.system, steal_answers.vm, steal_answers.has_attribute, steal_answers.set_attribute);
	fprintf(file, "\"clock\":{\"written\":%lu,\"refused\":%lu},", clock_written, clock_refused);
	put_counters(file);
	put_phases(file);
	put_devices(file);
	put_privates(file);
	fprintf(file, "\"last_words\":\"%s\",", last_words);
	fputs("\"failures\":[", file);
	for (unsigned int i = 0; i < nr_failures; i++)
		fprintf(file, "%s\"%s\"", i ? "," : "", failures[i]);
	fputs("]}\n", file);
	fclose(file);
}
