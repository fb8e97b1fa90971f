/* SPDX-License-Identifier: GPL-2.0-only */
/* secret.c: when the host looks for the guest's secret. Pages of RAM, under the lock. */
#ifndef MONITOR_SECRET_H
#define MONITOR_SECRET_H

#include "base.h"

void secret_init(void);
bool secret_told(void);
/* Words of @at that are part of a copy of a secret, or of a pattern */
u64 secret_look(u64 ipa, const void *at, u64 bytes, const char *when);
u64 secret_copies(const u64 *at, u64 bytes, u64 pattern);
void secret_shown(u64 ipa, const void *page);			/* the host is about to see it */
void secret_closed(u64 ipa, const void *page);			/* the host has seen it until now */
void secret_notified(u64 ipa, const void *page);		/* the host sees it as a driver has something for its device */
void secret_report(struct json *j);

#endif
