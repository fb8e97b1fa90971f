/* SPDX-License-Identifier: GPL-2.0-only */
/* What a report has of a run in time, bounded in size: counters at equal distances, what the host saw at a phase. */
#ifndef LIB_HISTORY_H
#define LIB_HISTORY_H

#include "base.h"

bool history_is_due(void);		/* without the lock; true for a moment too long does no harm */
void history_take(u64 calls, u64 shared);	/* under the lock, if it is due */
void history_report(struct json *j);	/* key "history" */

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
void view_report(struct json *j, const struct view *view);	/* keys "seen", "seen_left_out" */

#endif
