// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers of the guest's GICv3: one security state, affinity routing always on, no LPIs. The same register of 32
 * interrupts is in the distributor for SPIs and in a CPU's redistributor for its own.
 * Source: GIC architecture specification, IHI 0069, chapter 12.
 */
#include "gic.h"
#include "options.h"
#include "place.h"

#define GICD_CTLR	0x0000
#define GICD_TYPER	0x0004
#define IIDR		0x0008		/* GICD; GICR has it at 4 */
#define IGROUPR		0x0080
#define ISENABLER	0x0100
#define ICENABLER	0x0180
#define ISPENDR		0x0200
#define ICPENDR		0x0280
#define ISACTIVER	0x0300
#define ICACTIVER	0x0380
#define IPRIORITYR	0x0400
#define ICFGR		0x0c00
#define IROUTER		0x6000
#define PIDR2		0xffe8

#define GICR_IIDR	0x0004
#define GICR_TYPER	0x0008
#define GICR_WAKER	0x0014
#define RD_FRAME	0x10000		/* and the frame of SGIs and PPIs behind it */
#define REDIST_SIZE	0x20000

#define CTLR_GROUP1	BIT(1)
#define CTLR_ARE	BIT(4)
#define CTLR_DS		BIT(6)
#define TYPER_ID_BITS	(9UL << 19)
#define GICR_LAST	BIT(4)
#define ARM		0x43b
#define GICV3		0x3b

/* Of one interrupt: read a bit of it, or change it because a 1 was written. */
static bool read_bit(const struct virq *irq, u64 reg)
{
	switch (reg) {
	case IGROUPR:
		return true;
	case ISENABLER:
	case ICENABLER:
		return irq->enabled;
	case ISPENDR:
	case ICPENDR:
		return irq->pending || (!irq->edge && irq->line);
	default:
		return irq->active;
	}
}

/* A device's interrupt is enabled in the machine as it is here. */
static void vgic_enable(struct virq *irq, bool on)
{
	irq->enabled = on;
	if (irq->intid >= PRIVATE_IRQS)
		gic_forward(irq);
}

static void end_active(struct virq *irq)
{
	irq->active = false;
	if (irq->forwarded && !irq->in_lr) {
		irq->forwarded = false;
		irq->line = false;
		gic_end(irq);
	}
}

static void write_bit(struct virq *irq, u64 reg)
{
	switch (reg) {
	case ISENABLER:
		vgic_enable(irq, true);
		break;
	case ICENABLER:
		vgic_enable(irq, false);
		break;
	case ISPENDR:
		irq->pending = true;
		break;
	case ICPENDR:
		irq->pending = false;
		break;
	case ISACTIVER:
		irq->active = true;
		break;
	case ICACTIVER:
		end_active(irq);
		break;
	}
}

static void vgic_bits(struct vcpu *vcpu, struct mmio *m, u64 reg, u32 first)
{
	u64 written = m->value;

	m->value = 0;
	for (u32 i = 0; i < 32; i++) {
		struct virq *irq = vgic_irq(vcpu, first + i);

		if (!irq)
			continue;
		if (!m->write)
			m->value |= (u64)read_bit(irq, reg) << i;
		else if (written & BIT(i))
			write_bit(irq, reg);
	}
}

static void vgic_priorities(struct vcpu *vcpu, struct mmio *m, u32 first)
{
	u64 written = m->value;

	m->value = 0;
	for (u32 i = 0; i < 1U << m->log2_size; i++) {
		struct virq *irq = vgic_irq(vcpu, first + i);

		if (irq && m->write)
			irq->priority = written >> 8 * i & 0xf8;
		else if (irq)
			m->value |= (u64)irq->priority << 8 * i;
	}
}

/* SGIs are edges whatever is written. */
static void vgic_triggers(struct vcpu *vcpu, struct mmio *m, u32 first)
{
	u64 written = m->value;

	m->value = 0;
	for (u32 i = 0; i < 16; i++) {
		struct virq *irq = vgic_irq(vcpu, first + i);

		if (irq && m->write && first + i >= 16)
			irq->edge = written >> (2 * i + 1) & 1;
		else if (irq && !m->write)
			m->value |= (u64)irq->edge << (2 * i + 1);
	}
}

/* What is the same in the distributor and in a redistributor's second frame; false: neither */
static bool vgic_common(struct vcpu *vcpu, struct mmio *m, u64 offset)
{
	if (offset >= IGROUPR && offset < IPRIORITYR)
		vgic_bits(vcpu, m, offset & ~0x7fUL, (offset & 0x7f) * 8);
	else if (offset >= IPRIORITYR && offset < 0x800)
		vgic_priorities(vcpu, m, offset - IPRIORITYR);
	else if (offset >= ICFGR && offset < 0xd00)
		vgic_triggers(vcpu, m, (offset - ICFGR) * 4);
	else
		return false;
	return true;
}

static void vgic_route(struct mmio *m, u32 intid)
{
	struct virq *irq = vgic_irq(NULL, intid);
	struct vcpu *to = vcpu_by_mpidr(m->value);

	if (!irq) {
		m->value = 0;
	} else if (!m->write) {
		m->value = irq->route;
	} else if (to) {
		irq->route = to->index;
		gic_forward(irq);
		gic_kick(to);
	}
}

static u64 distributor_value(u64 offset)
{
	switch (offset) {
	case GICD_CTLR:
		return (vgic_enabled() ? CTLR_GROUP1 : 0) | CTLR_ARE | CTLR_DS;
	case GICD_TYPER:
		return TYPER_ID_BITS | (IRQS / 32 - 1);
	case IIDR:
		return ARM;
	case PIDR2:
		return GICV3;
	default:
		return 0;
	}
}

void vgic_distributor(struct vcpu *vcpu, struct mmio *m)
{
	u64 offset = m->ipa - GICD_BASE;

	(void)vcpu;
	lock();
	if (offset >= IROUTER && offset < IROUTER + 8 * 1020)
		vgic_route(m, (offset - IROUTER) / 8);
	else if (vgic_common(NULL, m, offset))
		;
	else if (!m->write)
		m->value = distributor_value(offset);
	else if (offset == GICD_CTLR)
		vgic_set_enabled(m->value & CTLR_GROUP1);
	unlock();
}

static u64 redistributor_value(u32 index, u64 offset)
{
	switch (offset) {
	case GICR_IIDR:
		return ARM;
	case GICR_TYPER:
		return (u64)index << 32 | index << 8 | (index == opt.cpus - 1 ? GICR_LAST : 0);
	case GICR_TYPER + 4:
		return index;
	case PIDR2:
		return GICV3;
	default:
		return 0;		/* GICR_WAKER: always awake */
	}
}

void vgic_redistributor(struct vcpu *vcpu, struct mmio *m)
{
	u64 offset = (m->ipa - REDIST_BASE) % REDIST_SIZE;
	u32 index = (m->ipa - REDIST_BASE) / REDIST_SIZE;
	bool known = false;

	(void)vcpu;
	lock();
	if (index < opt.cpus && offset >= RD_FRAME)
		known = vgic_common(vcpu_of(index), m, offset - RD_FRAME);
	if (!known && !m->write)
		m->value = index < opt.cpus && offset < RD_FRAME ? redistributor_value(index, offset) : 0;
	unlock();
}
