/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls by HVC and SMC: calls.c finds the function, which answers in X0 to X3. */
#ifndef MONITOR_CALLS_H
#define MONITOR_CALLS_H

#include "cpu.h"

static inline enum verdict call_answer4(struct vcpu *vcpu, u64 r0, u64 r1, u64 r2, u64 r3)
{
	vcpu->x[0] = r0;
	vcpu->x[1] = r1;
	vcpu->x[2] = r2;
	vcpu->x[3] = r3;
	return RESUME;
}

static inline enum verdict call_answer(struct vcpu *vcpu, s64 r0, u64 r1)
{
	return call_answer4(vcpu, r0, r1, 0, 0);
}

/* calls.c */
enum verdict on_hvc(struct vcpu *vcpu);
enum verdict on_smc(struct vcpu *vcpu);
u64 calls_total(void);
u64 calls_of(u32 fid);
void calls_report(struct json *j);

/* pkvm.c */
enum verdict pkvm_features(struct vcpu *vcpu);
enum verdict pkvm_meminfo(struct vcpu *vcpu);
enum verdict pkvm_share(struct vcpu *vcpu);
enum verdict pkvm_unshare(struct vcpu *vcpu);
enum verdict pkvm_guard_enroll(struct vcpu *vcpu);
enum verdict pkvm_guard_map(struct vcpu *vcpu);
enum verdict pkvm_guard_unmap(struct vcpu *vcpu);
enum verdict pkvm_rguard_map(struct vcpu *vcpu);
enum verdict pkvm_rguard_unmap(struct vcpu *vcpu);
enum verdict pkvm_relinquish(struct vcpu *vcpu);
bool guard_enrolled(void);

/* psci.c */
enum verdict host_smccc_version(struct vcpu *vcpu);
enum verdict host_smccc_features(struct vcpu *vcpu);
enum verdict host_uid(struct vcpu *vcpu);
enum verdict host_features(struct vcpu *vcpu);
enum verdict realm_smccc_version(struct vcpu *vcpu);
enum verdict trng_version(struct vcpu *vcpu);
enum verdict trng_rnd64(struct vcpu *vcpu);
enum verdict psci_version(struct vcpu *vcpu);
enum verdict psci_features(struct vcpu *vcpu, bool exists);	/* the call in X1 */
enum verdict psci_cpu_suspend(struct vcpu *vcpu);
enum verdict psci_cpu_off(struct vcpu *vcpu);
enum verdict psci_cpu_on(struct vcpu *vcpu);
enum verdict psci_affinity_info(struct vcpu *vcpu);
enum verdict psci_migrate_info(struct vcpu *vcpu);
enum verdict psci_system_off(struct vcpu *vcpu);
enum verdict psci_system_off2(struct vcpu *vcpu);
enum verdict psci_system_reset(struct vcpu *vcpu);

/* rsi.c */
enum verdict rsi_version(struct vcpu *vcpu);
enum verdict rsi_features(struct vcpu *vcpu);
enum verdict rsi_realm_config(struct vcpu *vcpu);
enum verdict rsi_ipa_state_set(struct vcpu *vcpu);
enum verdict rsi_ipa_state_get(struct vcpu *vcpu);
enum verdict rsi_host_call(struct vcpu *vcpu);

/* attest.c: measurements and tokens */
void attest_boot(void);				/* the realm is loaded and has not run */
void attest_report(struct json *j);		/* keys of "realm" */
enum verdict rsi_measurement_read(struct vcpu *vcpu);
enum verdict rsi_measurement_extend(struct vcpu *vcpu);
enum verdict rsi_attest_init(struct vcpu *vcpu);
enum verdict rsi_attest_continue(struct vcpu *vcpu);

/* pvtime.c */
enum verdict pv_time_features(struct vcpu *vcpu);
enum verdict pv_time_st(struct vcpu *vcpu);

#endif
