// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every call that has a name: who answers it, how often it came. The row is also the counter and the
 * name in the report. A personality is the set of rows whose EL2 column it uses. A realm has no other
 * rows: it never calls the host, and all that it may call is at the RMM, by SMC.
 *
 * Function numbers: include/linux/arm-smccc.h, include/uapi/linux/psci.h; DEN0137 for RSI.
 */
#include <string.h>
#include "alter.h"
#include "calls.h"
#include "count.h"
#include "kernels.h"
#include "options.h"

#define NOT_SUPPORTED	(-1)
#define ANY_PKVM	(PKVM | ANDROID)
#define SVE_HINT	BIT(16)		/* of the function number */
#define RSI_FIRST	0xc4000190
#define RSI_LAST	0xc40001af
#define RSI_VERSION	0xc4000190
#define SMCCC_VERSION	0x80000000
#define RSI_INCOMPLETE	3
#define PSCI_VERSION	0x84000000

static enum verdict host_psci_features(struct vcpu *vcpu);
static enum verdict realm_psci_features(struct vcpu *vcpu);

typedef enum verdict (*call_fn)(struct vcpu *vcpu);

static const struct call {
	u32 fid;
	const char *name;
	call_fn host;		/* the untrusted host's answer; none: NOT_SUPPORTED */
	call_fn el2;		/* the hypervisor's own, */
	u32 by;			/* in these personalities */
} calls[] = {
	{ 0x80000000, "SMCCC_VERSION",		host_smccc_version, realm_smccc_version, REALM },
	{ 0x80000001, "SMCCC_ARCH_FEATURES",	host_smccc_features },
	{ PSCI_VERSION, "PSCI_VERSION",		psci_version,	psci_version,		REALM },
	{ 0x84000001, "PSCI_CPU_SUSPEND32",	psci_cpu_suspend, psci_cpu_suspend,	REALM },
	{ 0xc4000001, "PSCI_CPU_SUSPEND",	psci_cpu_suspend, psci_cpu_suspend,	REALM },
	{ 0x84000002, "PSCI_CPU_OFF",		psci_cpu_off,	psci_cpu_off,		REALM },
	{ 0x84000003, "PSCI_CPU_ON32",		psci_cpu_on,	psci_cpu_on,		REALM },
	{ 0xc4000003, "PSCI_CPU_ON",		psci_cpu_on,	psci_cpu_on,		REALM },
	{ 0x84000004, "PSCI_AFFINITY_INFO32",	psci_affinity_info, psci_affinity_info,	REALM },
	{ 0xc4000004, "PSCI_AFFINITY_INFO",	psci_affinity_info, psci_affinity_info,	REALM },
	{ 0x84000006, "PSCI_MIGRATE_INFO_TYPE",	psci_migrate_info },
	{ 0x84000008, "PSCI_SYSTEM_OFF",	psci_system_off, psci_system_off,	REALM },
	{ 0x84000009, "PSCI_SYSTEM_RESET",	psci_system_reset, psci_system_reset,	REALM },
	{ 0x8400000a, "PSCI_FEATURES",		host_psci_features, realm_psci_features,	REALM },
	{ 0xc4000012, "PSCI_SYSTEM_RESET2",	psci_system_reset },
	{ 0x84000015, "PSCI_SYSTEM_OFF2_32",	psci_system_off2 },
	{ 0xc4000015, "PSCI_SYSTEM_OFF2",	psci_system_off2 },
	{ 0x84000050, "TRNG_VERSION",		trng_version,	trng_version,		REALM },
	{ 0xc4000053, "TRNG_RND64",		trng_rnd64,	trng_rnd64,		REALM },
	{ 0xc5000020, "PV_TIME_FEATURES",	pv_time_features },
	{ 0xc5000021, "PV_TIME_ST",		pv_time_st },
	{ 0x8600ff01, "UID",			host_uid },
	{ 0x86000000, "FEATURES",		host_features,	pkvm_features,		ANY_PKVM },
	{ 0x86000001, "PTP" },
	{ 0xc6000002, "MEMINFO",		NULL,		pkvm_meminfo,		ANY_PKVM },
	{ 0xc6000003, "MEM_SHARE",		NULL,		pkvm_share,		ANY_PKVM },
	{ 0xc6000004, "MEM_UNSHARE",		NULL,		pkvm_unshare,		ANY_PKVM },
	{ 0xc6000005, "MMIO_GUARD_INFO",	NULL,		pkvm_meminfo,		ANDROID },
	{ 0xc6000006, "MMIO_GUARD_ENROLL",	NULL,		pkvm_guard_enroll,	ANDROID },
	{ 0xc6000007, "MMIO_GUARD_MAP",		NULL,		pkvm_guard_map,		ANDROID },
	{ 0xc6000008, "MMIO_GUARD_UNMAP",	NULL,		pkvm_guard_unmap,	ANDROID },
	{ 0xc6000009, "MEM_RELINQUISH",		NULL,		pkvm_relinquish,	ANDROID },
	{ 0xc600000a, "MMIO_RGUARD_MAP",	NULL,		pkvm_rguard_map,	ANDROID },
	{ 0xc600000b, "MMIO_RGUARD_UNMAP",	NULL,		pkvm_rguard_unmap,	ANDROID },
	{ RSI_VERSION, "RSI_VERSION",		NULL,		rsi_version,		REALM },
	{ 0xc4000191, "RSI_FEATURES",		NULL,		rsi_features,		REALM },
	{ 0xc4000192, "RSI_MEASUREMENT_READ",	NULL,		rsi_measurement_read,	REALM },
	{ 0xc4000193, "RSI_MEASUREMENT_EXTEND",	NULL,		rsi_measurement_extend,	REALM },
	{ 0xc4000194, "RSI_ATTEST_TOKEN_INIT",	NULL,		rsi_attest_init,	REALM },
	{ 0xc4000195, "RSI_ATTEST_TOKEN_CONTINUE", NULL,	rsi_attest_continue,	REALM },
	{ 0xc4000196, "RSI_REALM_CONFIG",	NULL,		rsi_realm_config,	REALM },
	{ 0xc4000197, "RSI_IPA_STATE_SET",	NULL,		rsi_ipa_state_set,	REALM },
	{ 0xc4000198, "RSI_IPA_STATE_GET",	NULL,		rsi_ipa_state_get,	REALM },
	{ 0xc4000199, "RSI_HOST_CALL",		NULL,		rsi_host_call,		REALM },
	{ 0, "HVC" },		/* of a realm, whatever the number */
	{ 0, "UNKNOWN" },	/* last: every other number */
};

