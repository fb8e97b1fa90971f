/* SPDX-License-Identifier: GPL-2.0-only */
/* gic.c: the machine's GIC. vgic.c: the guest's, and vgic-mmio.c its registers. */
#ifndef RMM_GIC_H
#define RMM_GIC_H

#include "vcpu.h"

#define SPIS		64
#define IRQS		(PRIVATE_IRQS + SPIS)
#define TIMER_PPI	27
#define PTIMER_PPI	30

/* @deliver: an SPI is pending; true if it is the guest's, which ends it */
void gic_init(bool (*deliver)(struct vcpu *by, u32 intid));
void gic_cpu_init(void);
void gic_forward(const struct virq *irq);	/* enabled or not, and to whom */
void gic_end(const struct virq *irq);
void gic_kick(const struct vcpu *vcpu);
void gic_take(struct vcpu *vcpu);		/* all that is pending on this CPU */
void gic_limit_run(void);
void gic_wait(struct vcpu *vcpu);		/* for anything, or for a timer of the guest's */

void vgic_init(void);
struct virq *vgic_irq(struct vcpu *vcpu, u32 intid);	/* NULL: no such */
void vgic_enter(struct vcpu *vcpu);
void vgic_leave(struct vcpu *vcpu, bool entered);
bool vgic_pending(struct vcpu *vcpu);
bool vgic_raise(struct vcpu *by, u32 intid);	/* a device of the machine's; false: the guest has none such */
void vgic_sgi(struct vcpu *from, u64 value);
void vgic_distributor(struct vcpu *vcpu, struct mmio *m);
void vgic_redistributor(struct vcpu *vcpu, struct mmio *m);
bool vgic_enabled(void);
void vgic_set_enabled(bool on);

#endif
