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

static void halve_samples(void)
{
	for (u32 i = 0; i < SAMPLES / 2; i++)
		samples[i] = samples[2 * i];
	nr_samples = SAMPLES / 2;
	distance *= 2;
}

static void history_take(u64 calls, u64 shared)
{
	u64 now = end_elapsed();

	if (now < next)
		return;
	if (nr_samples == SAMPLES)
		halve_samples();
	samples[nr_samples++] = (struct sample){ now, calls, shared };
	__atomic_store_n(&next, now - now % distance + distance, __ATOMIC_RELAXED);
}

void history_poll(u64 (*calls)(void), const u64 *shared)
{
	/* Another CPU may take it in between: history_take() looks again, under the lock. */
	if (end_elapsed() < __atomic_load_n(&next, __ATOMIC_RELAXED))
		return;
	lock();
	history_take(calls(), *shared);
	unlock();
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
