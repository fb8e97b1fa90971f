/* SPDX-License-Identifier: GPL-2.0-only */
/* The registers of the doorbell (doorbell.h). What commands do, and what is counted, is the program's. */
#ifndef LIB_BELL_H
#define LIB_BELL_H

#include "base.h"

struct bell {
	u64 argument, value;
	s64 result;
	s64 (*command)(u32 number);
	u64 (*counter)(u64 number);
};

/* Under the lock */
void bell_access(struct bell *bell, struct mmio *m);

#endif