#define UNKNOWN		(ARRAY_SIZE(calls) - 1)
#define HVC		(ARRAY_SIZE(calls) - 2)

static u64 called[ARRAY_SIZE(calls)], refused[ARRAY_SIZE(calls)], by_smc;

static u32 row_of(u32 fid)
{
	for (u32 i = 0; i < HVC; i++)
		if (calls[i].fid == fid)
			return i;
	return UNKNOWN;
}

static bool is_word(const char *word, const char *is)
{
	return word && !strcmp(word, is);
}

static bool call_exists(u32 fid)
{
	const struct call *c = &calls[row_of(fid)];

	if (fid == SMCCC_VERSION && (is_word(opt.hvc, "clobber") || is_word(opt.smc, "clobber")) && !is_realm())
		return false;
	return is_realm() ? c->by & REALM : (bool)c->host;
}

static enum verdict host_psci_features(struct vcpu *vcpu)
{
	return psci_features(vcpu, call_exists(vcpu->x[1]));
}

/* The RMM's list has no PSCI_VERSION (DEN0137, B5.3 PSCI_FEATURES). */
static enum verdict realm_psci_features(struct vcpu *vcpu)
{
	return psci_features(vcpu, (u32)vcpu->x[1] != PSCI_VERSION && call_exists(vcpu->x[1]));
}

/* Option delay=: a host that takes its time, in microseconds. */
static void take_time(void)
{
	u64 start = sysreg_read(cntpct_el0), ticks = opt.delay * sysreg_read(cntfrq_el0) / 1000000;

	while (sysreg_read(cntpct_el0) - start < ticks)
		asm volatile("yield");
}

static bool is_rsi(u32 fid)
{
	return fid >= RSI_FIRST && fid <= RSI_LAST;
}

/* An RSI status is an error when it is neither 0 nor INCOMPLETE; all others are when they are negative. */
static bool is_error(u32 fid, u64 r0)
{
	return is_rsi(fid) && is_realm() ? r0 && r0 != RSI_INCOMPLETE : (s64)r0 < 0;
}

