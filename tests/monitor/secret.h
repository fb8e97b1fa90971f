/* SPDX-License-Identifier: GPL-2.0-only */
/* secret.c: when the host looks for the guest's secret. Pages of RAM, under the lock. */
#ifndef MONITOR_SECRET_H
#define MONITOR_SECRET_H

#include "base.h"

u64 secret_copies(const u64 *at, u64 bytes, u64 pattern);	/* words of @at that are part of a copy */
void secret_shown(u64 ipa, const void *page);			/* the host is about to see it */
void secret_closed(u64 ipa, const void *page);			/* the host has seen it until now */
void secret_notified(u64 ipa, const void *page);		/* the host sees it as a driver has something for its device */
void secret_report(struct json *j);

#endif
