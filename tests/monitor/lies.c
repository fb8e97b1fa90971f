// SPDX-License-Identifier: GPL-2.0-only
/*
 * How far the host goes with a request to change RIPAS, and where options want it or the RMM to be wrong
 * (Documentation/spec/faults.rst). Without options it goes to the end.
 */
#include <string.h>
#include "lies.h"
#include "options.h"

static u64 asked;			/* requests that option set_when= means, so far */
static u64 asked_ram, asked_ram_destroyed;
static u32 stalled[NR_CPUS];
static bool booted;			/* there was a request for EMPTY */

static bool is_word(const char *option, const char *word)
{
	return option && !strcmp(option, word);
}

/* boot: RAM before the first request for EMPTY; ram: RAM after it */
static bool is_meant(const struct ripas_request *r)
{
	const char *when = r->to == RIPAS_EMPTY ? "empty" : booted ? "ram" : "boot";

	booted |= r->to == RIPAS_EMPTY;
	return is_word(opt.set_when, "all") || is_word(opt.set_when, when);
}

static bool is_nth(u64 n, u64 from)
{
	return from && (opt.fail_every ? n >= from : n == from);
}

static void stop_at(struct ripas_request *r, u64 granules)
{
	if (granules < (r->top - r->base) / PAGE)
		r->host_top = r->base + granules * PAGE;
}

static void progress_slowly(struct ripas_request *r)
{
	u64 left = (r->top - r->base) / PAGE;

	stop_at(r, is_word(opt.set_progress, "random") ? 1 + random_next() % left : to_number(opt.set_progress));
}

/* So many answers without progress before each one with it; for ever. */
static bool stalls_here(struct vcpu *vcpu)
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

/* A top that cannot be: nothing was done, but for the one above, where all was. */
static void lie_top(struct ripas_request *r)
{
	r->answer_told = true;
	if (is_word(opt.set_top, "above")) {
		r->answer = r->top + PAGE;
		return;
	}
	r->host_top = r->base;
	r->answer = is_word(opt.set_top, "below") ? r->base - PAGE : r->base + PAGE / 2;
}

/* Does a page of @start to @end have another RIPAS than it shall have? */
static bool needs_change(u64 start, u64 end, enum ripas to)
{
	for (u64 page = start; page < end; page += PAGE)
		if (ripas_of(page) != to)
			return true;
	return false;
}

/* A host of larger pages converts a whole one or none of it (option alignment=). */
static void whole_units(struct ripas_request *r)
{
	u64 end = r->host_top < ram.end ? r->host_top : ram.end;

	for (u64 at = r->base > ram.start ? r->base : ram.start; at < end; ) {
		u64 unit = at & ~(opt.alignment - 1), next = unit + opt.alignment, stop = next < end ? next : end;

		if ((at != unit || stop != next) && needs_change(at, stop, r->to)) {
			r->host_top = at;
			return;
		}
		at = next;
	}
}

static void destroy_middle(const struct ripas_request *r)
{
	u64 granules = (r->top - r->base) / PAGE, page = r->base + granules / 2 * PAGE;

	if (span_has(&ram, page))
		ripas_destroy(page);
}

void lie_about_request(struct vcpu *vcpu, struct ripas_request *r)
{
	bool meant = is_meant(r), ram = r->to == RIPAS_RAM;

	r->host_top = r->top;
	if (ram && r->destroyed_too && ++asked_ram_destroyed == opt.destroy_unshare)
		destroy_middle(r);
	if (meant && ++asked >= opt.set_from) {
		if (is_nth(asked, opt.fail_set))
			r->error = true;
		if (opt.set_progress)
			progress_slowly(r);
		if (stalls_here(vcpu))
			r->host_top = r->base;
		if (opt.set_top)
			lie_top(r);
	}
	if (meant && ram && is_nth(++asked_ram, opt.reject_set)) {
		r->reject = true;
		r->host_top = r->base;
		if (opt.reject_after)
			stop_at(r, opt.reject_after);
	}
	if (opt.alignment > PAGE)
		whole_units(r);
}
