// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "doorbell.h"
#include "end.h"
#include "phase.h"

#define PHASES		64
#define VIEWS		4		/* start, user space, work done, end */
#define MARK_DONE	2		/* tests/guest/lib.sh */

static struct phase {
	u64 id, ticks;
	struct phase_counter counters[PHASE_COUNTERS];
	u32 nr_counters;
	struct view *view;
} phases[PHASES];
static u32 nr_phases;

static struct view views[VIEWS];
static u32 nr_views;

void view_add(struct view *view, u64 ipa, u64 size)
{
	u32 last = view->nr_runs - 1;

	if (view->nr_runs && view->runs[last].start + view->runs[last].size == ipa) {
		view->runs[last].size += size;
	} else if (view->nr_runs < VIEW_RUNS) {
		view->runs[view->nr_runs].start = ipa;
		view->runs[view->nr_runs++].size = size;
	} else {
		view->left_out += size;
	}
}

static struct view *take_view(u64 id, void (*look)(struct view *view))
{
	struct view *view;

	if (!look || nr_views == VIEWS || (id > MARK_DONE && id != DOORBELL_PHASE_END))
		return NULL;
	view = &views[nr_views++];
	look(view);
	return view;
}

void phase_add(u64 id, const struct phase_counter *counters, u32 nr, void (*look)(struct view *view))
{
	struct phase *p = &phases[nr_phases];

	if (nr > PHASE_COUNTERS)
		fail("a phase has %d counters at most", PHASE_COUNTERS);
	if (nr_phases == PHASES)
		return;
	nr_phases++;
	p->id = id;
	p->ticks = end_ticks();
	memcpy(p->counters, counters, nr * sizeof(*counters));
	p->nr_counters = nr;
	p->view = take_view(id, look);
}

static void put_view(struct json *j, const struct view *view)
{
	json_open(j, "seen", '[');
	for (u32 i = 0; i < view->nr_runs; i++) {
		json_open(j, NULL, '[');
		json_hex(j, NULL, view->runs[i].start);
		json_number(j, NULL, view->runs[i].size);
		json_close(j, ']');
	}
	json_close(j, ']');
	json_number(j, "seen_left_out", view->left_out);
}

void phases_report(struct json *j)
{
	json_open(j, "phases", '[');
	for (struct phase *p = phases; p < phases + nr_phases; p++) {
		json_open(j, NULL, '{');
		json_number(j, "id", p->id);
		for (u32 i = 0; i < p->nr_counters; i++)
			json_number(j, p->counters[i].key, p->counters[i].value);
		json_number(j, "ms", end_milliseconds(p->ticks));
		if (p->view)
			put_view(j, p->view);
		json_close(j, '}');
	}
	json_close(j, ']');
}
