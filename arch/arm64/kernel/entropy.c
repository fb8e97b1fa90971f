// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entropy of a protected VM.
 *
 * Data that the host supplies is mixed into the generator without credit. The CPU's RNDR
 * and RNDRRS are credited: EL2 has no trap for them, only EL3 (SCR_EL3.TRNDR), and a
 * hypervisor that hides them in the ID registers keeps the kernel from using them.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/arm-smccc.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/pguest_random.h>
#include <linux/random.h>

#include <asm/pguest.h>

/* Seeds of the device tree come before pguest_probe(): their credit is delayed. */
static size_t bits_waiting __initdata;
static bool is_settled __initdata;

/**
 * pguest_bootloader_bits() - how much entropy to credit for a boot loader's seed
 * @bits: its length
 *
 * Context: Boot, one CPU.
 * Return: bits to credit now, including those that were delayed until pguest_probe().
 */
size_t __init pguest_bootloader_bits(size_t bits)
{
	bits_waiting += bits;
	if (!is_settled)
		return 0;
	bits = bits_waiting;
	bits_waiting = 0;
	return pguest_credit(bits);
}

/**
 * pguest_entropy_settle() - credit or drop the seeds that came before pguest_probe()
 *
 * Context: pguest_probe(), when it is known whether this is a protected VM.
 */
void __init pguest_entropy_settle(void)
{
	is_settled = true;
	/* Adds no data, but calls pguest_bootloader_bits() for the delayed credit. */
	add_bootloader_randomness("", 0);
}

/**
 * pguest_trust_trng() - are SMCCC's TRNG calls (DEN0098) credited as entropy?
 *
 * The RMM handles all SMCs of a realm (DEN0137): it answers them or returns
 * NOT_SUPPORTED. Only RSI_HOST_CALL reaches the host. pKVM of mainline forwards TRNG
 * calls to the host; Android's does if the firmware lacks them, which a guest cannot
 * detect.
 *
 * Context: Boot, when the conduit of SMCCC calls is known.
 * Return: false if the host may answer them.
 */
bool __init pguest_trust_trng(void)
{
	return !pguest_active() ||
	       (pguest_backend->ops->private_smc &&
		arm_smccc_1_1_get_conduit() == SMCCC_CONDUIT_SMC);
}

static int seed_by_jitter(void *unused)
{
	/* wait_for_random_bytes() itself generates entropy from timing jitter. */
	return wait_for_random_bytes();
}

/*
 * Sequence numbers and hash keys are taken without waiting for entropy. So a thread
 * starts the wait early, and not the first program that needs random numbers.
 */
static int __init seed_without_rndr(void)
{
	struct task_struct *task;

	if (!pguest_active() || rng_is_initialized())
		return 0;
	pr_notice("the CPU gave no random numbers and the host's do not count: timing jitter seeds the generator\n");
	task = kthread_run(seed_by_jitter, NULL, "pguest_jitter");
	return PTR_ERR_OR_ZERO(task);
}
core_initcall(seed_without_rndr);
