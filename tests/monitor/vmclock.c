// SPDX-License-Identifier: GPL-2.0-only
/*
 * The clock page and the generation ID's (Documentation/spec/pkvm.rst): what is on them, when it changes, and what
 * options want to be wrong with it. The time is that of the machine's host, told once: both count the same seconds
 * from there on, but with QEMU's -icount.
 */
#include <string.h>
#include "device.h"
#include "doorbell.h"
#include "hostpages.h"
#include "memory.h"
#include "options.h"
#include "tree.h"

#define MAGIC			0x4b4c4356
#define CLOCK_REG		0x1000		/* of the device tree, and of the page itself */
#define TRUNCATED_REG		32
#define VMGENID_REG		0x1000
#define SYNCHRONIZED		2
#define FLAG_PERIOD_MAX		BIT(4)
#define FLAG_TIME_EST		BIT(5)
#define FLAG_TIME_MAX		BIT(6)
#define FLAG_MONOTONIC		BIT(7)
#define FLAG_GENERATION		BIT(8)

#define SECOND			1000000000UL
#define RATE_ERROR		20000		/* one part in so many: 50 ppm */
#define BACK_SECONDS		5
#define BACK_EVERY		10		/* of a second */
#define STORM_EVERY		1000

#define GICD_ISPENDR		0x08000200
#define SPI_FIRST		32

struct vmclock {
	u32 magic, size;
	u16 version;
	u8 counter_id, time_type;
	u32 seq;
	u64 disruption, flags;
	u8 pad[2], status, smearing;
	u16 tai_offset;
	u8 leap, shift;
	u64 counter, period, period_est_error, period_max_error;
	u64 sec, frac, time_est_error, time_max_error;
	u64 generation;
};

_Static_assert(sizeof(struct vmclock) == 112, "vmclock");
_Static_assert(offsetof(struct vmclock, counter) == 40, "vmclock");

static struct vmclock clock;		/* as it would be without a lie */
static bool lying, stuck;
static u64 last_tick, interrupts;

/* 2^(64 + shift) / @hz, for the greatest shift that leaves 64 bits */
static void set_period(u64 hz)
{
	u64 rest = 1, period = 0;
	u32 bits = 0;

	for (; !(period & BIT(63)); bits++) {
		rest <<= 1;
		period <<= 1;
		if (rest >= hz) {
			rest -= hz;
			period |= 1;
		}
	}
	clock.period = period;
	clock.shift = bits - 64;
}

static void tell_lies(struct vmclock *c)
{
	if (opt.clock_magic.told)
		c->magic = opt.clock_magic.value;
	if (opt.clock_version.told)
		c->version = opt.clock_version.value;
	if (opt.clock_size.told)
		c->size = opt.clock_size.value;
	if (opt.clock_shift.told)
		c->shift = opt.clock_shift.value;
	if (opt.clock_counter_id.told)
		c->counter_id = opt.clock_counter_id.value;
	if (opt.clock_time_type.told)
		c->time_type = opt.clock_time_type.value;
	if (opt.clock_status.told)
		c->status = opt.clock_status.value;
	c->counter += opt.clock_ahead * sysreg_read(cntfrq_el0);
}

/* An update as the protocol has it: the count is odd meanwhile, and for ever if that is the lie. */
static void vmclock_publish(void)
{
	volatile struct vmclock *page = host_reach(CLOCK_IPA, sizeof(*page));
	struct vmclock told = clock;

	clock.seq += 2;
	if (!page)
		return;
	if (lying)
		tell_lies(&told);
	page->seq = told.seq | 1;
	barrier_all();
	told.seq |= 1;
	memcpy((void *)page, &told, sizeof(told));
	barrier_all();
	if (!stuck && !(lying && opt.clock_seq))
		page->seq = clock.seq;
}

/* Random bits in the shape of a version 4 UUID. */
static void new_generation(void)
{
	u64 *id = host_reach(VMGENID_IPA, 16);

	if (!id)
		return;
	id[0] = (random_next() & ~(0xf0UL << 56)) | 0x40UL << 56;
	id[1] = (random_next() & ~0xc0UL) | 0x80;
}

static void vmclock_interrupt(void)
{
	u32 id = SPI_FIRST + VMGENID_SPI;

	device_write(GICD_ISPENDR + id / 32 * 4, 2, BIT(id % 32));
	interrupts++;
}

/* Doorbell: as after a migration, and with it what option clock_when= has kept back. */
u64 vmclock_disrupt(u64 how)
{
	lying = true;
	stuck = how == DOORBELL_CLOCK_STUCK;
	clock.disruption++;
	clock.generation += opt.vmgenid && !stuck;
	if (opt.vmclock)
		vmclock_publish();
	if (opt.vmgenid && !stuck) {
		new_generation();
		vmclock_interrupt();
	}
	return clock.disruption;
}

static void vmclock_describe(void)
{
	u64 clock_at = opt.clock_ipa.told ? opt.clock_ipa.value : CLOCK_IPA;
	u64 id_at = opt.vmgenid_ipa.told ? opt.vmgenid_ipa.value : VMGENID_IPA;
	u64 size = opt.clock_truncated ? TRUNCATED_REG : CLOCK_REG;

	if (opt.vmclock) {
		fdt_add_device("vmclock", "amazon,vmclock", clock_at, size, 0);
		host_names(clock_at, size);
	}
	if (opt.vmgenid) {
		fdt_add_device("vmgenid", "microsoft,vmgenid", id_at, VMGENID_REG, VMGENID_SPI);
		host_names(id_at, VMGENID_REG);
	}
}

/* The host's clock shows whole seconds: half of one is added, and all of one may be wrong. */
void vmclock_init(void)
{
	u64 hz = sysreg_read(cntfrq_el0);

	set_period(hz);
	clock = (struct vmclock){
		.magic = MAGIC,
		.size = CLOCK_REG,
		.version = 1,
		.seq = 2,
		.disruption = 1,
		.flags = FLAG_PERIOD_MAX | FLAG_TIME_EST | FLAG_TIME_MAX | FLAG_MONOTONIC |
			 (opt.vmgenid ? FLAG_GENERATION : 0),
		.status = SYNCHRONIZED,
		.shift = clock.shift,
		.counter = sysreg_read(cntpct_el0),
		.period = clock.period,
		.period_max_error = clock.period / RATE_ERROR,
		.sec = semihost_time(),
		.frac = BIT(63),
		.time_est_error = SECOND / 2,
		.time_max_error = SECOND,
		.generation = 1,
	};
	lying = !opt.clock_when;
	if (opt.vmclock)
		vmclock_publish();
	if (opt.vmgenid)
		new_generation();
	vmclock_describe();
}

static void vmclock_misbehave(void)
{
	if (opt.clock_back && lying) {
		clock.sec -= BACK_SECONDS;
		vmclock_publish();
	}
	if (opt.vmgenid_storm) {
		new_generation();
		vmclock_interrupt();
	}
}

void vmclock_tick(void)
{
	u64 now, every = opt.vmgenid_storm ? STORM_EVERY : BACK_EVERY;

	if (!opt.clock_back && !opt.vmgenid_storm)
		return;
	lock();
	now = sysreg_read(cntpct_el0);
	if (now - last_tick > sysreg_read(cntfrq_el0) / every) {
		last_tick = now;
		vmclock_misbehave();
	}
	unlock();
}

void vmclock_report(struct json *j)
{
	json_open(j, "clock", '{');
	json_number(j, "disruption", clock.disruption);
	json_number(j, "generation", clock.generation);
	json_number(j, "interrupts", interrupts);
	json_close(j, '}');
}
