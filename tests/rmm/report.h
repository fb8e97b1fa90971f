/* SPDX-License-Identifier: GPL-2.0-only */
/* report.c: the JSON file, whose keys are in README.rst and stable. */
#ifndef RMM_REPORT_H
#define RMM_REPORT_H

#include "base.h"

u64 count_mmio(void);
void report_init(void);
void report_start(void);
void report_phase(u64 id);
void report_poll(void);			/* a look at the counters, if it is time for one */

#endif
