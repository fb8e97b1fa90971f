/* SPDX-License-Identifier: GPL-2.0-only */
/* From an exception to what becomes of the guest. */
#ifndef MONITOR_TRAP_H
#define MONITOR_TRAP_H

#include "cpu.h"

/* traps.c */
void trap_from_guest(struct vcpu *vcpu);
void traps_setup(void);

/* vgic.c */
u64 vgic_hcr(void);
void vgic_cpu_setup(void);
void irq_from_guest(struct vcpu *vcpu);
void vgic_tick(const struct vcpu *vcpu);	/* after each exit */
bool vgic_send(struct vcpu *vcpu, u32 rt);	/* an SGI, by a register of the guest's */
void vgic_lose(u64 each);
void vgic_report(struct json *j);

/* inject.c */
void inject_undef(struct vcpu *vcpu);
void inject_abort(struct vcpu *vcpu, u64 far, bool fetch);
void inject_realm_abort(struct vcpu *vcpu);

/* sysreg.c */
enum verdict on_sysreg(struct vcpu *vcpu);

#endif
