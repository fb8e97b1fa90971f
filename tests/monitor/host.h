/* SPDX-License-Identifier: GPL-2.0-only */
/* host.c: the attacker. */
#ifndef MONITOR_HOST_H
#define MONITOR_HOST_H

#include "base.h"

int host_peek(u64 ipa, u64 *value);
int host_poke(u64 ipa);
void host_notified(void);		/* a driver has something for its device */
void host_break_ring(u64 used, u32 size);
int host_steal(u64 ipa);
u64 host_scan(u64 pattern);
void host_at_end(void);
void host_report(struct json *j);

#endif
