// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guest asks of the host itself: the host's page size, by RHI (DEN0148), which is immediate 0; and with
 * 0x5047 it says why it ends, where it has no console yet.
 */
#include <string.h>
#include "count.h"
#include "exits.h"
#include "lastwords.h"
#include "options.h"

#define RHI_VERSION		0xc500004e
#define RHI_FEATURES		0xc500004f
#define RHI_ALIGNMENT		0xc5000050
#define RHI_1_0			0x10000
#define RHI_HAS_ALIGNMENT	1

#define GPRS			31

static u64 host_interface(u64 fid)
{
	switch (fid) {
	case RHI_VERSION:	return RHI_1_0;
	case RHI_FEATURES:	return RHI_HAS_ALIGNMENT;
	case RHI_ALIGNMENT:	return opt.alignment;
	default:		return -1;
	}
}

/* All 31 registers are the host's to see, so that a secret in them is found like one in shared memory. */
void host_call(struct vcpu *vcpu)
{
	u64 gprs[GPRS], imm = exit_field(vcpu, EXIT_IMM) & 0xffff;

	count.host_calls++;
	for (u32 i = 0; i < GPRS; i++) {
		gprs[i] = exit_field(vcpu, EXIT_GPRS + 8 * i);
		count.secrets += opt.secret.told && gprs[i] == opt.secret.value;
	}
	last_words(imm, gprs, GPRS);
	if (!opt.host_call)
		gprs[0] = imm ? -1UL : host_interface(gprs[0]);
	for (u32 i = 0; i < GPRS; i++)
		enter_gpr(vcpu, i, opt.host_call && !strcmp(opt.host_call, "garbage") ? random_next() : gprs[i]);
}
