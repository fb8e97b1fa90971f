/* SPDX-License-Identifier: GPL-2.0-only */
/* What a report has of a run in time, bounded in size: two counters, at equal distances. */
#ifndef LIB_HISTORY_H
#define LIB_HISTORY_H

#include "base.h"

/* Without the lock, as often as it is convenient: both counters are read when it is time for them. */
void history_poll(u64 (*calls)(void), const u64 *shared);
void history_report(struct json *j);	/* key "history" */

#endif
