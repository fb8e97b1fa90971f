// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steal time in a protected VM (Arm DEN0057A).
 *
 * The kernel's own code requests steal time and accounts for it. This file checks the
 * address, which must not be the VM's own memory, and limits the counter to the time
 * that has passed. The structures of several CPUs share a page.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/arm-smccc.h>
#include <linux/err.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/sched/clock.h>
#include <linux/spinlock.h>

#include <asm/pguest.h>
#include <asm/pvclock-abi.h>

/*
 * The host updates the counter when the CPU runs again, and other CPUs may have read it
 * in between. So an increase may exceed the time since the last read by up to this.
 */
#define LATE_MAX	NSEC_PER_SEC

struct steal {
	raw_spinlock_t lock;	/* the scheduler also reads it on other CPUs */
	struct pguest_steal believed;
	phys_addr_t phys;	/* of the structure; 0 if there is none */
};

static DEFINE_PER_CPU(struct steal, steal) = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(steal.lock),
};

/**
 * pguest_believe_steal() - add the possible part of an increase of steal time
 * @s: steal time of the CPU, zeroed at first
 * @host: value of the host, in nanoseconds
 * @now: time of this CPU, in nanoseconds
 *
 * Context: Any, serialised for each CPU's structure.
 * Return: false if the value of the host is not possible.
 */
bool pguest_believe_steal(struct pguest_steal *s, u64 host, u64 now)
{
	u64 possible, stolen = 0;
	bool sane = true;

	if (s->begun) {
		possible = s->late + (now > s->time ? now - s->time : 0);
		sane = host >= s->host && host - s->host <= possible;
		if (host > s->host)
			stolen = min(host - s->host, possible);
		s->late = min(possible - stolen, (u64)LATE_MAX);
	} else {
		s->late = LATE_MAX;
	}
	s->total += stolen;
	s->begun = true;
	s->host = host;
	s->time = now;
	return sane;
}

/* Behind pguest_steal_clock(). */
u64 __pguest_steal_clock(int cpu, u64 host)
{
	struct steal *s = per_cpu_ptr(&steal, cpu);
	unsigned long flags;
	bool sane;
	u64 total;

	raw_spin_lock_irqsave(&s->lock, flags);
	sane = pguest_believe_steal(&s->believed, host, sched_clock());
	total = s->believed.total;
	raw_spin_unlock_irqrestore(&s->lock, flags);

	if (unlikely(!sane))
		printk_deferred_once(KERN_WARNING "pguest: steal time of CPU%d makes no sense; what can be is counted\n",
				     cpu);
	return total;
}

/* The request makes the host initialise the structure, now that the page is shared. */
static int ask_again(phys_addr_t phys)
{
	struct arm_smccc_res res;

	arm_smccc_1_1_invoke(ARM_SMCCC_HV_PV_TIME_ST, &res);
	return res.a0 == phys ? 0 : -EPROTO;
}

static void begin_again(struct steal *s)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&s->lock, flags);
	s->believed.begun = false;
	raw_spin_unlock_irqrestore(&s->lock, flags);
}

/**
 * __pguest_map_steal() - share and map this CPU's structure
 * @phys: its address, as the host gives it; any value
 *
 * Context: Process, on the CPU that it is for.
 * Return: the structure, to be given to pguest_unmap_host_page(); NULL if it cannot be
 *	   used, which has been logged.
 */
void *__pguest_map_steal(phys_addr_t phys)
{
	struct pvclock_vcpu_stolen_time *st;
	struct steal *s = this_cpu_ptr(&steal);
	int err = -EINVAL;

	/* The ABI has one error, but hypervisors return other negative values as well. */
	if ((s64)phys < 0 || !IS_ALIGNED(phys, 64)) {
		pr_err_once("no steal time at %pa: no structure can be there\n", &phys);
		return NULL;
	}
	st = pguest_map_host_page(phys, sizeof(*st), PGUEST_STEAL);
	if (IS_ERR(st))
		return NULL;

	err = ask_again(phys);
	if (!err && (READ_ONCE(st->revision) || READ_ONCE(st->attributes)))
		err = -ENXIO;
	if (err) {
		pr_err_once("no steal time at %pa: %d\n", &phys, err);
		pguest_unmap_host_page(st);
		return NULL;
	}
	begin_again(s);
	s->phys = phys;
	return st;
}

/**
 * pguest_steal_again() - ask for this CPU's structure in another VM
 *
 * The counter of a new VM begins anew. Other CPUs ask when they come online.
 *
 * Context: One CPU online, with interrupts off, after the page has been shared again.
 */
void pguest_steal_again(void)
{
	struct steal *s = this_cpu_ptr(&steal);

	if (!s->phys)
		return;
	if (ask_again(s->phys))
		pr_err("no steal time at %pa any more\n", &s->phys);
	begin_again(s);
}
