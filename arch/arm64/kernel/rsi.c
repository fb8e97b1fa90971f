// SPDX-License-Identifier: GPL-2.0-only
/*
 * The realm backend: Arm CCA, RSI 1.0 (DEN0137). Nothing depends on a later version.
 *
 * The RMM, which the realm trusts, keeps the state of memory (RIPAS) and the
 * measurements. The host decides when a change of state makes progress, so the number of
 * attempts is bounded. After an answer that cannot be true the RMM is asked for the
 * state.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/cpufeature.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/libfdt.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/of_fdt.h>
#include <linux/pgtable.h>
#include <linux/platform_device.h>
#include <linux/printk.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <uapi/linux/psci.h>

#include <asm/pgtable-hwdef.h>
#include <asm/pguest.h>
#include <asm/rsi.h>
#include <asm/rsi_cmds.h>
#include <asm/setup.h>
#include <asm/sysreg.h>

/*
 * The REM that the device tree and the command line extend. No specification of CCA
 * assigns uses to REMs. UEFI 2.10, 38.4.1, uses the third of TDX's four registers for
 * what an operating system was started with.
 */
#define RSI_REM_DESCRIPTION	3

/* Bound on successive attempts without progress */
#define MAX_STALLS	1000

static const struct pguest_ops rsi_ops;
static struct pguest_backend rsi_backend __ro_after_init = {
	.ops		= &rsi_ops,
	.granule	= RSI_GRANULE,
	.ranges		= true,
};

static struct rsi_realm realm __ro_after_init;

/* Both buffers are in protected memory; the bytes that the RMM reads hold nothing else. */
static struct rsi_config config __initdata __aligned(RSI_GRANULE);
static struct rsi_host_call host_call;
static DEFINE_SPINLOCK(host_call_lock);

static int rsi_error(u64 status)
{
	switch (status) {
	case RSI_SUCCESS:
		return 0;
	case RSI_ERROR_INPUT:
		return -EINVAL;
	case RSI_NOT_SUPPORTED:
		return -EOPNOTSUPP;
	}
	return -EPROTO;
}

static bool is_progress(phys_addr_t start, phys_addr_t top, phys_addr_t end)
{
	return top >= start && top <= end && IS_ALIGNED(top, RSI_GRANULE);
}

/* The RIPAS at @start, and the end of the granules that have the same. */
static int get_ripas(phys_addr_t start, phys_addr_t end, phys_addr_t *top, u64 *ripas)
{
	int err = rsi_error(rsi_ipa_state_get(start, end, top, ripas));

	if (err)
		return err;
	if (*top == start || !is_progress(start, *top, end) || *ripas > RSI_RIPAS_DEV)
		return -EPROTO;
	return 0;
}

/* Set @top to the end of the memory at @start that has a RIPAS, as the RMM reports it. */
static int end_of_ripas(phys_addr_t start, phys_addr_t end, u64 ripas, phys_addr_t *top)
{
	phys_addr_t next;
	u64 is;
	int err;

	for (*top = start; *top < end; *top = next) {
		err = get_ripas(*top, end, &next, &is);
		if (err || is != ripas)
			return err;
	}
	return 0;
}

static int try_set_ripas(phys_addr_t start, phys_addr_t end, u64 ripas, u64 flags,
			 phys_addr_t *top)
{
	phys_addr_t reached;
	unsigned int stalls;
	u64 response;
	int err;

	for (stalls = 0; stalls < MAX_STALLS; stalls++) {
		err = rsi_error(rsi_ipa_state_set(start, end, ripas, flags, &reached,
						  &response));
		if (err)
			return err;
		if (!is_progress(start, reached, end))
			return -EPROTO;
		if (reached > start) {
			*top = reached;
			return 0;
		}
		if (response & RSI_REJECT)
			return -EPERM;
		cpu_relax();
	}
	return -ETIMEDOUT;
}

/* After an error the RMM may still report the RIPAS that was asked for: no error then. */
static int set_ripas(phys_addr_t start, phys_addr_t end, u64 ripas, u64 flags,
		     phys_addr_t *top)
{
	int err = try_set_ripas(start, end, ripas, flags, top);

	if (!err)
		return 0;
	if (end_of_ripas(start, end, ripas, top)) {
		*top = start;
		return -EIO;
	}
	if (*top > start)
		return 0;
	return err == -EPROTO ? -EPERM : err;
}

static int rsi_share(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	return set_ripas(start, end, RSI_RIPAS_EMPTY, RSI_CHANGE_DESTROYED, top);
}

static int rsi_unshare(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	return set_ripas(start, end, RSI_RIPAS_RAM, RSI_CHANGE_DESTROYED, top);
}

