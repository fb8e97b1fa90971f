// SPDX-License-Identifier: GPL-2.0-only
/* A failed test is a failure also when the guest powers off in peace afterwards. */
#include <stdarg.h>
#include <string.h>
#include "end.h"

#define FAILURES	16
#define REPORT_SIZE	131072

static char failures[FAILURES][200];
static u32 nr_failures;

static char text[REPORT_SIZE];
static const struct ending *program;
static u64 started, deadline;
static u32 ending_cpu;

void end_setup(const struct ending *ending)
{
	program = ending;
}

u64 end_milliseconds(u64 ticks)
{
	return ticks * 1000 / sysreg_read(cntfrq_el0);
}

u64 end_ticks(void)
{
	return sysreg_read(cntpct_el0) - started;
}

u64 end_elapsed(void)
{
	return started ? end_milliseconds(end_ticks()) : 0;
}

void end_clock_start(void)
{
	started = sysreg_read(cntpct_el0);
	if (*program->timeout)
		deadline = started + *program->timeout * sysreg_read(cntfrq_el0);
}

void end_check_deadline(void)
{
	if (deadline && sysreg_read(cntpct_el0) > deadline) {
		deadline = 0;
		say("FAIL: no end after %lu s", *program->timeout);
		end_failure("no end in time");
		end_run("timeout");
	}
}

void end_failure(const char *why)
{
	if (nr_failures < FAILURES)
		format(failures[nr_failures++], sizeof(failures[0]), "%s", why);
}

static void write_report(const char *exit)
{
	struct json j = { text, text + sizeof(text), false };

	json_open(&j, NULL, '{');
	program->report(&j, exit);
	json_open(&j, "failures", '[');
	for (u32 i = 0; i < nr_failures; i++)
		json_string(&j, NULL, failures[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	json_put(&j, "\n");
	if (*program->path && !semihost_write_file(*program->path, text, j.at - text)) {
		say("cannot write %s", *program->path);
		semihost_exit(1);
	}
}

void end_run(const char *exit)
{
	u32 me = sysreg_read(mpidr_el1) & 0xff, first = __atomic_exchange_n(&ending_cpu, me + 1, __ATOMIC_ACQUIRE);

	/* A CPU that fails while it reports ends at once; one that fails while another reports waits for QEMU's end. */
	if (first == me + 1)
		semihost_exit(1);
	while (first)
		asm volatile("wfe");
	program->last_look();
	if (nr_failures && !strcmp(exit, "off"))
		exit = "fail";
	write_report(exit);
	program->summary(exit);
	semihost_exit(strcmp(exit, "off") != 0);
}

void fail(const char *f, ...)
{
	char why[200];
	va_list args;

	va_start(args, f);
	vformat(why, sizeof(why), f, args);
	va_end(args);
	say("FAIL: %s", why);
	end_failure(why);
	end_run("fail");
}
