// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine's GICv3, as firmware leaves it to the normal world. Interrupts are masked all the time: an exit from
 * the realm or the end of a WFI is when they are looked at. An SPI that belongs to a device of the guest's stays
 * active until the guest has ended it, so that a level does not come back before.
 */
#include "gic.h"
#include "place.h"

#define GICD_CTLR		0x0000
#define CTLR_ENABLE_ARE		(BIT(1) | BIT(4))	/* group 1, affinity routing: non-secure view */
#define GICD_ISENABLER		0x0100
#define GICD_ICENABLER		0x0180
#define GICD_ICACTIVER		0x0380
#define GICD_IPRIORITYR		0x0400
#define GICD_IROUTER		0x6000

#define SGI_FRAME		0x10000
#define REDIST_SIZE		0x20000

#define ICC_SRE_ENABLE		0xf
#define ICC_EOIMODE		BIT(1)
#define SPURIOUS		1020	/* and above */
#define PRIORITY		0xa0

#define KICK			1	/* the SGI by which one CPU wakes another */
#define MAINTENANCE_PPI		25
#define HOST_TIMER_PPI		26

#define TIMER_ON		1	/* CNTHP_CTL_EL2 */
#define WAIT_SECONDS		1	/* at most, so that the deadline is looked at */

static bool (*deliver)(struct vcpu *by, u32 intid);

static void gicd_write(u64 offset, u32 value)
{
	*(volatile u32 *)(GICD_BASE + offset) = value;
}

void gic_init(bool (*to)(struct vcpu *by, u32 intid))
{
	deliver = to;
	gicd_write(GICD_CTLR, CTLR_ENABLE_ARE);
}

static void own_ppis(u64 sgi_frame)
{
	u32 mine = BIT(KICK) | BIT(MAINTENANCE_PPI) | BIT(HOST_TIMER_PPI) | BIT(TIMER_PPI) | BIT(PTIMER_PPI);

	for (u32 i = 0; i < PRIVATE_IRQS; i++)
		*(volatile u8 *)(sgi_frame + GICD_IPRIORITYR + i) = PRIORITY;
	*(volatile u32 *)(sgi_frame + GICD_ISENABLER) = mine;
}

/* The redistributors are in the order of the CPUs. */
void gic_cpu_init(void)
{
	u64 index = sysreg_read(mpidr_el1) & 0xff;

	own_ppis(REDIST_BASE + index * REDIST_SIZE + SGI_FRAME);
	sysreg_write(s3_4_c12_c9_5, ICC_SRE_ENABLE);		/* ICC_SRE_EL2 */
	barrier_all();
	sysreg_write(s3_0_c4_c6_0, 0xff);			/* ICC_PMR_EL1 */
	sysreg_write(s3_0_c12_c12_4, ICC_EOIMODE);		/* ICC_CTLR_EL1 */
	sysreg_write(s3_0_c12_c12_7, 1);			/* ICC_IGRPEN1_EL1 */
	sysreg_write(s3_4_c12_c11_7, 0);			/* ICH_VMCR_EL2: as after reset */
	barrier_all();
}

void gic_forward(const struct virq *irq)
{
	u64 distributor = GICD_BASE, word = irq->intid / 32 * 4;

	*(volatile u64 *)(distributor + GICD_IROUTER + irq->intid * 8) = irq->route;
	*(volatile u8 *)(distributor + GICD_IPRIORITYR + irq->intid) = PRIORITY;
	gicd_write((irq->enabled ? GICD_ISENABLER : GICD_ICENABLER) + word, BIT(irq->intid % 32));
}

void gic_end(const struct virq *irq)
{
	gicd_write(GICD_ICACTIVER + irq->intid / 32 * 4, BIT(irq->intid % 32));
}

/* ICC_SGI1R_EL1: one CPU of cluster 0 */
void gic_kick(const struct vcpu *vcpu)
{
	barrier_all();
	sysreg_write(s3_0_c12_c11_5, (u64)KICK << 24 | BIT(vcpu->index));
	asm volatile("isb" : : : "memory");
}

static void set_timer(u64 at)
{
	sysreg_write(cnthp_cval_el2, at);
	sysreg_write(cnthp_ctl_el2, TIMER_ON);
	asm volatile("isb" : : : "memory");
}

/* A guest that has no exit of its own has one all the same. */
void gic_limit_run(void)
{
	set_timer(sysreg_read(cntpct_el0) + WAIT_SECONDS * sysreg_read(cntfrq_el0));
}

static void take_interrupt(struct vcpu *vcpu, u32 intid)
{
	if (intid == HOST_TIMER_PPI)
		sysreg_write(cnthp_ctl_el2, 0);
	sysreg_write(s3_0_c12_c12_1, intid);			/* ICC_EOIR1_EL1: its priority */
	if (intid < PRIVATE_IRQS || !deliver(vcpu, intid))
		sysreg_write(s3_0_c12_c11_1, intid);		/* ICC_DIR_EL1 */
	asm volatile("isb" : : : "memory");
}

void gic_take(struct vcpu *vcpu)
{
	u32 intid;

	while ((intid = sysreg_read(s3_0_c12_c12_0) & 0xffffff) < SPURIOUS)	/* ICC_IAR1_EL1 */
		take_interrupt(vcpu, intid);
}

static u64 wake_up_at(const struct vcpu *vcpu)
{
	u64 at = sysreg_read(cntpct_el0) + WAIT_SECONDS * sysreg_read(cntfrq_el0);

	if (!vcpu->on)
		return at;
	if ((vcpu->cntv_ctl & 3) == TIMER_ON && vcpu->cntv_cval < at)
		at = vcpu->cntv_cval;
	if ((vcpu->cntp_ctl & 3) == TIMER_ON && vcpu->cntp_cval < at)
		at = vcpu->cntp_cval;
	return at;
}

/* WFI ends with an interrupt that is pending, though it is masked. */
void gic_wait(struct vcpu *vcpu)
{
	set_timer(wake_up_at(vcpu));
	asm volatile("dsb sy\n\twfi" : : : "memory");
	gic_take(vcpu);
}