/* Never RAM that was destroyed: it held measured contents, or data of the kernel. */
static int rsi_accept(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	phys_addr_t next;
	u64 ripas;
	int err;

	err = set_ripas(start, end, RSI_RIPAS_RAM, 0, top);
	if (err && !get_ripas(*top, end, &next, &ripas) && ripas == RSI_RIPAS_DESTROYED)
		return -EHWPOISON;
	return err;
}

/* The RIPAS decides where a device is. It must be the same for all of the range. */
static int rsi_locate(phys_addr_t start, phys_addr_t end, bool device, phys_addr_t *at)
{
	phys_addr_t bit = rsi_backend.shared_bit, next, addr;
	u64 first, ripas;
	int err;

	*at = start;
	if (start >= bit)
		return end <= 2 * bit ? 0 : -EINVAL;
	if (end > bit)
		return -EINVAL;

	for (addr = start; addr < end; addr = next) {
		err = get_ripas(addr, end, &next, &ripas);
		if (err)
			return err;
		if (addr == start)
			first = ripas;
		if (ripas != first)
			return -EINVAL;
	}
	switch (first) {
	case RSI_RIPAS_EMPTY:
		*at = start | bit;
		return 0;
	case RSI_RIPAS_DEV:
		return 0;
	case RSI_RIPAS_RAM:
		return device ? -EPERM : 0;
	}
	return -EPERM;
}

static int rsi_measure(const void *digest, size_t size)
{
	return rsi_error(rsi_measurement_extend(RSI_REM_DESCRIPTION, digest, size));
}

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

/**
 * rsi_realm() - the configuration of the realm
 *
 * Context: Any.
 * Return: what the RMM reported at boot; NULL outside a realm.
 */
const struct rsi_realm *rsi_realm(void)
{
	return pguest_backend == &rsi_backend ? &realm : NULL;
}
EXPORT_SYMBOL_GPL(rsi_realm);

/* Not rsi_host_call(): the code that panics may hold its lock. */
static void rsi_last_words(const char *words)
{
	static struct rsi_host_call call;

	call.imm = PGUEST_LAST_WORDS;
	pguest_put_words((unsigned long *)call.gprs, ARRAY_SIZE(call.gprs), words);
	rsi_host_call_smc(__pa_symbol(&call));
}

/* Ignores the words: rsi_last_words() has sent them. */
static void rsi_power_off(const char *words)
{
	struct pguest_call_regs regs;

	__pguest_smc(PSCI_0_2_FN_SYSTEM_OFF, 0, 0, 0, &regs);
}

/*
 * Without the realm's configuration no device can be mapped, so there will be no
 * console: send the reason to the host, and end the VM.
 */
static __printf(1, 2) void __init __noreturn rsi_stop(const char *fmt, ...)
{
	char words[PGUEST_WORDS_SIZE + 1] = "pguest: ";
	size_t len = strlen(words);
	va_list args;

	va_start(args, fmt);
	vscnprintf(words + len, sizeof(words) - len, fmt, args);
	va_end(args);
	rsi_last_words(words);
	rsi_power_off(words);
	panic("%s\n", words);
}

static bool __init is_realm(void)
{
	u64 lower = 0, higher = 0;

	switch (rsi_version(RSI_VERSION(1, 0), &lower, &higher)) {
	case RSI_SUCCESS:
		if (lower == RSI_VERSION(1, 0))
			return true;
		break;
	case RSI_ERROR_INPUT:
		if (RSI_VERSION_MAJOR(lower))
			rsi_stop("this RMM does not speak RSI 1.0, but %llu.%llu",
				 RSI_VERSION_MAJOR(lower), RSI_VERSION_MINOR(lower));
		break;
	}
	return false;
}

static bool __init has_version(u64 version)
{
	u64 lower = 0, higher;

	return rsi_version(version, &lower, &higher) == RSI_SUCCESS && lower == version;
}

/* Describe the RMM for the boot log and debugfs. Nothing depends on it. */
static const char * __init ask_about_rmm(void)
{
	static char about[32] __ro_after_init;
	u64 features = 0;

	realm.version = has_version(RSI_VERSION(1, 1)) ? RSI_VERSION(1, 1) : RSI_VERSION(1, 0);
	rsi_features(0, &features);
	realm.features = features;
	scnprintf(about, sizeof(about), "rsi 1.%llu%s%s%s",
		  RSI_VERSION_MINOR((u64)realm.version),
		  features & RSI_FEATURE_DA ? ", da" : "",
		  features & RSI_FEATURE_MRO ? ", mro" : "",
		  features & RSI_FEATURE_ATS ? ", ats" : "");
	return about;
}

