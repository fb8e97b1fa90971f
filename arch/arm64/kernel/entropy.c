// SPDX-License-Identifier: GPL-2.0-only
/*
 * What seeds the random number generator of a protected VM.
 *
 * Nothing that the host supplies counts: the generator stirs it in and stays as
 * unready as it was. What does count is the CPU's own RNDR and RNDRRS. EL2 has no
 * trap for them, only EL3 has (SCR_EL3.TRNDR), and a hypervisor that hides them
 * hides them from the kernel as well.
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

/* A seed of the device tree comes before pguest_probe(): it has to wait. */
static size_t bits_waiting __initdata;
static bool is_settled __initdata;

/**
 * pguest_bootloader_bits() - for how much a boot loader's seed counts
 * @bits: its length
 *
 * Context: Boot, one CPU.
 * Return: bits to credit now, those that have waited for pguest_probe() included.
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
 * pguest_entropy_settle() - credit or forget the seeds that came before pguest_probe()
 *
 * Context: pguest_probe(), when it is known whether this is a protected VM.
 */
void __init pguest_entropy_settle(void)
{
	is_settled = true;
	/* No byte more; this asks pguest_bootloader_bits() again. */
	add_bootloader_randomness("", 0);
}

/**
 * pguest_trust_trng() - may SMCCC's TRNG calls (DEN0098) seed the generator?
 *
 * An SMC of a realm goes to the RMM (DEN0137), which answers it or returns
 * NOT_SUPPORTED; the host is asked by RSI_HOST_CALL alone. pKVM of mainline leaves
 * these calls to the host, and Android's does where its firmware lacks them, which
 * a guest cannot find out.
 *
 * Context: Boot, when the conduit of SMCCC calls is known.
 * Return: false if the host may be who answers.
 */
bool __init pguest_trust_trng(void)
{
	return !pguest_active() ||
	       (pguest_backend->ops->private_smc &&
		arm_smccc_1_1_get_conduit() == SMCCC_CONDUIT_SMC);
}

static int seed_by_jitter(void *unused)
{
	/* Whoever waits for random numbers generates them. */
	return wait_for_random_bytes();
}

/*
 * Not all of the kernel waits: sequence numbers and hash keys are taken as they
 * come. So a thread waits early, and does not leave that to the first program.
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
