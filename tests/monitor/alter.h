/* SPDX-License-Identifier: GPL-2.0-only */
/* alter.c: the one answer of a run that options alter= and alter_as= want otherwise. Under the lock. */
#ifndef MONITOR_ALTER_H
#define MONITOR_ALTER_H

#include "calls.h"
#include "end.h"

void alter_before(const struct vcpu *vcpu, const char *name);	/* each call, first */
bool alter_instead(struct vcpu *vcpu);		/* true: it is answered, and nothing is to be done */
void alter_answer(struct vcpu *vcpu, const char *name, u64 start);	/* start: X1 of the call */
void alter_report(struct json *j);		/* keys "calls", "altered", "sequence", "places" */

#endif