/*
 * Width of the addresses that page tables can hold, which depends on the kernel and the
 * CPU: 52 bits need LPA with pages of 64 KiB, and LPA2 with smaller ones. TCR_EL1 has
 * what the kernel found at boot.
 */
static unsigned int __init widest_address(void)
{
	unsigned int ips = (read_sysreg(tcr_el1) & TCR_IPS_MASK) >> TCR_IPS_SHIFT;

	return min_t(unsigned int, id_aa64mmfr0_parange_to_phys_shift(ips), PHYS_MASK_SHIFT);
}

/* The host can change memory that is not RAM to the RMM while it is read. */
static bool __init is_realm_ram(phys_addr_t start, size_t size)
{
	phys_addr_t end = ALIGN(start + size, RSI_GRANULE), top;

	return !end_of_ripas(ALIGN_DOWN(start, RSI_GRANULE), end, RSI_RIPAS_RAM, &top) &&
	       top == end;
}

static void __init read_realm_config(void)
{
	phys_addr_t start = __pa_symbol(&config);
	u64 status = rsi_realm_config(start);

	if (status != RSI_SUCCESS)
		rsi_stop("the RMM returns no configuration of the realm (%#llx)", status);
	/* 32 is the least that an RMM may choose (DEN0137 B5.4.5). */
	if (config.ipa_bits < 32)
		rsi_stop("no realm has addresses of %llu bits", config.ipa_bits);
	if (config.ipa_bits > widest_address())
		rsi_stop("the realm's addresses have %llu bits, this kernel on this CPU has %u",
			 config.ipa_bits, widest_address());
	/*
	 * REALM_CONFIG just wrote here, so it is RAM; an RMM that denies this cannot be
	 * trusted about devices.
	 */
	if (!is_realm_ram(start, RSI_GRANULE))
		rsi_stop("the RMM does not know the kernel's own memory (%pa)", &start);
	if (!is_realm_ram(__fdt_pointer, fdt_totalsize(initial_boot_params)))
		rsi_stop("the device tree is not in the realm's own memory (%pa)", &__fdt_pointer);
	realm.ipa_bits = config.ipa_bits;
	realm.hash = config.hash_algo;
	memcpy(realm.rpv, config.rpv, sizeof(realm.rpv));
}

static u64 __init ask_host(u64 function)
{
	u64 gprs[31] = { function };

	return send_host_call(0, gprs) ? 0 : gprs[0];
}

/*
 * A host with larger pages than the RMM's can change the state of whole pages only. It
 * may report its alignment, which is used as the granule if it is possible.
 */
static void __init ask_for_alignment(void)
{
	u64 granule;

	if (ask_host(RHI_HOSTCONF_VERSION) != RHI_HOSTCONF_1_0 ||
	    !(ask_host(RHI_HOSTCONF_FEATURES) & RHI_HAS_ALIGNMENT))
		return;
	granule = ask_host(RHI_HOSTCONF_ALIGNMENT);
	if (pguest_granule_valid(granule, memblock_phys_mem_size()))
		rsi_backend.granule = granule;
	else
		pr_warn("the host cannot need %#llx bytes at a time\n", granule);
}

static const struct pguest_ops rsi_ops = {
	.name		= "CCA realm",
	.claim		= "claimed by the RMM",
	.private_smc	= true,
	.share		= rsi_share,
	.unshare	= rsi_unshare,
	.accept		= rsi_accept,
	.measure	= rsi_measure,
	.locate		= rsi_locate,
	.last_words	= rsi_last_words,
	.power_off	= rsi_power_off,
};

/**
 * rsi_probe() - is this a realm?
 *
 * The RMM is asked by SMC, whatever PSCI method the device tree has. A realm whose
 * configuration cannot be used ends here: otherwise the kernel would access its devices
 * at private addresses.
 *
 * Context: setup_arch(), before early parameters and the linear map.
 * Return: the backend, or NULL.
 */
const struct pguest_backend * __init rsi_probe(void)
{
	if (!is_realm())
		return NULL;
	read_realm_config();

	rsi_backend.shared_bit = BIT_ULL(realm.ipa_bits - 1);
	rsi_backend.features = ask_about_rmm();
	ask_for_alignment();
	return &rsi_backend;
}

/* Autoloads the attestation driver; systemd detects realms by this device. */
static int __init add_rsi_device(void)
{
	struct platform_device *pdev;

	if (!rsi_in_realm())
		return 0;
	pdev = platform_device_register_simple(RSI_PDEV_NAME, PLATFORM_DEVID_NONE, NULL, 0);
	return PTR_ERR_OR_ZERO(pdev);
}
arch_initcall(add_rsi_device);
