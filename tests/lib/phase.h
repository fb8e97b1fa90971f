/* SPDX-License-Identifier: GPL-2.0-only */
/* What a report has of the phases of a run: counters of the program, and the memory that the host saw then. */
#ifndef LIB_PHASE_H
#define LIB_PHASE_H

#include "base.h"

#define VIEW_RUNS	256

/* Memory that the host sees, upwards, in bytes. */
struct view {
	struct {
		u64 start, size;
	} runs[VIEW_RUNS];
	u32 nr_runs;
	u64 left_out;			/* bytes in runs for which there was no room */
};

void view_add(struct view *view, u64 ipa, u64 size);	/* above what is there */

#define PHASE_COUNTERS	6

struct phase_counter {
	const char *key;
	u64 value;
};

/*
 * @look adds what the host sees; NULL: that is not known. It takes some milliseconds, so it is called for the start,
 * for user space, for the end of the work and for the end alone.
 */
void phase_add(u64 id, const struct phase_counter *counters, u32 nr, void (*look)(struct view *view));
void phases_report(struct json *j);	/* key "phases", and in each "seen" and "seen_left_out" */

#endif
