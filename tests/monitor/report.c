// SPDX-License-Identifier: GPL-2.0-only
/* The report: one JSON file, whose keys are in README.rst and stable. */
#include "calls.h"
#include "count.h"
#include "device.h"
#include "doorbell.h"
#include "history.h"
#include "host.h"
#include "hostpages.h"
#include "kernels.h"
#include "lastwords.h"
#include "memory.h"
#include "options.h"
#include "phase.h"
#include "report.h"
#include "secret.h"
#include "trap.h"
#include "tree.h"

static bool is_seen(u64 ipa)
{
	return is_realm() ? ripas_of(ipa) == RIPAS_EMPTY : stage2_state(ipa) == SHARED;
}

static void see_memory(struct view *view)
{
	for (u64 ipa = ram.start; ipa < ram.end; ipa += opt.granule)
		if (is_seen(ipa))
			view_add(view, ipa, opt.granule);
}

void report_phase(u64 id)
{
	const struct phase_counter counters[] = {
		{ "instructions",	pmu_instructions() },
		{ "el1_instructions",	pmu_guest_instructions() },
		{ "hypercalls",		calls_total() },
		{ "mmio",		count_mmio() },
		{ "shared",		count.shared },
		{ "touched",		count.first_touch },
	};

	phase_add(id, counters, ARRAY_SIZE(counters), protected_vm() ? see_memory : NULL);
}

void report_poll(void)
{
	history_poll(calls_total, &count.shared);
}

static void put_counters(struct json *j)
{
	json_open(j, "shared", '{');
	json_number(j, "now", count.shared);
	json_number(j, "peak", count.shared_peak);
	json_number(j, "emptied", count.emptied);
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

static void put_realm(struct json *j)
{
	json_open(j, "realm", '{');
	realm_report(j);
	attest_report(j);
	json_close(j, '}');
}

static void put_report(struct json *j, const char *exit)
{
	json_string(j, "mode", opt.mode);
	json_string(j, "exit", exit);
	json_number(j, "cpus", nr_cpus);
	json_number(j, "ram_mib", ((ram.end - ram.start) >> 20) - opt.hidden_ram);
	json_number(j, "granule", opt.granule);
	json_number(j, "ms", end_elapsed());
	calls_report(j);
	put_counters(j);
	phases_report(j);
	kernels_report(j);
	history_report(j);
	smmu_report(j);
	its_report(j);
	gic_report(j);
	vgic_report(j);
	if (opt.stand) {
		json_open(j, "stood", '{');
		json_number(j, "calls", count.stood_in_calls);
		json_number(j, "others", count.stood_elsewhere);
		json_close(j, '}');
	}
	fdt_report(j);
	host_report(j);
	host_pages_report(j);
	tables_report(j);
	if (is_realm())
		put_realm(j);
	json_number(j, "secrets_found", count.secrets);
	if (secret_told())
		secret_report(j);
	json_number(j, "text_found", count.text);
	last_words_report(j);
}

static void last_look(void)
{
	smmu_poll();
	host_at_end();
	tables_at_end();
	report_phase(DOORBELL_PHASE_END);
}

static void put_summary(const char *exit)
{
	say("%s: %lu calls, %lu granules shared, blocked %lu DMA %lu MMIO %lu ITS %lu host", exit, calls_total(),
	    count.shared, count.blocked_dma, count.blocked_mmio, count.blocked_its, count.host_read);
}

void report_init(void)
{
	static const struct ending ending = { &opt.report, &opt.timeout, last_look, put_report, put_summary };

	end_setup(&ending);
}
