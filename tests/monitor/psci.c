// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host answers: PSCI 1.3 as KVM of 7.2 does (an RMM: 1.1), SMCCC, the vendor's UID and the host's own
 * FEATURES. Mainline leaves all of this to the host; Android answers PSCI at EL2 in the same words. CPUs are started
 * and stopped by QEMU's PSCI, which also resets them. All run under the lock.
 */
#include <string.h>
#include "calls.h"
#include "count.h"
#include "hostpages.h"
#include "lastwords.h"
#include "memory.h"
#include "options.h"

#define SUCCESS			0
#define NOT_SUPPORTED		(-1)
#define NOT_REQUIRED		(-2)

/* include/uapi/linux/psci.h */
#define INVALID_PARAMETERS	(-2)
#define DENIED			(-3)
#define ALREADY_ON		(-4)
#define INVALID_ADDRESS		(-9)
#define PSCI_1_1		0x10001
#define PSCI_1_3		0x10003
#define PSCI_VERSION		0x84000000
#define CPU_OFF			0x84000002
#define CPU_ON			0xc4000003
#define AFFINITY_INFO		0xc4000004
#define SYSTEM_OFF2		0xc4000015
#define AFFINITY_ON		0
#define AFFINITY_OFF		1
#define SMC64			0x40000000
#define HIBERNATE_OFF		1
#define MIGRATE_NOT_NEEDED	2

#define SMCCC_1_1		0x10001
#define SMCCC_1_2		0x10002
#define SMCCC_VERSION		0x80000000
#define PV_TIME_FEATURES	0xc5000020
#define TRNG_1_0		0x10000
#define TRNG_NUMBER		0x7261746e64756d62UL
#define WORKAROUND_1		0x80008000
#define WORKAROUND_2		0x80007fff
#define WORKAROUND_3		0x80003fff
#define HOST_FEATURES		0x3		/* FEATURES and PTP: an ordinary VM (Documentation/spec/pkvm.rst) */

#define MPIDR_AFFINITY		0xff00ffffffUL
#define CPU_OFF_TRIES		1000000

enum verdict host_smccc_version(struct vcpu *vcpu)
{
	return call_answer(vcpu, SMCCC_1_1, 0);
}

enum verdict realm_smccc_version(struct vcpu *vcpu)
{
	return call_answer(vcpu, SMCCC_1_2, 0);
}

/* No CPU of QEMU's speculates. */
enum verdict host_smccc_features(struct vcpu *vcpu)
{
	switch ((u32)vcpu->x[1]) {
	case PV_TIME_FEATURES:
		return call_answer(vcpu, pvtime_offered() ? SUCCESS : NOT_SUPPORTED, 0);
	case WORKAROUND_1:
	case WORKAROUND_2:
	case WORKAROUND_3:
		return call_answer(vcpu, NOT_REQUIRED, 0);
	case SMCCC_VERSION:
		return call_answer(vcpu, SUCCESS, 0);
	default:
		return call_answer(vcpu, NOT_SUPPORTED, 0);
	}
}

/* 28b46fb6-2ec5-11e9-a9ca-4b564d003a74 */
enum verdict host_uid(struct vcpu *vcpu)
{
	if (!opt.uid)
		return call_answer(vcpu, NOT_SUPPORTED, 0);
	return call_answer4(vcpu, 0xb66fb428, 0xe911c52e, 0x564bcaa9, 0x743a004d);
}

enum verdict host_features(struct vcpu *vcpu)
{
	return call_answer(vcpu, HOST_FEATURES, 0);
}

/* Option trng=: random numbers (DEN0098) that are always the same ones. In a realm they are the RMM's. */
enum verdict trng_version(struct vcpu *vcpu)
{
	return call_answer(vcpu, opt.trng ? TRNG_1_0 : NOT_SUPPORTED, 0);
}

enum verdict trng_rnd64(struct vcpu *vcpu)
{
	if (!opt.trng)
		return call_answer(vcpu, NOT_SUPPORTED, 0);
	return call_answer4(vcpu, SUCCESS, TRNG_NUMBER, TRNG_NUMBER, TRNG_NUMBER);
}

enum verdict psci_version(struct vcpu *vcpu)
{
	return call_answer(vcpu, is_realm() ? PSCI_1_1 : PSCI_1_3, 0);
}

enum verdict psci_features(struct vcpu *vcpu, bool exists)
{
	u32 fid = vcpu->x[1];
	bool is_psci = (fid & 0xbfffffe0) == 0x84000000;

	/* The kinds that there are, and not whether it is there. */
	if ((fid | SMC64) == SYSTEM_OFF2 && exists)
		return call_answer(vcpu, HIBERNATE_OFF, 0);
	return call_answer(vcpu, (is_psci || fid == SMCCC_VERSION) && exists ? SUCCESS : NOT_SUPPORTED, 0);
}

/*
 * Standby: a WFI, whatever state was asked for. The lock is not held while asleep. A realm's host enters it again when
 * it likes: the first one and then every second one return at once.
 */
