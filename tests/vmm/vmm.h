/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the VMM know of each other. */
#ifndef VMM_H
#define VMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "layout.h"

/* options.c: the command line, which main.c reads */
struct options {
	bool protected;
	bool access_platform;
	bool its;
	bool steal;
	bool scan;			/* look at the guest's memory at each mark */
	bool clock;
	bool pci;
	bool pin;
	bool ask;
	bool stop_at_private;		/* end the run at the first private address */
	unsigned int restarts;		/* what a reset of the guest's may do so often */
	unsigned int cpus;
	uint64_t ram;			/* bytes */
	uint64_t restricted_pool;	/* bytes, 0: no node */
	const char *image;
	const char *initrd;
	const char *append;
	const char *report;
	const char *handover;		/* what a firmware would leave for the guest */
	uint64_t secret;		/* what must never be in a shared page */
	unsigned int deadline;		/* seconds, 0: none */
};

extern struct options opt;

/* log.c: the VMM's own words go to stderr, a line each */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void die_errno(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* vm.c: the machine */
extern struct vm {
	int kvm, fd;
	uint8_t *ram, *steal, *clock;
	int ram_fd, steal_fd, clock_fd;
} vm;

void vm_create(void);
void vm_add_memory(uint64_t ipa, uint64_t size, void *host);
int vm_device(unsigned int type);
void vm_device_set(int device, unsigned int group, uint64_t attr, const void *value, const char *what);
void vm_set_spi(unsigned int spi, bool high);
void vm_kick_to_eventfd(uint64_t ipa, unsigned int size, int eventfd);
void vm_no_kick(uint64_t ipa, unsigned int size, int eventfd);
void vm_destroy(void);
long locked_kib(void);

/* ask.c: no guest but questions */
void ask(void);

/* gic.c */
void gic_create(void);
void gic_init(void);
void gic_destroy(void);

/* load.c, fdt.c */
struct loaded {
	uint64_t entry, fdt, initrd, initrd_end;
	uint64_t handover, handover_size;	/* 0: none */
};

struct loaded load(void);
void fdt_write(const struct loaded *where);

/* clock.c: a page that says what time it is */
void clock_start(void);
void clock_stop(void);
uint64_t clock_disrupt(bool stuck);

/* memory.c: what the guest owns. Nothing here may be touched but through these. */
enum access {
	ACCESS_OK = 0,
	ACCESS_PRIVATE,		/* the hypervisor refused */
	ACCESS_OUTSIDE,		/* no RAM of the guest */
};

void memory_catch_faults(void);
void *memory_at(uint64_t ipa, uint64_t size);
enum access memory_get(void *to, uint64_t ipa, size_t size);
enum access memory_put(uint64_t ipa, const void *from, size_t size);
enum access memory_copy(void *to, const void *from, size_t size);

#define SEEN_RUNS	128

struct memory_view {
	uint64_t populated;		/* pages that the guest or the VMM has touched */
	uint64_t shared;		/* of those, what the guest made readable for us */
	uint64_t untouched;		/* and what we loaded, and the guest never looked at */
	uint64_t found;			/* how often the pattern is in what is shared */
	struct {
		uint64_t ipa, size;
	} seen[SEEN_RUNS];		/* what is shared, upwards */
	unsigned int nr_seen;
	uint64_t left_out;		/* bytes in runs for which there was no room */
};

void memory_forget(void);
void memory_load(uint64_t ipa, const void *from, size_t size);
struct memory_view memory_scan(uint64_t pattern);

/* mmio.c */
void mmio_access(uint64_t ipa, uint8_t *data, unsigned int size, bool write);

/* pl011.c */
uint64_t pl011_read(uint64_t offset);
void pl011_write(uint64_t offset, uint64_t value);

/* doorbell.c */
uint64_t doorbell_read(uint64_t offset);
void doorbell_write(uint64_t offset, uint64_t value, unsigned int size);

/* report.c: what becomes one JSON file */
void report_start(void);
void report_phase(uint64_t id);
void report_host_read_refused(void);
void report_private(const char *device, unsigned int queue, const char *what, uint64_t ipa, enum access how);
void report_failure(const char *why);
void report_last_words(const char *text);
void report_counters(void);
void report_clock(bool written);
/* A machine has ended, and all of it is destroyed. */
void report_boot(void);
/* @put_devices: one key more, "devices" */
void report_write(const char *exit, void (*put_devices)(FILE *file));

#endif
