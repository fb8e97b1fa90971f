// SPDX-License-Identifier: GPL-2.0-only
/* The end: one JSON file, one line, one exit code. Its keys are in README.rst and stable. */
#include <stdarg.h>
#include <string.h>
#include "monitor.h"
#include "doorbell.h"

#define PHASES		64
#define FAILURES	16
#define REPORT_SIZE	65536
#define LAST_WORDS	0x5047

static struct phase {
	u64 id, instructions, guest_instructions, hypercalls, mmio, shared, ticks;
} phases[PHASES];
static u32 nr_phases;

static char words[249];
static char failures[FAILURES][200];
static u32 nr_failures;

static char text[REPORT_SIZE];
static u64 started, deadline;
static u32 ending;

struct counters count;

u64 count_mmio(void)
{
	u64 total = 0;

	for (u32 i = 0; i < nr_cpus; i++)
		total += cpu_blocks[i].vcpu.mmio;
	return total;
}

u64 count_sysreg(void)
{
	u64 total = 0;

	for (u32 i = 0; i < nr_cpus; i++)
		total += cpu_blocks[i].vcpu.sysreg;
	return total;
}

void report_phase(u64 id)
{
	if (nr_phases == PHASES)
		return;
	phases[nr_phases++] = (struct phase){
		.id = id,
		.instructions = pmu_instructions(),
		.guest_instructions = pmu_guest_instructions(),
		.hypercalls = calls_total(),
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

/* A guest without a console says by one of two calls why it ends: cca.rst, pkvm.rst. The first text counts. */
void last_words(u64 number, const u64 *registers, u32 n)
{
	const char *from = (const char *)registers;

	if (number != LAST_WORDS || words[0])
		return;
	for (u32 i = 0; i < n * 8 && i < sizeof(words) - 1 && from[i]; i++)
		words[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '.';
	say("guest's last words: %s", words);
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
		json_number(j, "instructions", p->instructions);
		json_number(j, "el1_instructions", p->guest_instructions);
		json_number(j, "hypercalls", p->hypercalls);
		json_number(j, "mmio", p->mmio);
		json_number(j, "shared", p->shared);
		json_number(j, "ms", milliseconds(p->ticks));
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void put_counters(struct json *j)
{
	json_open(j, "shared", '{');
	json_number(j, "now", count.shared);
	json_number(j, "peak", count.shared_peak);
	json_close(j, '}');

	json_open(j, "blocked", '{');
	json_number(j, "dma", count.blocked_dma);
	json_number(j, "mmio", count.blocked_mmio);
	json_number(j, "host_read", count.host_read);
	json_number(j, "its", count.blocked_its);
	json_close(j, '}');

	json_open(j, "faults", '{');
	json_number(j, "first_touch", count.first_touch);
	json_number(j, "mmio", count_mmio());
	json_number(j, "sysreg", count_sysreg());
	json_close(j, '}');

	json_number(j, "guarded", count.guarded);
	json_number(j, "relinquished", count.relinquished);
}

static void put_report(struct json *j, const char *exit)
{
	json_open(j, NULL, '{');
	json_string(j, "mode", opt.mode);
	json_string(j, "exit", exit);
	json_number(j, "cpus", nr_cpus);
	json_number(j, "ram_mib", ((ram.end - ram.start) >> 20) - opt.hidden_ram);
	json_number(j, "granule", opt.granule);
	json_number(j, "ms", started ? milliseconds(sysreg_read(cntpct_el0) - started) : 0);
	calls_report(j);
	put_counters(j);
	put_phases(j);
	smmu_report(j);
	its_report(j);
	gic_report(j);
	fdt_report(j);
	host_report(j);
	host_pages_report(j);
	tables_report(j);
	if (is_realm())
		realm_report(j);
	json_number(j, "secrets_found", count.secrets);
	json_number(j, "text_found", count.text);
	json_string(j, "last_words", words);
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
	smmu_poll();
	host_at_end();
	tables_at_end();
	exit = worse(exit);
	report_phase(DOORBELL_PHASE_END);
	write_report(exit);
	say("%s: %lu calls, %lu granules shared, blocked %lu DMA %lu MMIO %lu ITS %lu host", exit, calls_total(),
	    count.shared, count.blocked_dma, count.blocked_mmio, count.blocked_its, count.host_read);
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

void deadline_set(void)
{
	started = sysreg_read(cntpct_el0);
	if (opt.timeout)
		deadline = started + opt.timeout * sysreg_read(cntfrq_el0);
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
