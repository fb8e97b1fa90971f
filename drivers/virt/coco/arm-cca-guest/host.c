// SPDX-License-Identifier: GPL-2.0-only
/*
 * CCA: calls to the host, the end of the realm, and a text for the host.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <uapi/linux/psci.h>

#include <asm/rsi_backend.h>
#include <asm/rsi_cmds.h>

/* In protected memory. The bytes that the RMM reads hold nothing else. */
static struct rsi_host_call host_call;
static DEFINE_SPINLOCK(host_call_lock);

static int send_host_call(u16 imm, u64 gprs[31])
{
	unsigned long flags;
	int err;

	spin_lock_irqsave(&host_call_lock, flags);
	memset(&host_call, 0, sizeof(host_call));
	host_call.imm = imm;
	memcpy(host_call.gprs, gprs, sizeof(host_call.gprs));
	err = rsi_error(rsi_host_call_smc(__pa_symbol(&host_call)));
	if (!err)
		memcpy(gprs, host_call.gprs, sizeof(host_call.gprs));
	spin_unlock_irqrestore(&host_call_lock, flags);
	return err;
}

/**
 * rsi_host_call() - call the host (RSI_HOST_CALL, DEN0137)
 * @imm: number of the interface; 0 for RHI
 * @gprs: arguments and results; the host reads and writes all of them
 *
 * A host may leave @gprs as they are, so arguments must not be valid results. The caller
 * must check all results.
 *
 * Context: Any. The host decides how long the call takes.
 * Return: 0; the error of the RMM; -EOPNOTSUPP outside a realm.
 */
int rsi_host_call(u16 imm, u64 gprs[31])
{
	return rsi_in_realm() ? send_host_call(imm, gprs) : -EOPNOTSUPP;
}
EXPORT_SYMBOL_GPL(rsi_host_call);

static u64 __init ask_host(u64 function)
{
	u64 gprs[31] = { function };

	return send_host_call(0, gprs) ? 0 : gprs[0];
}

/**
 * rsi_host_alignment() - get the alignment that the host needs
 * @granule: set to it in bytes, as the host reports it
 *
 * A host with larger pages than the RMM's can change the state of whole pages only.
 *
 * Context: Boot, one CPU.
 * Return: true if the host reports it.
 */
bool __init rsi_host_alignment(u64 *granule)
{
	if (ask_host(RHI_HOSTCONF_VERSION) != RHI_HOSTCONF_1_0 ||
	    !(ask_host(RHI_HOSTCONF_FEATURES) & RHI_HAS_ALIGNMENT))
		return false;
	*granule = ask_host(RHI_HOSTCONF_ALIGNMENT);
	return true;
}

/**
 * rsi_last_words() - last_words() of struct pguest_ops
 * @words: the text
 *
 * Not by rsi_host_call(): the code that panics may hold its lock.
 *
 * Context: Any.
 */
void rsi_last_words(const char *words)
{
	static struct rsi_host_call call;

	call.imm = PGUEST_LAST_WORDS;
	pguest_put_words((unsigned long *)call.gprs, ARRAY_SIZE(call.gprs), words);
	rsi_host_call_smc(__pa_symbol(&call));
}

/**
 * rsi_power_off() - power_off() of struct pguest_ops
 * @words: the text, which is ignored: rsi_last_words() has sent it
 *
 * Context: Any.
 */
void rsi_power_off(const char *words)
{
	struct pguest_call_regs regs;

	__pguest_smc(PSCI_0_2_FN_SYSTEM_OFF, 0, 0, 0, &regs);
}
