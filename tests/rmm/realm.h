/* SPDX-License-Identifier: GPL-2.0-only */
/* realm.c: a realm from nothing. fdt.c: its device tree. */
#ifndef RMM_REALM_H
#define RMM_REALM_H

#include "base.h"

void realm_build(void);
void realm_report(struct json *j);

const void *fdt_write(const struct span *initrd);

#endif
