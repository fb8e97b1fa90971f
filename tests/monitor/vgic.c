// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host gives the guest its interrupts, as KVM and an RMM's host do, and not as it should: options timer_late=,
 * timer_early= and lpis=, or vgic=1 and DOORBELL_LOSE. Interrupts of the machine come to EL2 then (HCR_EL2.IMO), which
 * acknowledges them and puts them into list registers, or does not. What finds no list register free waits.
 *
 * Source of the registers: Arm IHI 0069, GICv3 architecture, chapters 6 and 12. QEMU's CPUs have four list registers.
 */
#include "device.h"
#include "end.h"
#include "options.h"
#include "trap.h"

/* By the names that are here, which stringifying would not replace */
#define named_read(reg)		sysreg_read(reg)
#define named_write(reg, value)	sysreg_write(reg, value)

#define ICC_PMR			s3_0_c4_c6_0
#define ICC_DIR			s3_0_c12_c11_1
#define ICC_SGI1R		s3_0_c12_c11_5
#define ICC_IAR1		s3_0_c12_c12_0
#define ICC_EOIR1		s3_0_c12_c12_1
#define ICC_CTLR		s3_0_c12_c12_4
#define ICC_IGRPEN1		s3_0_c12_c12_7
#define ICH_HCR			s3_4_c12_c11_0
#define ICH_EISR		s3_4_c12_c11_3
#define ICH_ELRSR		s3_4_c12_c11_5
#define CTLR_EOIMODE		BIT(1)		/* EOIR1 drops the priority, DIR deactivates */
#define ICH_EN			BIT(0)
#define ICH_UIE			BIT(1)		/* a maintenance interrupt when at most one list register is in use */

#define LISTS			4
#define LR_ID(lr)		((u32)(lr))
#define LR_EOI			BIT(41)		/* without LR_HW: a maintenance interrupt when the guest has ended it */
#define LR_PHYSICAL(id)		((u64)(id) << 32)
#define LR_PRIORITY		(0xa0UL << 48)	/* what Linux gives to all of them */
#define LR_GROUP1		BIT(60)
#define LR_HW			BIT(61)		/* the guest's EOI deactivates the machine's */
#define LR_PENDING		BIT(62)
#define LR_ACTIVE		BIT(63)

#define WAKE			15		/* SGIs of Linux end at 7 */
#define MAINTENANCE		25		/* PPIs of QEMU's virt */
#define EL2_TIMER		26
#define GUESTS_TIMER		27
#define FIRST_SPI		32
#define SPECIAL			1020		/* to 1023: nothing is pending */
#define FIRST_LPI		8192
#define LPIS			64		/* of option lpis= */

#define GICD_ICFGR		0x0c00
#define REDIST_SIZE		0x20000
#define GICR_CTLR		0x0000
#define ENABLE_LPIS		BIT(0)
#define GICR_ISENABLER0		0x10100

#define WAITING			64
#define LOST			32
#define SPURIOUS		BIT(31)		/* with the number: the machine has not raised it */

static struct cpu_interrupts {
	u32 waiting[WAITING], nr;
	u32 lost[LOST], nr_lost;
	u32 exits;
	bool give_back;
} of_cpu[NR_CPUS];

static u64 lose_each;			/* of devices */
static struct {
	u64 lost, given_back, late, early, lpis, dropped;
} did;

static bool vgic_on(void)
{
	return opt.vgic || opt.timer_late || opt.timer_early || opt.lpis;
}

