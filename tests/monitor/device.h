/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses to devices, those that are passed on and those that the monitor answers itself. */
#ifndef MONITOR_DEVICE_H
#define MONITOR_DEVICE_H

#include "cpu.h"

enum mmio_result {
	MMIO_PASS,	/* to the device itself */
	MMIO_DONE,	/* the hook has carried it out */
	MMIO_REFUSE,	/* an external abort for the guest */
};

/* mmio.c */
enum verdict on_data_abort(struct vcpu *vcpu);
enum verdict on_fetch_abort(struct vcpu *vcpu);

/* smmu.c */
void smmu_init(void);
void smmu_map(u64 address, u64 pa);
void smmu_unmap(u64 ipa);
void smmu_sync(void);
void smmu_poll(void);
void smmu_report(struct json *j);

/* gic.c: what the host says of it; true when a read has its answer */
bool gicr_lies(struct mmio *m, u32 cpu, u64 offset);
bool gits_lies(struct mmio *m, u64 offset, u64 table);	/* @table: that register as the guest reads it */
enum mmio_result gicd_access(struct vcpu *vcpu, struct mmio *m);
void gic_describe(void *tree);
void gic_tick(const struct vcpu *vcpu);		/* after each exit */
void gic_report(struct json *j);
u64 place_of(const char *word);		/* of something that the guest has in its memory, or any address */

/* its.c */
enum mmio_result its_access(struct vcpu *vcpu, struct mmio *m);
enum mmio_result redist_access(struct vcpu *vcpu, struct mmio *m);
void its_unshared(u64 ipa, u64 size);
void its_report(struct json *j);

/* virtio.c */
void virtio_check(void);
enum mmio_result pci_config_access(struct vcpu *vcpu, struct mmio *m);
enum mmio_result pci_window_access(struct vcpu *vcpu, struct mmio *m);

/* doorbell.c: the device through which a test drives the attacker */
enum mmio_result doorbell_access(struct vcpu *vcpu, struct mmio *m);

#endif
