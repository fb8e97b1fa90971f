// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's GICv3. Before each entry the list registers get what is active or pending and enabled, the most urgent
 * first; after the exit they are read back and empty. All that is in them asks for an exit when the guest ends it,
 * so that a level is looked at again. The CPU interface itself (priority mask, active priorities) stays in the
 * machine's registers: a vCPU does not move.
 */
#include "count.h"
#include "gic.h"
#include "options.h"
#include "rmi.h"

#define LR_PENDING	BIT(62)
#define LR_ACTIVE	BIT(63)
#define LR_STATE	(LR_PENDING | LR_ACTIVE)
#define LR_GROUP1	BIT(60)
#define LR_PRIORITY(p)	((u64)(p) << 48)
#define LR_EOI		BIT(41)

#define HCR_ENABLE	BIT(0)
#define HCR_UNDERFLOW	BIT(1)		/* an exit when the list registers run empty: there is more */

#define TIMER_FIRES	5		/* enabled, not masked, condition met */
#define TIMER_BITS	7
#define TIMER_ON	1

static struct virq spis[SPIS];
static u32 nr_lrs;
static bool enabled;			/* GICD_CTLR */

bool vgic_enabled(void)
{
	return enabled;
}

struct virq *vgic_irq(struct vcpu *vcpu, u32 intid)
{
	if (intid < PRIVATE_IRQS)
		return vcpu ? &vcpu->irqs[intid] : NULL;
	return intid < IRQS ? &spis[intid - PRIVATE_IRQS] : NULL;
}

/* ICH_LR<n>_EL2: the number is in the instruction. */
static u64 lr_read(u32 n)
{
	switch (n) {
	case 0:	return sysreg_read(s3_4_c12_c12_0);
	case 1:	return sysreg_read(s3_4_c12_c12_1);
	case 2:	return sysreg_read(s3_4_c12_c12_2);
	case 3:	return sysreg_read(s3_4_c12_c12_3);
	case 4:	return sysreg_read(s3_4_c12_c12_4);
	case 5:	return sysreg_read(s3_4_c12_c12_5);
	case 6:	return sysreg_read(s3_4_c12_c12_6);
	case 7:	return sysreg_read(s3_4_c12_c12_7);
	case 8:	return sysreg_read(s3_4_c12_c13_0);
	case 9:	return sysreg_read(s3_4_c12_c13_1);
	case 10:	return sysreg_read(s3_4_c12_c13_2);
	case 11:	return sysreg_read(s3_4_c12_c13_3);
	case 12:	return sysreg_read(s3_4_c12_c13_4);
	case 13:	return sysreg_read(s3_4_c12_c13_5);
	case 14:	return sysreg_read(s3_4_c12_c13_6);
	case 15:	return sysreg_read(s3_4_c12_c13_7);
	default: return 0;
	}
}

static void lr_write(u32 n, u64 value)
{
	switch (n) {
	case 0:	sysreg_write(s3_4_c12_c12_0, value);	break;
	case 1:	sysreg_write(s3_4_c12_c12_1, value);	break;
	case 2:	sysreg_write(s3_4_c12_c12_2, value);	break;
	case 3:	sysreg_write(s3_4_c12_c12_3, value);	break;
	case 4:	sysreg_write(s3_4_c12_c12_4, value);	break;
	case 5:	sysreg_write(s3_4_c12_c12_5, value);	break;
	case 6:	sysreg_write(s3_4_c12_c12_6, value);	break;
	case 7:	sysreg_write(s3_4_c12_c12_7, value);	break;
	case 8:	sysreg_write(s3_4_c12_c13_0, value);	break;
	case 9:	sysreg_write(s3_4_c12_c13_1, value);	break;
	case 10:	sysreg_write(s3_4_c12_c13_2, value);	break;
	case 11:	sysreg_write(s3_4_c12_c13_3, value);	break;
	case 12:	sysreg_write(s3_4_c12_c13_4, value);	break;
	case 13:	sysreg_write(s3_4_c12_c13_5, value);	break;
	case 14:	sysreg_write(s3_4_c12_c13_6, value);	break;
	case 15:	sysreg_write(s3_4_c12_c13_7, value);	break;
	}
}

static volatile u64 *page_word(struct vcpu *vcpu, u32 offset)
{
	return (volatile u64 *)(vcpu->run + offset);
}

/* Where the RMM has them: in the CPU, or in the page of REC_ENTER */
static void lr_set(struct vcpu *vcpu, u32 n, u64 value)
{
	if (rmi->lrs_in_page)
		*page_word(vcpu, ENTER_GICV3_LRS + 8 * n) = value;
	else
		lr_write(n, value);
}

/* Without an entry nothing is written into the page: they are what they were. */
static u64 lr_get(struct vcpu *vcpu, u32 n, bool entered)
{
	if (!rmi->lrs_in_page)
		return lr_read(n);
	return entered ? exit_field(vcpu, EXIT_GICV3_LRS + 8 * n) : *page_word(vcpu, ENTER_GICV3_LRS + 8 * n);
}

/* The RMM enables the interface itself where it writes the register. */
static void hcr_set(struct vcpu *vcpu, u64 value)
{
	if (rmi->lrs_in_page)
		*page_word(vcpu, ENTER_GICV3_HCR) = value;
	else
		sysreg_write(s3_4_c12_c11_0, value | HCR_ENABLE);	/* ICH_HCR_EL2 */
}

