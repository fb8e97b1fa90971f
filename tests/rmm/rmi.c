// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Realm Management Interface: calls that are the same in each version that is known here. What is not the same
 * is in rmi1.c and rmi2.c. Numbers and layouts: DEN0137, "Realm Management Interface", and for 2.0, which is a
 * draft, the headers of the RMM that has it (TF-RMM, lib/smc/include/smc-rmi.h).
 */
#include "count.h"
#include "rmi.h"

#define RMI_REALM_ACTIVATE	0xc4000157
#define RMI_REALM_CREATE	0xc4000158
#define RMI_REC_ENTER		0xc400015c
#define RMI_RTT_CREATE		0xc400015d
#define RMI_RTT_READ_ENTRY	0xc4000161
#define RMI_RTT_INIT_RIPAS	0xc4000168
#define RMI_RTT_SET_RIPAS	0xc4000169

#define PAGE_LEVEL		3

struct realm realm;
const struct rmi_version *rmi;

u64 rmi_call(struct smc *s)
{
	smc_call(s);
	__atomic_fetch_add(&count.rmi_calls, 1, __ATOMIC_RELAXED);
	return s->x[0];
}

void rmi_must(u64 status, const char *what)
{
	if (status)
		fail("RMI: %s: status %lu, index %lu", what, RMI_STATUS(status), RMI_INDEX(status));
}

u64 rmi_realm_create(u64 parameters)
{
	struct smc s = { { RMI_REALM_CREATE, realm.rd, parameters } };

	return rmi_call(&s);
}

u64 rmi_realm_activate(void)
{
	struct smc s = { { RMI_REALM_ACTIVATE, realm.rd } };

	return rmi_call(&s);
}

u64 rmi_table_create(u64 table, u64 ipa, s32 level)
{
	struct smc s = { { RMI_RTT_CREATE, realm.rd, table, ipa, (s64)level } };

	return rmi_call(&s);
}

u64 rmi_init_ripas(u64 base, u64 top, u64 *done)
{
	struct smc s = { { RMI_RTT_INIT_RIPAS, realm.rd, base, top } };
	u64 status = rmi_call(&s);

	*done = status ? base : s.x[1];
	return status;
}

u64 rmi_set_ripas(struct vcpu *vcpu, u64 base, u64 top, u64 *done)
{
	struct smc s = { { RMI_RTT_SET_RIPAS, realm.rd, vcpu->rec, base, top } };
	u64 status = rmi_call(&s);

	*done = status ? base : s.x[1];
	return status;
}

enum ripas rmi_ripas(u64 ipa)
{
	struct smc s = { { RMI_RTT_READ_ENTRY, realm.rd, ipa, PAGE_LEVEL } };

	rmi_must(rmi_call(&s), "RTT_READ_ENTRY");
	return s.x[4];
}

u64 rmi_enter(struct vcpu *vcpu)
{
	struct smc s = { { RMI_REC_ENTER, vcpu->rec, (u64)vcpu->run } };

	return rmi_call(&s);
}