#define LIST(op, n, ...)							\
	switch (n) {								\
	case 0: op(s3_4_c12_c12_0, ##__VA_ARGS__); break;			\
	case 1: op(s3_4_c12_c12_1, ##__VA_ARGS__); break;			\
	case 2: op(s3_4_c12_c12_2, ##__VA_ARGS__); break;			\
	case 3: op(s3_4_c12_c12_3, ##__VA_ARGS__); break;			\
	}

static u64 list_read(u32 n)
{
	u64 value = 0;

#define READ_LIST(reg) (value = sysreg_read(reg))
	LIST(READ_LIST, n)
	return value;
}

static void list_write(u32 n, u64 value)
{
	LIST(sysreg_write, n, value)
}

static u64 frame_of(u32 cpu)
{
	return REDIST_BASE + cpu * (u64)REDIST_SIZE;
}

/* The guest's driver switches all off that it does not have itself. */
static void enable_private(u32 cpu, u32 id)
{
	device_write(frame_of(cpu) + GICR_ISENABLER0, 2, BIT(id));
}

/* HCR_EL2.IMO: interrupts come here, and the guest's CPU interface is the virtual one. */
u64 vgic_hcr(void)
{
	return vgic_on() ? BIT(4) : 0;
}

void vgic_cpu_setup(void)
{
	if (!vgic_on())
		return;
	named_write(ICC_PMR, 0xff);
	named_write(ICC_CTLR, named_read(ICC_CTLR) | CTLR_EOIMODE);
	named_write(ICC_IGRPEN1, 1);
	named_write(ICH_HCR, ICH_EN);
}

static u64 list_of(u32 id)
{
	u64 lr = (id & ~SPURIOUS) | LR_PRIORITY | LR_GROUP1 | LR_PENDING;

	return id >= 16 && id < FIRST_LPI ? lr | LR_HW | LR_PHYSICAL(id) : lr;
}

enum put { PUT, BUSY, FULL };

/*
 * Of a number there can be one list register alone; one that is pending stands for both. An interrupt of the machine's
 * that waits for the end of an invented one is active until then, and the guest may have nothing else to wake it.
 */
static enum put list_put(u32 id)
{
	u64 empty = named_read(ICH_ELRSR);
	int free = -1;

	for (int n = 0; n < LISTS; n++) {
		u64 lr = list_read(n);

		if (empty & BIT(n)) {
			free = n;
		} else if (LR_ID(lr) == (id & ~SPURIOUS)) {
			if (lr & LR_PENDING && !((lr | list_of(id)) & LR_HW))
				return PUT;
			if (!(lr & LR_HW))
				list_write(n, lr | LR_EOI);
			return BUSY;
		}
	}
	if (free < 0)
		return FULL;
	list_write(free, list_of(id));
	return PUT;
}

/* A maintenance interrupt says that there is room, or that what was busy has ended. */
static void put_waiting(u32 cpu)
{
	struct cpu_interrupts *c = &of_cpu[cpu];
	bool full = false, busy = false;
	u32 left = 0;

	for (u32 i = 0; i < c->nr; i++) {
		enum put put = list_put(c->waiting[i]);

		if (put != PUT)
			c->waiting[left++] = c->waiting[i];
		full |= put == FULL;
		busy |= put == BUSY;
	}
	c->nr = left;
	named_write(ICH_HCR, full ? ICH_EN | ICH_UIE : ICH_EN);
	if (full || busy)
		enable_private(cpu, MAINTENANCE);
}

static void give_guest(u32 cpu, u32 id)
{
	struct cpu_interrupts *c = &of_cpu[cpu];

	for (u32 i = 0; i < c->nr; i++)
		if (c->waiting[i] == id)
			return;
	if (c->nr < WAITING)
		c->waiting[c->nr++] = id;
	else
		did.dropped++;
}

/* Each number once. What a CPU has lost is given back on that CPU, which must come here for it. */
static void remember_lost(u32 cpu, u32 id)
{
	struct cpu_interrupts *c = &of_cpu[cpu];

	__atomic_fetch_add(&did.lost, 1, __ATOMIC_RELAXED);
	for (u32 i = 0; i < c->nr_lost; i++)
		if (c->lost[i] == id)
			return;
	if (c->nr_lost < LOST)
		c->lost[c->nr_lost++] = id;
}

static void give_back(u32 cpu)
{
	struct cpu_interrupts *c = &of_cpu[cpu];

	if (!__atomic_exchange_n(&c->give_back, false, __ATOMIC_ACQUIRE))
		return;
	for (u32 i = 0; i < c->nr_lost; i++)
		give_guest(cpu, c->lost[i] | SPURIOUS);
	__atomic_fetch_add(&did.given_back, c->nr_lost, __ATOMIC_RELAXED);
	c->nr_lost = 0;
}

/* DOORBELL_LOSE: each @each-th interrupt of a device does not reach the guest; 0: no more, and those that were lost come. */
void vgic_lose(u64 each)
{
	lose_each = each;
	if (each)
		return;
	for (u32 cpu = 0; cpu < nr_cpus; cpu++) {
		u64 affinity = cpu_blocks[cpu].vcpu.mpidr;

		__atomic_store_n(&of_cpu[cpu].give_back, true, __ATOMIC_RELEASE);
		enable_private(cpu, WAKE);
		named_write(ICC_SGI1R, (u64)WAKE << 24 | (affinity >> 8 & 0xff) << 16 | BIT(affinity & 15));
	}
}

/* A level that is not handled would be there again at once. */
static bool is_edge(u32 id)
{
	return id >= FIRST_LPI || device_read(GICD_BASE + GICD_ICFGR + id / 16 * 4, 2) & BIT(id % 16 * 2 + 1);
}

static bool is_lost(u32 id)
{
	static u64 nth;

	return lose_each && id >= FIRST_SPI && is_edge(id) && !(__atomic_add_fetch(&nth, 1, __ATOMIC_RELAXED) % lose_each);
}

/* The guest's timer stays active until the guest has it, so that it does not come again. */
static void delay_timer(u32 cpu)
{
	did.late++;
	sysreg_write(cnthp_cval_el2, sysreg_read(cntpct_el0) + opt.timer_late * sysreg_read(cntfrq_el0) / 1000000);
	sysreg_write(cnthp_ctl_el2, 1);
	enable_private(cpu, EL2_TIMER);
}

/* These are levels: what raises them goes first. */
static void end_maintenance(void)
{
	u64 ended = named_read(ICH_EISR);

	named_write(ICH_HCR, ICH_EN);
	for (u32 n = 0; n < LISTS; n++)
		if (ended & BIT(n))
			list_write(n, 0);
}

static void deactivate_it(u32 id)
{
	if (id < FIRST_LPI)
		named_write(ICC_DIR, id);
}

static void take_interrupt(u32 cpu, u32 id)
{
	named_write(ICC_EOIR1, id);
	if (id == GUESTS_TIMER && opt.timer_late)
		return delay_timer(cpu);
	if (id >= 16 && id != MAINTENANCE && id != EL2_TIMER && !is_lost(id))
		return give_guest(cpu, id);
	if (id == MAINTENANCE)
		end_maintenance();
	if (id == EL2_TIMER) {
		sysreg_write(cnthp_ctl_el2, 0);
		give_guest(cpu, GUESTS_TIMER);
	}
	/* What the guest does not deactivate itself */
	deactivate_it(id);
	if (id >= FIRST_SPI)
		remember_lost(cpu, id);
	else if (id < 16 && id != WAKE)
		give_guest(cpu, id);
}

static bool has_enabled(u32 cpu, u32 id)
{
	return device_read(frame_of(cpu) + GICR_ISENABLER0, 2) & BIT(id);
}

static bool has_lpis(u32 cpu)
{
	return device_read(frame_of(cpu) + GICR_CTLR, 2) & ENABLE_LPIS;
}

static void invent_some(u32 cpu)
{
	static u32 next;
	u32 nth = ++of_cpu[cpu].exits;

	if (opt.timer_early && !(nth % opt.timer_early) && has_enabled(cpu, GUESTS_TIMER)) {
		did.early++;
		give_guest(cpu, GUESTS_TIMER | SPURIOUS);
	}
	if (opt.lpis && !(nth % opt.lpis) && has_lpis(cpu)) {
		did.lpis++;
		give_guest(cpu, (FIRST_LPI + __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED) % LPIS) | SPURIOUS);
	}
}

/* After each exit */
void vgic_tick(const struct vcpu *vcpu)
{
	if (!vgic_on())
		return;
	give_back(vcpu->index);
	invent_some(vcpu->index);
	put_waiting(vcpu->index);
}

void irq_from_guest(struct vcpu *vcpu)
{
	for (u32 id; (id = named_read(ICC_IAR1)) < SPECIAL || id >= FIRST_LPI; )
		take_interrupt(vcpu->index, id);
	vgic_tick(vcpu);
	end_check_deadline();
}

/* With IMO what sends SGIs traps; where they go is the same. */
bool vgic_send(struct vcpu *vcpu, u32 rt)
{
	if (!vgic_on())
		return false;
	named_write(ICC_SGI1R, rt < 31 ? vcpu->x[rt] : 0);
	return true;
}

void vgic_report(struct json *j)
{
	if (!vgic_on())
		return;
	json_open(j, "interrupts", '{');
	json_number(j, "lost", did.lost);
	json_number(j, "given_back", did.given_back);
	json_number(j, "late", did.late);
	json_number(j, "early", did.early);
	json_number(j, "lpis", did.lpis);
	json_number(j, "dropped", did.dropped);
	json_close(j, '}');
}