enum verdict psci_cpu_suspend(struct vcpu *vcpu)
{
	static u64 times;

	if (is_realm() && !(times++ % 2))
		return call_answer(vcpu, SUCCESS, 0);
	unlock();
	asm volatile("dsb sy\n\twfi" : : : "memory");
	pvtime_slept(vcpu);
	lock();
	return call_answer(vcpu, SUCCESS, 0);
}

enum verdict psci_cpu_off(struct vcpu *vcpu)
{
	if (is_realm() && rmm->keeps_last_life) {
		call_answer(vcpu, SUCCESS, 0);
		life_ends(vcpu);
	}
	vcpu->on = false;
	unlock();
	psci_smc(CPU_OFF, 0, 0, 0);
	lock();
	return call_answer(vcpu, DENIED, 0);
}

/* A CPU that is on its way out needs a moment until QEMU has it off. */
static s64 start_cpu(struct vcpu *target)
{
	s64 result = ALREADY_ON;

	for (int i = 0; i < CPU_OFF_TRIES && result == ALREADY_ON; i++)
		result = psci_smc(CPU_ON, target->mpidr, secondary_start, (u64)target);
	return result;
}

/* Option cpu_on=: the host says no, that it is on already, or makes the caller wait for so many milliseconds. */
static s64 host_completes(struct vcpu *target)
{
	u64 start, ticks;

	if (!opt.cpu_on)
		return SUCCESS;
	if (!strcmp(opt.cpu_on, "denied"))
		return DENIED;
	if (!strcmp(opt.cpu_on, "already"))
		return ALREADY_ON;
	target->on = true;
	unlock();
	ticks = to_number(opt.cpu_on) * sysreg_read(cntfrq_el0) / 1000;
	for (start = sysreg_read(cntpct_el0); sysreg_read(cntpct_el0) - start < ticks; )
		asm volatile("yield");
	lock();
	return SUCCESS;
}

/* A realm starts anywhere in its half, and its RMM looks at that first (Documentation/spec/rsi.rst). */
static bool may_start_at(u64 entry)
{
	return is_realm() ? entry < realm_half() : span_has(&ram, entry);
}

/* An RMM's numbers are consecutive, and TF-RMM's has 4 bits of affinity 0, all of 1 to 3, and no other bit. */
static struct vcpu *find_vcpu(u64 mpidr)
{
	u64 index = (mpidr & 15) | (mpidr >> 4 & 0xffff0) | (mpidr >> 12 & 0xff00000);

	if (!is_realm() || !rmm->masks_mpidr)
		return vcpu_by_mpidr(mpidr & MPIDR_AFFINITY);
	return index < nr_cpus ? &cpu_blocks[index].vcpu : NULL;
}

enum verdict psci_cpu_on(struct vcpu *vcpu)
{
	struct vcpu *target = find_vcpu(vcpu->x[1]);
	s64 host;

	if (is_realm() && !may_start_at(vcpu->x[2]))
		return call_answer(vcpu, INVALID_ADDRESS, 0);
	if (!target)
		return call_answer(vcpu, INVALID_PARAMETERS, 0);
	if (target->on)
		return call_answer(vcpu, ALREADY_ON, 0);
	if (!may_start_at(vcpu->x[2]))
		return call_answer(vcpu, INVALID_ADDRESS, 0);
	host = host_completes(target);
	if (host)
		return call_answer(vcpu, host, 0);
	target->entry = vcpu->x[2];
	target->context = vcpu->x[3];
	target->on = true;
	return call_answer(vcpu, start_cpu(target), 0);
}

/* QEMU knows when a CPU is really off, and names states as PSCI does. To an RMM a CPU is on or off. */
enum verdict psci_affinity_info(struct vcpu *vcpu)
{
	struct vcpu *target = find_vcpu(vcpu->x[1]);

	if (!target || vcpu->x[2])
		return call_answer(vcpu, INVALID_PARAMETERS, 0);
	if (is_realm())
		return call_answer(vcpu, target->on ? AFFINITY_ON : AFFINITY_OFF, 0);
	return call_answer(vcpu, psci_smc(AFFINITY_INFO, target->mpidr, 0, 0), 0);
}

enum verdict psci_migrate_info(struct vcpu *vcpu)
{
	return call_answer(vcpu, MIGRATE_NOT_NEEDED, 0);
}

/* Android's EL2 passes no more than the number on. */
enum verdict psci_system_off(struct vcpu *vcpu)
{
	if (opt.personality != ANDROID)
		last_words(vcpu->x[4], vcpu->x + 5, 13);
	end_run("off");
}

/* Hibernation, whose image is the guest's business: the machine is off. 0 means that, too. */
enum verdict psci_system_off2(struct vcpu *vcpu)
{
	if (vcpu->x[1] > HIBERNATE_OFF || vcpu->x[2])
		return call_answer(vcpu, INVALID_PARAMETERS, 0);
	end_run("off");
}

enum verdict psci_system_reset(struct vcpu *vcpu)
{
	(void)vcpu;
	end_run("reset");
}
