/* SPDX-License-Identifier: GPL-2.0-only */
/* The registers of the doorbell (doorbell.h). How a command is carried out, and what is counted, is the program's. */
#ifndef LIB_BELL_H
#define LIB_BELL_H

#include "base.h"

struct bell {
	u64 argument, value;
	s64 result;
	void (*mark)(u64 id);
	int (*peek)(u64 ipa, u64 *value);
	int (*poke)(u64 ipa);
	u64 (*scan)(u64 pattern);
	s64 (*command)(u32 number);	/* any other one */
	u64 (*counter)(u64 number);
};

/* Under the lock */
void bell_access(struct bell *bell, struct mmio *m);

#endif
