// SPDX-License-Identifier: GPL-2.0-only
/*
 * The realm backend, Arm CCA by RSI 1.0 (DEN0137): its probe. Nothing depends on a later
 * version.
 *
 * The RMM, which the realm trusts, keeps the state of memory (RIPAS) and the
 * measurements. The other files of the backend are in drivers/virt/coco/arm-cca-guest.
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
#include <linux/string.h>

#include <asm/pgtable-hwdef.h>
#include <asm/rsi_backend.h>
#include <asm/rsi_cmds.h>
#include <asm/setup.h>
#include <asm/sysreg.h>

/*
 * The REM that the device tree and the command line extend. No specification of CCA
 * assigns uses to REMs. UEFI 2.10, 38.4.1, uses the third of TDX's four registers for
 * what an operating system was started with.
 */
#define RSI_REM_DESCRIPTION	3

static struct rsi_realm realm __ro_after_init;

/* In protected memory. The granule holds nothing else. */
static struct rsi_config config __initdata __aligned(RSI_GRANULE);

static int rsi_measure(const void *digest, size_t size)
{
	return rsi_error(rsi_measurement_extend(RSI_REM_DESCRIPTION, digest, size));
}

/* The register was not zero when this kernel started */
static bool ran_before __ro_after_init;

/* REMs are zero in a new realm (DEN0137), and the host cannot extend them. */
static bool __init description_extended(void)
{
	u8 value[RSI_MEASUREMENT_SIZE] = { };

	return !rsi_measurement_read(RSI_REM_DESCRIPTION, value) &&
	       memchr_inv(value, 0, sizeof(value));
}

static bool rsi_ran_before(phys_addr_t mark)
{
	return ran_before;
}

static const struct pguest_ops rsi_ops = {
	.name		= "CCA realm",
	.claim		= "claimed by the RMM",
	.private_smc	= true,
	.share		= rsi_share,
	.unshare	= rsi_unshare,
	.accept		= rsi_accept,
	.ran_before	= rsi_ran_before,
	.where		= rsi_where,
	.measure	= rsi_measure,
	.locate		= rsi_locate,
	.last_words	= rsi_last_words,
	.power_off	= rsi_power_off,
};

struct pguest_backend rsi_backend __ro_after_init = {
	.ops		= &rsi_ops,
	.granule	= RSI_GRANULE,
	.ranges		= true,
};

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
	if (!rsi_is_ram(start, RSI_GRANULE))
		rsi_stop("the RMM does not know the kernel's own memory (%pa)", &start);
	if (!rsi_is_ram(__fdt_pointer, fdt_totalsize(initial_boot_params)))
		rsi_stop("the device tree is not in the realm's own memory (%pa)", &__fdt_pointer);
	realm.ipa_bits = config.ipa_bits;
	realm.hash = config.hash_algo;
	memcpy(realm.rpv, config.rpv, sizeof(realm.rpv));
}

/* The alignment of the host is used as the granule if it is possible. */
static void __init adopt_host_alignment(void)
{
	u64 granule;

	if (!rsi_host_alignment(&granule))
		return;
	if (pguest_granule_valid(granule, memblock_phys_mem_size()))
		rsi_backend.granule = granule;
	else
		pr_warn("the host cannot need %#llx bytes at a time\n", granule);
}

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
	adopt_host_alignment();
	/* This kernel will extend it, before it checks the device tree. */
	ran_before = description_extended();
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