void vgic_init(void)
{
	nr_lrs = (sysreg_read(s3_4_c12_c11_1) & 0x1f) + 1;	/* ICH_VTR_EL2 */
	if (nr_lrs > MAX_LRS)
		nr_lrs = MAX_LRS;
	for (u32 i = 0; i < SPIS; i++)
		spis[i].intid = PRIVATE_IRQS + i;
	for (u32 cpu = 0; cpu < opt.cpus; cpu++) {
		for (u32 i = 0; i < PRIVATE_IRQS; i++) {
			vcpu_of(cpu)->irqs[i].intid = i;
			vcpu_of(cpu)->irqs[i].edge = i < 16;
		}
	}
}

static bool timer_fires(u64 ctl, u64 cval)
{
	if ((ctl & TIMER_BITS) == TIMER_FIRES)
		return true;
	return (ctl & 3) == TIMER_ON && sysreg_read(cntpct_el0) >= cval;
}

/* What the timers' outputs are, by their registers at the last exit */
static void look_at_timers(struct vcpu *vcpu)
{
	vcpu->irqs[TIMER_PPI].line = timer_fires(vcpu->cntv_ctl, vcpu->cntv_cval);
	vcpu->irqs[PTIMER_PPI].line = timer_fires(vcpu->cntp_ctl, vcpu->cntp_cval);
}

static bool is_pending(const struct virq *irq)
{
	return irq->enabled && (irq->pending || (!irq->edge && irq->line && !irq->active));
}

static bool wants_lr(const struct virq *irq, const struct vcpu *vcpu)
{
	if (irq->in_lr)
		return false;
	if (irq->intid >= PRIVATE_IRQS && irq->route != vcpu->index)
		return false;
	return irq->active || (enabled && is_pending(irq));
}

static bool more_urgent(const struct virq *a, const struct virq *b)
{
	if (a->active != b->active)
		return a->active;
	return a->priority < b->priority;
}

static struct virq *next_pending(struct vcpu *vcpu)
{
	struct virq *best = NULL;

	for (u32 i = 0; i < IRQS; i++) {
		struct virq *irq = vgic_irq(vcpu, i);

		if (wants_lr(irq, vcpu) && (!best || more_urgent(irq, best)))
			best = irq;
	}
	return best;
}

static u64 lr_of(struct virq *irq)
{
	u64 lr = irq->intid | LR_PRIORITY(irq->priority) | LR_GROUP1 | LR_EOI;

	if (irq->active)
		lr |= LR_ACTIVE;
	if (is_pending(irq) && enabled)
		lr |= LR_PENDING;
	irq->pending = false;		/* what comes from here on is new */
	return lr;
}

void vgic_enter(struct vcpu *vcpu)
{
	struct virq *irq;
	u32 n;

	lock();
	look_at_timers(vcpu);
	for (n = 0; n < nr_lrs && (irq = next_pending(vcpu)); n++) {
		lr_set(vcpu, n, lr_of(irq));
		vcpu->lr[n] = irq;
		irq->in_lr = vcpu;
	}
	hcr_set(vcpu, n == nr_lrs && next_pending(vcpu) ? HCR_UNDERFLOW : 0);
	unlock();
	for (; n < nr_lrs; n++)
		lr_set(vcpu, n, 0);
	asm volatile("isb" : : : "memory");
}

/* Ended by the guest: the device may interrupt again, and does at once if its line is still high. */
static void end_interrupt(struct virq *irq)
{
	if (!irq->forwarded)
		return;
	irq->forwarded = false;
	irq->line = false;
	gic_end(irq);
}

static void read_back(struct virq *irq, u64 lr)
{
	irq->in_lr = NULL;
	irq->active = lr & LR_ACTIVE;
	if (lr & LR_PENDING && (irq->edge || !irq->line))
		irq->pending = true;
	if (!(lr & LR_STATE))
		end_interrupt(irq);
}

void vgic_leave(struct vcpu *vcpu, bool entered)
{
	asm volatile("isb" : : : "memory");
	lock();
	for (u32 n = 0; n < nr_lrs; n++) {
		if (vcpu->lr[n])
			read_back(vcpu->lr[n], lr_get(vcpu, n, entered));
		vcpu->lr[n] = NULL;
	}
	unlock();
}

/* Under the lock */
bool vgic_pending(struct vcpu *vcpu)
{
	look_at_timers(vcpu);
	return next_pending(vcpu);
}

/* A device of the machine's: active there, from here on. */
bool vgic_raise(struct vcpu *by, u32 intid)
{
	struct virq *irq = vgic_irq(by, intid);

	if (!irq)
		return false;
	lock();
	irq->forwarded = true;
	irq->line = true;
	if (irq->edge)
		irq->pending = true;
	unlock();
	if (irq->route != by->index)
		gic_kick(vcpu_of(irq->route));
	return true;
}

static bool is_target(const struct vcpu *from, u64 value, u32 index)
{
	if (value & BIT(40))			/* all but oneself */
		return from->index != index;
	return !(value >> 16 & 0xff) && !(value >> 32 & 0xff) && !(value >> 48 & 0xff) && value & BIT(index);
}

void vgic_sgi(struct vcpu *from, u64 value)
{
	u32 intid = value >> 24 & 0xf;

	__atomic_fetch_add(&count.sgis, 1, __ATOMIC_RELAXED);
	for (u32 i = 0; i < opt.cpus; i++) {
		if (!is_target(from, value, i))
			continue;
		lock();
		vcpu_of(i)->irqs[intid].pending = true;
		unlock();
		if (i != from->index)
			gic_kick(vcpu_of(i));
	}
}

void vgic_set_enabled(bool on)
{
	enabled = on;
}
