/* SPDX-License-Identifier: GPL-2.0-only */
/* What the host does about each kind of exit, each in a file of its own. */
#ifndef RMM_EXITS_H
#define RMM_EXITS_H

#include "vcpu.h"

void on_abort(struct vcpu *vcpu, u64 esr);		/* mmio.c */
void doorbell(struct vcpu *vcpu, struct mmio *m);
void host_call(struct vcpu *vcpu);
void psci_exit(struct vcpu *vcpu);
void ripas_request(struct vcpu *vcpu);

#endif
