/* SPDX-License-Identifier: GPL-2.0-only */
/* report.c: the JSON file, whose keys are in README.rst and stable. */
#ifndef MONITOR_REPORT_H
#define MONITOR_REPORT_H

#include "end.h"

void report_init(void);
void report_phase(u64 id);
void report_poll(void);			/* a look at the counters, if it is time for one */

#endif