/* Option error_junk=: nothing says what these are after an error, but for VERSION (Documentation/spec/rsi.rst). */
static void add_junk(struct vcpu *vcpu, u32 fid)
{
	if (!opt.error_junk || !is_rsi(fid) || fid == RSI_VERSION || !is_error(fid, vcpu->x[0]))
		return;
	for (int i = 1; i <= 3; i++)
		vcpu->x[i] = random_next() | 1;
}

/* Option refuse_call=: this call fails, from the Nth time on. */
static bool is_refused(u32 row)
{
	return opt.refuse_call && !strcmp(opt.refuse_call, calls[row].name) && called[row] >= opt.refuse_from;
}

static call_fn answer_of(const struct call *c, bool hvc)
{
	if (is_realm())
		return !hvc && (c->by & REALM) ? c->el2 : NULL;
	return hvc && (c->by & opt.personality) ? c->el2 : c->host;
}

/* Options hvc= and smc=: a conduit through which no call is answered. */
static enum verdict conduit_fails(struct vcpu *vcpu, const char *end)
{
	if (is_word(end, "undef"))
		return UNDEF;
	if (is_word(end, "undef-behind"))
		return UNDEF_BEHIND;
	if (is_word(end, "abort"))
		return ABORT_AT_CALL;
	if (is_word(end, "abort-behind"))
		return ABORT_BEHIND;
	return call_answer(vcpu, NOT_SUPPORTED, 0);
}

/* SMCCC 1.0 keeps X4 to X17 no more than X0 to X3. A probe without an answer has no result in X0 to X3 either. */
static void clobber_registers(struct vcpu *vcpu, u32 row, bool answered)
{
	bool is_probe = row == HVC || is_rsi(calls[row].fid);

	for (int i = answered ? 4 : !is_probe; i < 18; i++)
		vcpu->x[i] = random_next();
}

static enum verdict carry_out_call(struct vcpu *vcpu, bool hvc)
{
	u32 fid = is_realm() ? vcpu->x[0] & ~SVE_HINT : vcpu->x[0];
	u32 row = hvc && is_realm() ? HVC : row_of(fid);
	const char *end = hvc ? opt.hvc : opt.smc;
	call_fn fn = answer_of(&calls[row], hvc);
	enum verdict verdict;
	u64 x1;

	if (opt.delay)
		take_time();
	lock();
	called[row]++;
	x1 = vcpu->x[1];
	alter_before(vcpu, calls[row].name);
	by_smc += !hvc;
	if (fid == PSCI_VERSION)
		kernel_starts();
	count.odd_calls += fid == opt.psci_cpu_on && vcpu->x[1] < PAGE;
	if (is_refused(row))
		verdict = call_answer(vcpu, opt.refuse_with, 0);
	else if (end && !is_word(end, "clobber"))
		verdict = conduit_fails(vcpu, end);
	else if (alter_instead(vcpu))
		verdict = RESUME;
	else
		verdict = fn ? fn(vcpu) : call_answer(vcpu, NOT_SUPPORTED, 0);
	alter_answer(vcpu, calls[row].name, x1);
	if (verdict != RESUME || is_error(fid, vcpu->x[0]))
		refused[row]++;
	if (is_realm())
		add_junk(vcpu, fid);
	if (is_word(end, "clobber"))
		clobber_registers(vcpu, row, fn);
	unlock();
	return verdict;
}

/* The immediate is not looked at (Documentation/spec/pkvm.rst). */
enum verdict on_hvc(struct vcpu *vcpu)
{
	return carry_out_call(vcpu, true);
}

/* Trapped, and passed to the host whatever it is: EL2 answers HVC alone (Documentation/spec/pkvm.rst). */
enum verdict on_smc(struct vcpu *vcpu)
{
	enum verdict verdict = carry_out_call(vcpu, false);

	return verdict == RESUME ? NEXT : verdict;
}

u64 calls_total(void)
{
	u64 total = 0;

	for (u32 i = 0; i < ARRAY_SIZE(calls); i++)
		total += called[i];
	return total;
}

u64 calls_of(u32 fid)
{
	return called[row_of(fid)];
}

static void report_row(struct json *j, const char *title, const u64 *numbers)
{
	json_open(j, title, '{');
	for (u32 i = 0; i < ARRAY_SIZE(calls); i++)
		if (numbers[i])
			json_number(j, calls[i].name, numbers[i]);
	json_close(j, '}');
}

void calls_report(struct json *j)
{
	report_row(j, "hypercalls", called);
	report_row(j, "refused", refused);
	json_number(j, "smc", by_smc);
	json_number(j, "odd_calls", count.odd_calls);
	alter_report(j);
}
