// SPDX-License-Identifier: GPL-2.0-only
/* A run in time. When there is no more room, every other sample goes, and those to come are twice as far apart. */
#include "end.h"
#include "history.h"

#define SAMPLES		128
#define FIRST_DISTANCE	16	/* milliseconds */

static struct sample {
	u64 ms, calls, shared;
} samples[SAMPLES];
static u32 nr_samples;
static u64 next, distance = FIRST_DISTANCE;

bool history_is_due(void)
{
	return end_elapsed() >= __atomic_load_n(&next, __ATOMIC_RELAXED);
}

static void halve_samples(void)
{
	for (u32 i = 0; i < SAMPLES / 2; i++)
		samples[i] = samples[2 * i];
	nr_samples = SAMPLES / 2;
	distance *= 2;
}

void history_take(u64 calls, u64 shared)
{
	u64 now = end_elapsed();

	if (now < next)
		return;
	if (nr_samples == SAMPLES)
		halve_samples();
	samples[nr_samples++] = (struct sample){ now, calls, shared };
	__atomic_store_n(&next, now - now % distance + distance, __ATOMIC_RELAXED);
}

void history_report(struct json *j)
{
	json_open(j, "history", '[');
	for (struct sample *s = samples; s < samples + nr_samples; s++) {
		json_open(j, NULL, '[');
		json_number(j, NULL, s->ms);
		json_number(j, NULL, s->calls);
		json_number(j, NULL, s->shared);
		json_close(j, ']');
	}
	json_close(j, ']');
}

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

void view_report(struct json *j, const struct view *view)
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
