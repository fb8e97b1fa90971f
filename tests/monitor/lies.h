/* SPDX-License-Identifier: GPL-2.0-only */
/* lies.c: the host and the RMM that options ask for, at RSI_IPA_STATE_SET. */
#ifndef MONITOR_LIES_H
#define MONITOR_LIES_H

#include "memory.h"

/* IPA_STATE_SET, and what becomes of it */
struct ripas_request {
	u64 base, top;
	enum ripas to;
	bool destroyed_too;
	u64 host_top;			/* as far as the host goes */
	bool reject, error;
	bool answer_told;
	u64 answer;			/* X1 instead of the truth */
};

void lie_about_request(struct vcpu *vcpu, struct ripas_request *request);

#endif
