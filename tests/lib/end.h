/* SPDX-License-Identifier: GPL-2.0-only */
/* How a run ends: one JSON file, one line, one exit code. */
#ifndef LIB_END_H
#define LIB_END_H

#include "base.h"

/*
 * What a program has to say of itself. The options are read after the first failure may have come, so that they are
 * looked at when the run ends.
 */
struct ending {
	const char *const *path;	/* of the report */
	const u64 *timeout;		/* seconds, 0: none */
	void (*last_look)(void);	/* before the report is made */
	void (*report)(struct json *j, const char *exit);	/* keys of the report, "failures" excepted */
	void (*summary)(const char *exit);	/* the last line on the console */
};

void end_setup(const struct ending *ending);
void end_clock_start(void);		/* time and the deadline count from here */
u64 end_ticks(void);			/* since then */
u64 end_milliseconds(u64 ticks);
u64 end_elapsed(void);			/* milliseconds since then; 0 before it */
void end_check_deadline(void);
void end_failure(const char *why);	/* for the report; the run goes on */
void end_run(const char *exit) __attribute__((noreturn));

#endif
