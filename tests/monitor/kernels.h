/* SPDX-License-Identifier: GPL-2.0-only */
/* kernels.c: the kernels that ran one after another in the guest. */
#ifndef MONITOR_KERNELS_H
#define MONITOR_KERNELS_H

#include "base.h"

void kernel_starts(void);
void kernels_report(struct json *j);

#endif
