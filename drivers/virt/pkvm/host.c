// SPDX-License-Identifier: GPL-2.0-only
/*
 * pKVM: the end of the VM, and a text for the host.
 */
#include <linux/arm-smccc.h>
#include <linux/kernel.h>
#include <uapi/linux/psci.h>

#include <asm/pkvm_backend.h>

/**
 * pkvm_power_off() - power_off() of struct pguest_ops
 * @words: the text
 *
 * Under mainline the VMM can read all registers of a vCPU that powers off by
 * KVM_GET_ONE_REG, except X0 to X3, in which KVM has put its answer
 * (arch/arm64/kvm/psci.c). Under Android it cannot.
 *
 * Context: Any.
 */
void pkvm_power_off(const char *words)
{
	union {
		struct arm_smccc_1_2_regs call;
		unsigned long x[18];
	} regs = {
		.call.a0 = PSCI_0_2_FN_SYSTEM_OFF,
		.call.a4 = PGUEST_LAST_WORDS,
	};

	pguest_put_words(&regs.x[5], ARRAY_SIZE(regs.x) - 5, words);
	arm_smccc_1_2_hvc(&regs.call, &regs.call);
}
