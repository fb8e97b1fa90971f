/* SPDX-License-Identifier: GPL-2.0-only */
/* From an exception to what becomes of the guest. */
#ifndef MONITOR_TRAP_H
#define MONITOR_TRAP_H

#include "cpu.h"

/* traps.c */
void trap_from_guest(struct vcpu *vcpu);
void traps_setup(void);

/* inject.c */
void inject_undef(struct vcpu *vcpu);
void inject_abort(struct vcpu *vcpu, u64 far, bool fetch);
void inject_realm_abort(struct vcpu *vcpu);

/* sysreg.c */
enum verdict on_sysreg(struct vcpu *vcpu);

#endif
