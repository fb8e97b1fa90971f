// SPDX-License-Identifier: GPL-2.0-only
/*
 * PSCI calls of the guest's that the RMM hands on. It answers them itself, and shows the function and the target
 * alone; what is started stays known to the RMM too, which is why a vCPU that is asked for twice does no harm.
 */
#include <string.h>
#include "count.h"
#include "end.h"
#include "exits.h"
#include "gic.h"
#include "options.h"
#include "rmi.h"

#define CPU_SUSPEND32		0x84000001
#define CPU_SUSPEND		0xc4000001
#define CPU_OFF			0x84000002
#define CPU_ON32		0x84000003
#define CPU_ON			0xc4000003
#define AFFINITY_INFO32		0x84000004
#define AFFINITY_INFO		0xc4000004
#define SYSTEM_OFF		0x84000008
#define SYSTEM_RESET		0x84000009

#define SUCCESS			0
#define DENIED			(-3)

static void complete_call(struct vcpu *vcpu, struct vcpu *target, s64 status)
{
	rmi_must(rmi->psci_complete(vcpu->rec, target->rec, status), "PSCI_COMPLETE");
}

/* Option cpu_on=: the host says no, or makes the caller wait for so many milliseconds. */
static s64 host_says(void)
{
	u64 start = sysreg_read(cntpct_el0), ticks;

	if (!opt.cpu_on)
		return SUCCESS;
	if (!strcmp(opt.cpu_on, "denied"))
		return DENIED;
	ticks = to_number(opt.cpu_on) * sysreg_read(cntfrq_el0) / 1000;
	while (sysreg_read(cntpct_el0) - start < ticks)
		asm volatile("yield");
	return SUCCESS;
}

/* The RMM answers for a CPU that is on; a host that denies it gets an error from the RMM. */
static void cpu_on(struct vcpu *vcpu, struct vcpu *target)
{
	s64 status = target->on ? SUCCESS : host_says();

	count.psci_on++;
	count.psci_denied += status == DENIED;
	complete_call(vcpu, target, status);
	if (status)
		return;
	lock();
	target->asked_on = true;
	unlock();
	gic_kick(target);
}

static struct vcpu *target_of(struct vcpu *vcpu)
{
	struct vcpu *target = vcpu_by_mpidr(exit_field(vcpu, EXIT_GPRS + 8));

	if (!target)
		fail("CPU %u: PSCI of a CPU that there is not", vcpu->index);
	return target;
}

void psci_exit(struct vcpu *vcpu)
{
	u32 fid = exit_field(vcpu, EXIT_GPRS);

	switch (fid) {
	case CPU_ON:
	case CPU_ON32:
		cpu_on(vcpu, target_of(vcpu));
		break;
	case AFFINITY_INFO:
	case AFFINITY_INFO32:
		count.psci_affinity++;
		complete_call(vcpu, target_of(vcpu), SUCCESS);
		break;
	case CPU_OFF:
		count.psci_off++;
		lock();
		vcpu->on = false;
		unlock();
		break;
	case CPU_SUSPEND:
	case CPU_SUSPEND32:
		count.psci_suspend++;
		vcpu->idle = true;
		break;
	case SYSTEM_OFF:
		count.psci_system++;
		end_run("off");
	case SYSTEM_RESET:
		count.psci_system++;
		end_run("reset");
	default:
		fail("CPU %u: PSCI 0x%x", vcpu->index, fid);
	}
}
