// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steal time (Arm DEN0057A). The host answers, and lets the guest lose the CPU: after an exit it keeps a
 * vCPU for as long as makes up the share of option steal=. It writes as KVM does: nothing while the structure is
 * private, and what was missed is added when it can be.
 */
#include <string.h>
#include "calls.h"
#include "hostpages.h"
#include "memory.h"
#include "options.h"

#define SUCCESS		0
#define NOT_SUPPORTED	(-1)
#define FEATURES	0xc5000020
#define ST		0xc5000021

#define LONGEST		100		/* a 1/100 s in one go */
#define SHORTEST	10000		/* and not less than this part of a second */
#define LIE_AFTER	2		/* half a second after it was asked for */
#define LIE_EVERY	1000		/* and each millisecond from there on */

#define SECOND		1000000000UL
#define YEAR		(365 * 24 * 3600 * SECOND)

struct stolen_time {
	u32 revision, attributes;
	u64 stolen;
	u8 pad[48];
};

static struct pvtime {
	u64 seen;			/* time up to here is accounted for; ticks, as all the rest */
	s64 owed;			/* to option steal=; less than 0 after a spin that took too long */
	u64 stolen, total;
	u64 to_write;			/* of @stolen, nanoseconds */
	u64 ipa, asked_at, lied_at, calls;
	bool asked;
} pvtime[NR_CPUS];

static u64 calls;			/* of PV_TIME_ST, all CPUs' */

static u64 to_nanoseconds(u64 ticks)
{
	u64 hz = sysreg_read(cntfrq_el0);

	return ticks / hz * 1000000000 + ticks % hz * 1000000000 / hz;
}

bool pvtime_offered(void)
{
	return opt.pv_time && opt.personality & (PLAIN | PKVM);
}

enum verdict pv_time_features(struct vcpu *vcpu)
{
	bool known = (u32)vcpu->x[1] == FEATURES || (u32)vcpu->x[1] == ST;

	return call_answer(vcpu, pvtime_offered() && known ? SUCCESS : NOT_SUPPORTED, 0);
}

/* What is said to be the address, which may be anything. */
static u64 address_for(const struct vcpu *vcpu, const struct pvtime *p)
{
	if (opt.st_answer2.told && p->calls >= 2)
		return opt.st_answer2.value;
	if (opt.st_ipa.told && calls >= opt.st_after)
		return opt.st_ipa.value;
	return STEAL_IPA + vcpu->index * sizeof(struct stolen_time);
}

static struct stolen_time *pvtime_reach(const struct pvtime *p)
{
	return p->ipa & 7 ? NULL : host_reach(p->ipa, sizeof(struct stolen_time));
}

static void pvtime_begin(const struct pvtime *p)
{
	struct stolen_time *st = pvtime_reach(p);

	if (!st)
		return;
	memset(st, 0, sizeof(*st));
	st->revision = opt.st_revision;
	st->attributes = opt.st_attributes;
	if (opt.st_value && !strcmp(opt.st_value, "back"))
		st->stolen = 1000 * SECOND;
}

enum verdict pv_time_st(struct vcpu *vcpu)
{
	struct pvtime *p = &pvtime[vcpu->index];

	if (!pvtime_offered())
		return call_answer(vcpu, NOT_SUPPORTED, 0);
	calls++;
	p->calls++;
	p->ipa = address_for(vcpu, p);
	p->asked = true;
	p->asked_at = sysreg_read(cntpct_el0);
	p->lied_at = 0;
	p->stolen = 0;
	p->to_write = 0;
	host_names(p->ipa, sizeof(struct stolen_time));
	pvtime_begin(p);
	return call_answer(vcpu, p->ipa, 0);
}

/* The CPU was not in use up to now: it sleeps, or starts. */
void pvtime_slept(struct vcpu *vcpu)
{
	pvtime[vcpu->index].seen = sysreg_read(cntpct_el0);
}

static void pvtime_spin(u64 ticks)
{
	u64 start = sysreg_read(cntpct_el0);

	while (sysreg_read(cntpct_el0) - start < ticks)
		asm volatile("yield");
}

/* Ticks that the guest has lost */
static u64 pvtime_take(struct pvtime *p)
{
	s64 hz = sysreg_read(cntfrq_el0);
	u64 start = sysreg_read(cntpct_el0), lost;

	p->owed += (start - p->seen) * opt.steal / (100 - opt.steal);
	p->seen = start;
	if (p->owed < hz / SHORTEST)
		return 0;
	if (p->owed > hz)
		p->owed = hz;
	pvtime_spin(p->owed < hz / LONGEST ? p->owed : hz / LONGEST);
	p->seen = sysreg_read(cntpct_el0);
	lost = p->seen - start;
	p->owed -= lost;
	return lost;
}

static void pvtime_lie(struct stolen_time *st)
{
	if (opt.st_revision_later) {
		st->revision = 1;
		st->attributes = 1;
	}
	if (!opt.st_value)
		return;
	if (!strcmp(opt.st_value, "back"))
		st->stolen -= SECOND / 1000;
	else if (!strcmp(opt.st_value, "jump"))
		st->stolen += YEAR;
	else
		st->stolen = strcmp(opt.st_value, "huge") ? ~0UL : BIT(63);
}

static bool may_lie(void)
{
	return opt.st_value || opt.st_revision_later;
}

static bool lie_is_due(const struct pvtime *p)
{
	u64 hz = sysreg_read(cntfrq_el0), now = sysreg_read(cntpct_el0);

	return may_lie() && now - p->asked_at > hz / LIE_AFTER && now - p->lied_at > hz / LIE_EVERY;
}

static void pvtime_write(struct pvtime *p, bool lies)
{
	struct stolen_time *st = pvtime_reach(p);
	bool truth = !opt.st_value || !p->lied_at;

	if (!st)
		return;
	if (truth)
		__atomic_store_n(&st->stolen, st->stolen + p->to_write, __ATOMIC_RELEASE);
	p->to_write = 0;
	if (lies) {
		pvtime_lie(st);
		p->lied_at = sysreg_read(cntpct_el0);
	}
}

void pvtime_tick(struct vcpu *vcpu)
{
	struct pvtime *p = &pvtime[vcpu->index];
	u64 lost;
	bool lies;

	if (!opt.steal && !may_lie())
		return;
	lost = opt.steal ? pvtime_take(p) : 0;
	p->stolen += lost;
	p->total += lost;
	if (!p->asked)
		return;
	p->to_write += to_nanoseconds(lost);
	lies = lie_is_due(p);
	if (!p->to_write && !lies)
		return;
	lock();
	pvtime_write(p, lies);
	unlock();
}

u64 pvtime_stolen(u32 cpu)
{
	return cpu < nr_cpus ? to_nanoseconds(pvtime[cpu].stolen) : 0;
}

void pvtime_report(struct json *j)
{
	json_open(j, "stolen_ns", '[');
	for (u32 i = 0; i < nr_cpus; i++)
		json_number(j, NULL, pvtime_stolen(i));
	json_close(j, ']');
	json_open(j, "stolen_total_ns", '[');
	for (u32 i = 0; i < nr_cpus; i++)
		json_number(j, NULL, to_nanoseconds(pvtime[i].total));
	json_close(j, ']');
}
