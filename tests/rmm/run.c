// SPDX-License-Identifier: GPL-2.0-only
/* The run loop of a CPU: wait until its vCPU is on and has something to do, enter, see why it came back. */
#include "count.h"
#include "end.h"
#include "exits.h"
#include "gic.h"
#include "report.h"
#include "rmi.h"

#define EC(esr)			((esr) >> 26 & 0x3f)
#define EC_WFX			0x01
#define EC_SYSREG		0x18
#define EC_FETCH_ABORT		0x20
#define EC_DATA_ABORT		0x24

/* ISS of a trapped ICC_SGI1R_EL1 write: Op0 3, Op1 0, CRn 12, CRm 11, Op2 5; Rt and the direction are left out */
#define SYSREG_NAME(esr)	((esr) & 0x3ffc1e)
#define ICC_SGI1R		(3UL << 20 | 5UL << 17 | 0UL << 14 | 12UL << 10 | 11UL << 1)

/* RmiRecExitReason */
enum { REASON_SYNC, REASON_IRQ, REASON_FIQ, REASON_PSCI, REASON_RIPAS, REASON_HOST_CALL, REASON_SERROR };

static void count_exit(enum exit_kind kind)
{
	__atomic_fetch_add(&count.exits[kind], 1, __ATOMIC_RELAXED);
}

/* The guest's interrupts between its CPUs: a register that traps and is the host's to carry out. */
static void on_sysreg(struct vcpu *vcpu, u64 esr)
{
	if (SYSREG_NAME(esr) == ICC_SGI1R)
		vgic_sgi(vcpu, exit_field(vcpu, EXIT_GPRS));
	else
		enter_gpr(vcpu, 0, 0);
}

static void on_sync(struct vcpu *vcpu)
{
	u64 esr = exit_field(vcpu, EXIT_ESR);

	switch (EC(esr)) {
	case EC_WFX:
		count_exit(EXIT_WFX);
		vcpu->idle = true;
		break;
	case EC_SYSREG:
		count_exit(EXIT_SYSREG);
		on_sysreg(vcpu, esr);
		break;
	case EC_FETCH_ABORT:
	case EC_DATA_ABORT:
		count_exit(EXIT_ABORT);
		on_abort(vcpu, esr);
		break;
	default:
		fail("CPU %u: exit with ESR 0x%lx HPFAR 0x%lx", vcpu->index, esr, exit_field(vcpu, EXIT_HPFAR));
	}
}

static void on_exit(struct vcpu *vcpu)
{
	u64 reason = exit_field(vcpu, EXIT_REASON) & 0xff;

	switch (reason) {
	case REASON_SYNC:
		on_sync(vcpu);
		break;
	case REASON_IRQ:
		count_exit(EXIT_IRQ);
		break;
	case REASON_FIQ:
		count_exit(EXIT_FIQ);
		break;
	case REASON_PSCI:
		count_exit(EXIT_PSCI);
		psci_exit(vcpu);
		break;
	case REASON_RIPAS:
		count_exit(EXIT_RIPAS);
		ripas_request(vcpu);
		break;
	case REASON_HOST_CALL:
		count_exit(EXIT_HOST_CALL);
		host_call(vcpu);
		break;
	default:
		count_exit(reason == REASON_SERROR ? EXIT_SERROR : EXIT_OTHER);
		fail("CPU %u: exit for reason %lu, ESR 0x%lx", vcpu->index, reason, exit_field(vcpu, EXIT_ESR));
	}
}

static bool may_run(struct vcpu *vcpu)
{
	bool may;

	lock();
	if (vcpu->asked_on) {
		vcpu->asked_on = false;
		vcpu->idle = false;
		vcpu->on = true;
	}
	if (vcpu->idle && vgic_pending(vcpu))
		vcpu->idle = false;
	may = vcpu->on && !vcpu->idle;
	unlock();
	return may;
}

static void vcpu_enter(struct vcpu *vcpu)
{
	*(volatile u64 *)(vcpu->run + ENTER_FLAGS) = vcpu->enter_flags | ENTER_TRAP_WFI;
	vcpu->enter_flags = 0;
	vcpu->entries++;
}

static void take_timers(struct vcpu *vcpu)
{
	vcpu->cntv_ctl = exit_field(vcpu, EXIT_CNTV_CTL);
	vcpu->cntv_cval = exit_field(vcpu, EXIT_CNTV_CVAL);
	vcpu->cntp_ctl = exit_field(vcpu, EXIT_CNTP_CTL);
	vcpu->cntp_cval = exit_field(vcpu, EXIT_CNTP_CVAL);
}

/*
 * A REC that cannot be entered was asked to be on before it was off, or when it was on already: it waits again.
 * A realm that cannot is being switched off by another CPU of it.
 */
static bool vcpu_waits(u64 status)
{
	return RMI_STATUS(status) == RMI_ERROR_REC || RMI_STATUS(status) == RMI_ERROR_REALM;
}

static void run_once(struct vcpu *vcpu)
{
	u64 status;

	vcpu_enter(vcpu);
	vgic_enter(vcpu);
	gic_limit_run();
	status = rmi_enter(vcpu);
	vgic_leave(vcpu, !status);
	if (vcpu_waits(status)) {
		vcpu->on = false;
		return;
	}
	rmi_must(status, "REC_ENTER");
	take_timers(vcpu);
	gic_take(vcpu);
	on_exit(vcpu);
}

void vcpu_run(struct vcpu *vcpu)
{
	for (;;) {
		if (may_run(vcpu))
			run_once(vcpu);
		else
			gic_wait(vcpu);
		report_poll();
		end_check_deadline();
	}
}
