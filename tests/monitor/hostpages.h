/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages that the host supplies: steal time, clock, generation ID. They are outside RAM, with memory of ours behind
 * them, and belong to whoever memory belongs to: the host writes there as long as the guest has not touched it, and
 * again when it has shared it.
 */
#ifndef MONITOR_HOSTPAGES_H
#define MONITOR_HOSTPAGES_H

#include "cpu.h"

#define STEAL_IPA	0x0c000000UL	/* 64 bytes a vCPU */
#define CLOCK_IPA	0x0c100000UL
#define VMGENID_IPA	0x0c200000UL
#define VMGENID_SPI	100
#define TABLE_IPA	0x0c300000UL	/* option acpi_table= */

/* hostpages.c */
void host_pages_init(void);
void host_pages_tick(struct vcpu *vcpu);
void host_pages_report(struct json *j);

/* pvtime.c */
bool pvtime_offered(void);
void pvtime_slept(struct vcpu *vcpu);
void pvtime_tick(struct vcpu *vcpu);
u64 pvtime_stolen(u32 cpu);
void pvtime_report(struct json *j);

/* vmclock.c */
void vmclock_init(void);
u64 vmclock_disrupt(u64 how);
void vmclock_tick(void);
void vmclock_report(struct json *j);

#endif
