/* SPDX-License-Identifier: GPL-2.0-only */
/* count.c: what is counted for the report. */
#ifndef RMM_COUNT_H
#define RMM_COUNT_H

#include "base.h"

enum exit_kind {
	EXIT_ABORT, EXIT_SYSREG, EXIT_WFX, EXIT_IRQ, EXIT_FIQ, EXIT_PSCI, EXIT_RIPAS, EXIT_HOST_CALL, EXIT_SERROR,
	EXIT_OTHER, EXIT_KINDS
};

extern struct counters {
	u64 exits[EXIT_KINDS];
	u64 rmi_calls, granules, tables;
	u64 shared, shared_peak;
	u64 blocked_mmio, host_read;
	u64 first_touch, secrets;
	u64 set_empty, set_ram, set_rejected, host_calls;
	u64 psci_on, psci_off, psci_affinity, psci_suspend, psci_system, psci_denied;
	u64 sgis;
} count;

#endif
