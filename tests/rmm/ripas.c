// SPDX-License-Identifier: GPL-2.0-only
/*
 * A change of RIPAS that the guest has asked for: how far the host goes, and where options want it to be slow, to
 * stop or to refuse. Without options it goes to the end. What the RMM answers is the RMM's: no host can say that more
 * was done than was.
 */
#include <string.h>
#include "count.h"
#include "exits.h"
#include "memory.h"
#include "options.h"
#include "rmi.h"

struct request {
	u64 base, top;
	bool to_ram;
	u64 host_top;		/* as far as the host goes */
	bool reject;
};

static u64 asked;		/* requests that option set_when= means, so far */
static u64 asked_ram;
static u32 stalled[NR_CPUS];
static bool booted;		/* there was a request for EMPTY */

static bool is_word(const char *option, const char *word)
{
	return option && !strcmp(option, word);
}

/* boot: RAM before the first request for EMPTY; ram: RAM after it */
static bool is_meant(const struct request *r)
{
	const char *when = !r->to_ram ? "empty" : booted ? "ram" : "boot";

	booted |= !r->to_ram;
	return is_word(opt.set_when, "all") || is_word(opt.set_when, when);
}

static bool is_nth(u64 n, u64 from)
{
	return from && (opt.fail_every ? n >= from : n == from);
}

static void stop_at(struct request *r, u64 granules)
{
	if (granules < (r->top - r->base) / PAGE)
		r->host_top = r->base + granules * PAGE;
}

static void go_slowly(struct request *r)
{
	u64 left = (r->top - r->base) / PAGE;

	stop_at(r, is_word(opt.set_progress, "random") ? 1 + random_next() % left : to_number(opt.set_progress));
}

/* So many answers without progress before each one with it; for ever. */
static bool stalls_here(const struct vcpu *vcpu)
{
	if (!opt.set_stall)
		return false;
	if (is_word(opt.set_stall, "forever"))
		return true;
	if (stalled[vcpu->index] < to_number(opt.set_stall)) {
		stalled[vcpu->index]++;
		return true;
	}
	stalled[vcpu->index] = 0;
	return false;
}

/* Has a page of RAM from @start to @end another RIPAS than it shall have? */
static bool needs_change(u64 start, u64 end, bool to_ram)
{
	for (u64 page = start; page < end; page += PAGE)
		if (span_has(&ram, page) && memory_is_shared(page) == to_ram)
			return true;
	return false;
}

/* A host of larger pages converts a whole one or none of it (option alignment=). */
static void whole_units(struct request *r)
{
	u64 end = r->host_top < ram.end ? r->host_top : ram.end;

	for (u64 at = r->base > ram.start ? r->base : ram.start; at < end; ) {
		u64 unit = at & ~(opt.alignment - 1), next = unit + opt.alignment, stop = next < end ? next : end;

		if ((at != unit || stop != next) && needs_change(at, stop, r->to_ram)) {
			r->host_top = at;
			return;
		}
		at = next;
	}
}

static void limit_top(struct vcpu *vcpu, struct request *r)
{
	bool meant = is_meant(r);

	r->host_top = r->top;
	if (meant && ++asked >= opt.set_from) {
		if (opt.set_progress)
			go_slowly(r);
		if (stalls_here(vcpu))
			r->host_top = r->base;
	}
	if (meant && r->to_ram && is_nth(++asked_ram, opt.reject_set)) {
		r->reject = true;
		r->host_top = r->base;
		if (opt.reject_after)
			stop_at(r, opt.reject_after);
	}
	if (opt.alignment > PAGE)
		whole_units(r);
}

/* There is no RAM to give behind what the realm was built with. */
static void end_of_ram(struct request *r)
{
	u64 limit = r->base < ram.start || r->base >= ram.end ? r->base : ram.end;

	if (!r->to_ram || r->host_top <= limit)
		return;
	r->host_top = limit;
	r->reject = true;
}

/* Up to 2 MiB of pages in one call, where their table is there. */
static void change_ripas(struct vcpu *vcpu, const struct request *r)
{
	u64 at = r->base, status;

	while (at < r->host_top) {
		status = rmi_set_ripas(vcpu, at, r->host_top, &at);
		if (!table_made(status, at))
			rmi_must(status, "RTT_SET_RIPAS");
	}
}

void ripas_request(struct vcpu *vcpu)
{
	struct request r = {
		.base = exit_field(vcpu, EXIT_RIPAS_BASE),
		.top = exit_field(vcpu, EXIT_RIPAS_TOP),
		.to_ram = (exit_field(vcpu, EXIT_RIPAS_VALUE) & 0xff) == RIPAS_RAM,
	};

	lock();
	*(r.to_ram ? &count.set_ram : &count.set_empty) += 1;
	limit_top(vcpu, &r);
	end_of_ram(&r);
	if (r.to_ram)
		memory_close(r.base, r.host_top);
	change_ripas(vcpu, &r);
	if (!r.to_ram)
		memory_open(r.base, r.host_top);
	if (r.reject) {
		count.set_rejected++;
		vcpu->enter_flags |= ENTER_REJECT;
	}
	unlock();
}
