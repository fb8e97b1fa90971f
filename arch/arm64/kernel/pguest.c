// SPDX-License-Identifier: GPL-2.0-only
/*
 * Detect the hypervisor that protects this VM, before any memory can be shared.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/export.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/psci.h>
#include <linux/string.h>

#include <asm/arch_timer.h>
#include <asm/esr.h>
#include <asm/pguest.h>
#include <asm/pkvm_features.h>
#include <asm/ptrace.h>
#include <asm/sections.h>
#include <asm/setup.h>
#include <asm/virt.h>

DEFINE_STATIC_KEY_FALSE(pguest_key);
EXPORT_SYMBOL_GPL(pguest_key);

const struct pguest_backend *pguest_backend __ro_after_init;

/* Why the boot must stop; empty if it need not */
static char stop_reason[80] __ro_after_init;

/*
 * Is the last "pguest=" of a command line @value? Early parameters are parsed later,
 * because earlycon is one of them and needs the MMIO guard.
 */
static bool __init pguest_option(const char *line, const char *value)
{
	size_t len = strlen(value);
	bool found = false;
	const char *at = line;

	while ((at = strstr(at, "pguest="))) {
		bool word = at == line || at[-1] == ' ';

		at += strlen("pguest=");
		if (word)
			found = !strncmp(at, value, len) &&
				(at[len] == '\0' || at[len] == ' ');
	}
	return found;
}

/* pguest_option() has read it: accept it as a parameter. */
static int __init pguest_param(char *value)
{
	if (!value || (strcmp(value, "off") && strcmp(value, "require")))
		pr_warn("pguest=%s is not known; off and require are\n",
			value ?: "");
	return 0;
}
early_param("pguest", pguest_param);

/**
 * pguest_put_words() - put a text into registers that the host will see
 * @regs: the registers
 * @nr: number of registers
 * @words: the text
 *
 * The first byte is the lowest byte of the first register. The rest is zero. A text that
 * does not fit is cut off.
 *
 * Context: Any.
 */
void pguest_put_words(unsigned long *regs, size_t nr, const char *words)
{
	size_t size = nr * sizeof(*regs);

	memset(regs, 0, size);
	memcpy(regs, words, min(strlen(words), size));
}

/*
 * Show the host a panic before there is a console. Before PSCI is initialised the kernel
 * can neither restart nor power off, and would loop for ever.
 */
static int show_panic(struct notifier_block *nb, unsigned long event, void *message)
{
	char words[PGUEST_WORDS_SIZE + 1];

	scnprintf(words, sizeof(words), "Kernel panic: %s", (const char *)message);
	if (pguest_backend->ops->last_words)
		pguest_backend->ops->last_words(words);
	if (!psci_ops.get_version)
		pguest_backend->ops->power_off(words);
	return NOTIFY_DONE;
}

static struct notifier_block early_panic = { .notifier_call = show_panic };

/*
 * Only pKVM itself answers an HVC of its guest, but its host answers SMCs, and could
 * pretend to be an RMM. So pKVM comes first.
 */
static const struct pguest_backend *(* const probes[])(void) __initconst = {
#ifdef CONFIG_ARM_PKVM_GUEST
	pkvm_probe,
#endif
#ifdef CONFIG_PGUEST_CCA
	rsi_probe,
#endif
};

static const struct pguest_backend * __init find_backend(void)
{
	const struct pguest_backend *backend = NULL;
	unsigned int i;

	for (i = 0; !backend && i < ARRAY_SIZE(probes); i++)
		backend = probes[i]();
	return backend;
}

/**
 * pguest_probe() - detect the hypervisor that protects this VM
 *
 * The hypervisor itself is asked. The device tree and answers of the host do not count,
 * because a host could gain from a VM that runs unprotected.
 *
 * Context: setup_arch(), after jump_label_init() and before early parameters.
 */
void __init pguest_probe(void)
{
	/* A kernel that was entered at EL2 has no hypervisor: an HVC would reach itself. */
	if (!pguest_option(PGUEST_OWNERS_LINE, "off") && !is_hyp_mode_available())
		pguest_backend = find_backend();

	if (!pguest_backend) {
		if (pguest_option(boot_command_line, "require") ||
		    pguest_option(PGUEST_OWNERS_LINE, "require"))
			pguest_stop_later("required, but no hypervisor protects this machine");
		pguest_entropy_settle();
		return;
	}
	pguest_shared_bit = pguest_backend->shared_bit;
	pguest_shared_pte = __phys_to_pte_val(pguest_shared_bit);
	pguest_space_init(&pguest_memory, pguest_backend, NULL);
	pguest_direct.shift = pguest_memory.ledger.shift;
	pguest_memory.ledger.direct = pguest_direct.granules;
	pguest_guard_init(&pguest_devices, pguest_backend);
	static_branch_enable(&pguest_key);
	atomic_notifier_chain_register(&panic_notifier_list, &early_panic);
	pguest_entropy_settle();
	pguest_filter_command_line();
	pguest_measure_description();
	pguest_audit_tree();
	pguest_drivers_init();
}

