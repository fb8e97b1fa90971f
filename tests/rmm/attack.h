/* SPDX-License-Identifier: GPL-2.0-only */
/* attack.c: the host as the attacker that it may be. */
#ifndef RMM_ATTACK_H
#define RMM_ATTACK_H

#include "base.h"

int host_peek(u64 ipa, u64 *value);
int host_poke(u64 ipa);
u64 host_scan(u64 pattern);
void attack_at_end(void);
void attack_report(struct json *j);
u64 el2_fault(void);

#endif
