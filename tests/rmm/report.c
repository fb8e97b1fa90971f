// SPDX-License-Identifier: GPL-2.0-only
/* The end: one JSON file, one line, one exit code. Keys are the monitor's where it has such; see README.rst. */
#include <stdarg.h>
#include <string.h>
#include "host.h"
#include "doorbell.h"

#define PHASES		64
#define FAILURES	16
#define REPORT_SIZE	65536

static struct phase {
	u64 id, calls, mmio, shared, ticks;
} phases[PHASES];
static u32 nr_phases;

static char failures[FAILURES][200];
static u32 nr_failures;
static char last_words[256];

static char text[REPORT_SIZE];
static u64 started, deadline;
static u32 ending;

struct counters count;

u64 count_mmio(void)
{
	u64 total = 0;

	for (u32 i = 0; i < opt.cpus; i++)
		total += vcpu_of(i)->mmio;
	return total;
}

static u64 total_calls(void)
{
	return count.set_empty + count.set_ram + count.host_calls + count.exits[EXIT_PSCI];
}

void report_phase(u64 id)
{
	if (nr_phases == PHASES)
		return;
	phases[nr_phases++] = (struct phase){
		.id = id,
		.calls = total_calls(),
		.mmio = count_mmio(),
		.shared = count.shared,
		.ticks = sysreg_read(cntpct_el0) - started,
	};
}

void report_failure(const char *why)
{
	if (nr_failures < FAILURES)
		format(failures[nr_failures++], sizeof(failures[0]), "%s", why);
}

void report_last_words(const char *words)
{
	format(last_words, sizeof(last_words), "%s", words);
}

static u64 milliseconds(u64 ticks)
{
	return ticks * 1000 / sysreg_read(cntfrq_el0);
}

static void put_phases(struct json *j)
{
	json_open(j, "phases", '[');
	for (struct phase *p = phases; p < phases + nr_phases; p++) {
		json_open(j, NULL, '{');
		json_number(j, "id", p->id);
		json_number(j, "hypercalls", p->calls);
		json_number(j, "mmio", p->mmio);
		json_number(j, "shared", p->shared);
		json_number(j, "ms", milliseconds(p->ticks));
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* What of the guest's calls reaches a host. */
static void put_calls(struct json *j)
{
	const struct {
		const char *name;
		u64 n;
	} calls[] = {
		{ "RSI_IPA_STATE_SET",	count.set_empty + count.set_ram },
		{ "RSI_HOST_CALL",	count.host_calls },
		{ "PSCI_CPU_ON",	count.psci_on },
		{ "PSCI_CPU_OFF",	count.psci_off },
		{ "PSCI_AFFINITY_INFO",	count.psci_affinity },
		{ "PSCI_CPU_SUSPEND",	count.psci_suspend },
		{ "PSCI_SYSTEM_OFF",	count.psci_system },
	};

	json_open(j, "hypercalls", '{');
	for (u32 i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].n)
			json_number(j, calls[i].name, calls[i].n);
	json_close(j, '}');
	json_open(j, "refused", '{');
	json_number(j, "RSI_IPA_STATE_SET", count.set_rejected);
	json_number(j, "PSCI_CPU_ON", count.psci_denied);
	json_close(j, '}');
}

static void put_exits(struct json *j)
{
	static const char *const names[EXIT_KINDS] = {
		"abort", "sysreg", "wfi", "irq", "fiq", "psci", "ripas", "host_call", "serror", "other",
	};

	json_open(j, "exits", '{');
	for (u32 i = 0; i < EXIT_KINDS; i++)
		json_number(j, names[i], count.exits[i]);
	json_close(j, '}');
}

static void put_counters(struct json *j)
{
	json_open(j, "shared", '{');
	json_number(j, "now", count.shared);
	json_number(j, "peak", count.shared_peak);
	json_close(j, '}');

	json_open(j, "blocked", '{');
	json_number(j, "mmio", count.blocked_mmio);
	json_number(j, "host_read", count.host_read);
	json_close(j, '}');

	json_open(j, "faults", '{');
	json_number(j, "first_touch", count.first_touch);
	json_number(j, "mmio", count_mmio());
	json_close(j, '}');

	json_number(j, "granules", count.granules);
	json_number(j, "tables", count.tables);
	json_number(j, "rmi_calls", count.rmi_calls);
	json_number(j, "sgis", count.sgis);
}

static void put_report(struct json *j, const char *exit)
{
	json_open(j, NULL, '{');
	json_string(j, "mode", "cca");
	json_string(j, "host", "rmm");
	json_string(j, "exit", exit);
	json_number(j, "cpus", opt.cpus);
	json_number(j, "ram_mib", opt.ram_mib);
	json_number(j, "granule", opt.alignment);
	json_number(j, "ms", started ? milliseconds(sysreg_read(cntpct_el0) - started) : 0);
	put_calls(j);
	put_exits(j);
	put_counters(j);
	put_phases(j);
	attack_report(j);
	realm_report(j);
	json_number(j, "secrets_found", count.secrets);
	if (last_words[0])
		json_string(j, "last_words", last_words);
	json_open(j, "failures", '[');
	for (u32 i = 0; i < nr_failures; i++)
		json_string(j, NULL, failures[i]);
	json_close(j, ']');
	json_close(j, '}');
	json_put(j, "\n");
}

/* A failed test is a failure also when the guest powers off in peace afterwards. */
static const char *worse(const char *exit)
{
	return nr_failures && !strcmp(exit, "off") ? "fail" : exit;
}

static void write_report(const char *exit)
{
	struct json j = { text, text + sizeof(text), false };

	put_report(&j, exit);
	if (opt.report && !semihost_write_file(opt.report, text, j.at - text)) {
		say("cannot write %s", opt.report);
		semihost_exit(1);
	}
}

void finish(const char *exit)
{
	u32 me = sysreg_read(mpidr_el1) & 0xff, first = __atomic_exchange_n(&ending, me + 1, __ATOMIC_ACQUIRE);

	/* One end is enough. A CPU that fails while another reports waits for the end of QEMU. */
	if (first == me + 1)
		semihost_exit(1);
	while (first)
		asm volatile("wfe");
	attack_at_end();
	exit = worse(exit);
	report_phase(DOORBELL_PHASE_END);
	write_report(exit);
	say("%s: %lu granules shared, %lu in the realm, blocked %lu MMIO %lu host reads", exit, count.shared,
	    count.granules, count.blocked_mmio, count.host_read);
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
	report_failure(why);
	finish("fail");
}

void report_start(void)
{
	started = sysreg_read(cntpct_el0);
	if (opt.timeout)
		deadline = started + opt.timeout * sysreg_read(cntfrq_el0);
	report_phase(0);
}

void deadline_check(void)
{
	if (deadline && sysreg_read(cntpct_el0) > deadline) {
		deadline = 0;
		say("FAIL: no end after %lu s", opt.timeout);
		report_failure("no end in time");
		finish("timeout");
	}
}