/**
 * pguest_stop_later() - panic once there is a console
 * @fmt: the reason; only the first one counts
 *
 * In setup_arch() there is no console and no way to restart. In fs_initcall_sync() there
 * is the platform's console; but no virtio driver has run, no file system is mounted and
 * no program has started.
 *
 * Context: Boot, one CPU.
 */
void pguest_stop_later(const char *fmt, ...)
{
	va_list args;

	if (stop_reason[0])
		return;
	va_start(args, fmt);
	vscnprintf(stop_reason, sizeof(stop_reason), fmt, args);
	va_end(args);
	pr_emerg("%s\n", stop_reason);
}

/**
 * pguest_stop() - panic at once
 * @why: the reason
 * @value: a number or address that belongs to it
 *
 * For a boot that cannot go on without giving the host access. show_panic() sends the
 * reason to the host, also without an early console.
 *
 * Context: Boot, one CPU.
 */
void __init __noreturn pguest_stop(const char *why, u64 value)
{
	panic("pguest: %s (%#llx)\n", why, value);
}

static int __init stop_now(void)
{
	if (stop_reason[0])
		panic("pguest: %s\n", stop_reason);
	if (pguest_active())
		atomic_notifier_chain_unregister(&panic_notifier_list, &early_panic);
	return 0;
}
fs_initcall_sync(stop_now);

/* By the counter; a tick that is due is taken before a CPU that the host has stopped goes on. */
#define TICK_SECONDS	2

static bool __init tick_comes(void)
{
	u64 start = __arch_counter_get_cntvct(), ticks = TICK_SECONDS * (u64)arch_timer_get_cntfrq();
	unsigned int i;

	do {
		/* Each look at the counter may be one at what the hypervisor emulates. */
		for (i = 0; i < 10000; i++) {
			if (jiffies != INITIAL_JIFFIES)
				return true;
		}
	} while (__arch_counter_get_cntvct() - start < ticks);
	return false;
}

/*
 * An interrupt controller or timer that the tree does not have, or that cannot be mapped, is
 * an error that the kernel goes on from, up to the first wait, which never ends. The console
 * may be lost for the same reason.
 */
static int __init need_ticks(void)
{
	if (!pguest_active() || tick_comes())
		return 0;
	/* Why there is none may be known already, and this boot does not get to stop_now(). */
	if (stop_reason[0])
		panic("pguest: %s\n", stop_reason);
	panic("pguest: no timer interrupt in %u seconds\n", TICK_SECONDS);
}
early_initcall(need_ticks);

static const struct {
	const char *insn, *behind, *fault;
} calls[] = {
	{ __pguest_hvc_insn, __pguest_hvc_behind, __pguest_hvc_fault },
	{ __pguest_smc_insn, __pguest_smc_behind, __pguest_smc_fault },
};

/* Where to continue after a call that faulted at @pc, 0 if there is none. */
static unsigned long after_call(unsigned long pc)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (pc == (unsigned long)calls[i].insn || pc == (unsigned long)calls[i].behind)
			return (unsigned long)calls[i].fault;
	return 0;
}
NOKPROBE_SYMBOL(after_call);

/* The same for the MRS and the NOP of MOV, MRS, NOP, STR in __pkvm_read_id_regs(). */
static unsigned long after_id_register(unsigned long pc)
{
	if (!IS_ENABLED(CONFIG_ARM_PKVM_GUEST) ||
	    pc < (unsigned long)__pkvm_id_insns || pc >= (unsigned long)__pkvm_id_end)
		return 0;
	switch ((pc - (unsigned long)__pkvm_id_insns) % 16) {
	case 4:
		return pc + 8;
	case 8:
		return pc + 4;
	}
	return 0;
}
NOKPROBE_SYMBOL(after_id_register);

/**
 * pguest_call_fixup() - let a faulting hypercall of the layer return -EFAULT
 * @regs: registers at the exception
 * @esr: its syndrome, ESR_EL1
 *
 * The exception points to the HVC or SMC or to the NOP behind it, and has a class that
 * these instructions raise only because of the call; see hypercall.S. An ID register
 * that is undefined reads as zero.
 *
 * Context: Synchronous exception.
 * Return: true if the fault has been handled.
 */
bool pguest_call_fixup(struct pt_regs *regs, unsigned long esr)
{
	unsigned long next = 0;

	switch (ESR_ELx_EC(esr)) {
	case ESR_ELx_EC_DABT_CUR:
		next = after_call(regs->pc);
		break;
	case ESR_ELx_EC_UNKNOWN:
	case ESR_ELx_EC_SYS64:
		next = after_call(regs->pc) ?: after_id_register(regs->pc);
		break;
	}
	if (!next)
		return false;
	regs->pc = next;
	return true;
}
NOKPROBE_SYMBOL(pguest_call_fixup);
