// SPDX-License-Identifier: GPL-2.0-only
/* The end: one JSON file, one line, one exit code. Keys are the monitor's where it has such; see README.rst. */
#include "attack.h"
#include "count.h"
#include "doorbell.h"
#include "end.h"
#include "history.h"
#include "lastwords.h"
#include "memory.h"
#include "options.h"
#include "phase.h"
#include "realm.h"
#include "report.h"
#include "vcpu.h"

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

static void see_memory(struct view *view)
{
	for (u64 ipa = ram.start; ipa < ram.end; ipa += PAGE)
		if (memory_is_shared(ipa))
			view_add(view, ipa, PAGE);
}

void report_phase(u64 id)
{
	const struct phase_counter counters[] = {
		{ "hypercalls",	total_calls() },
		{ "mmio",	count_mmio() },
		{ "shared",	count.shared },
		{ "touched",	count.first_touch },
	};

	phase_add(id, counters, ARRAY_SIZE(counters), see_memory);
}

void report_poll(void)
{
	history_poll(total_calls, &count.shared);
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
	json_string(j, "mode", "cca");
	json_string(j, "host", "rmm");
	json_string(j, "exit", exit);
	json_number(j, "cpus", opt.cpus);
	json_number(j, "ram_mib", opt.ram_mib);
	json_number(j, "granule", opt.alignment);
	json_number(j, "ms", end_elapsed());
	put_calls(j);
	put_exits(j);
	put_counters(j);
	phases_report(j);
	history_report(j);
	attack_report(j);
	realm_report(j);
	json_number(j, "secrets_found", count.secrets);
	last_words_report(j);
}

static void last_look(void)
{
	attack_at_end();
	report_phase(DOORBELL_PHASE_END);
}

static void put_summary(const char *exit)
{
	say("%s: %lu granules shared, %lu in the realm, blocked %lu MMIO %lu host reads", exit, count.shared,
	    count.granules, count.blocked_mmio, count.host_read);
}

void report_init(void)
{
	static const struct ending ending = { &opt.report, &opt.timeout, last_look, put_report, put_summary };

	end_setup(&ending);
}

void report_start(void)
{
	end_clock_start();
	report_phase(0);
}
