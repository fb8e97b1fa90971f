// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pKVM backend: mainline's interface and Android's.
 *
 * Mainline shares one granule by a call, and has no MMIO guard. Android has calls for
 * ranges, an MMIO guard, and a call for pages that the balloon gives to the host. The
 * backend uses the calls that FEATURES reports.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/arm-smccc.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/printk.h>
#include <uapi/linux/psci.h>

#include <asm/hypervisor.h>
#include <asm/pguest.h>
#include <asm/pkvm_cmds.h>
#include <asm/pkvm_features.h>

#define HAS(features, nr)	((features) & BIT(PKVM_NR_##nr))

static const struct pguest_ops pkvm_ops;
static struct pguest_backend pkvm_backend __ro_after_init = { .ops = &pkvm_ops };

/* The guard has calls for ranges, besides those for a granule. */
static bool guard_maps_ranges __ro_after_init;
static bool guard_unmaps_ranges __ro_after_init;

/* Make one call for the granule at @start, or for the range up to @end. */
static int do_call(u32 nr, bool range, phys_addr_t granule, phys_addr_t start,
		   phys_addr_t end, phys_addr_t *top)
{
	u64 asked = (end - start) / granule;
	u64 done;
	int err;

	if (!range) {
		err = pkvm_one(nr, start);
		if (!err)
			*top = start + granule;
		return err;
	}
	err = pkvm_range(nr, start, asked, &done);
	/* Checked here, because the multiplication could wrap to a valid address. */
	if (done > asked)
		return -EPROTO;
	*top = start + done * granule;
	return err;
}

static int mem_call(u32 nr, phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	return do_call(nr, pkvm_backend.ranges, pkvm_backend.granule, start, end, top);
}

static int pkvm_share(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	return mem_call(PKVM_NR_MEM_SHARE, start, end, top);
}

static int pkvm_unshare(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	return mem_call(PKVM_NR_MEM_UNSHARE, start, end, top);
}

/* There is no call for ranges. */
static int pkvm_relinquish(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	return do_call(PKVM_NR_MEM_RELINQUISH, false, pkvm_backend.granule,
		       start, end, top);
}

static int pkvm_map_mmio(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	u32 nr = guard_maps_ranges ? PKVM_NR_MMIO_RGUARD_MAP : PKVM_NR_MMIO_GUARD_MAP;

	return do_call(nr, guard_maps_ranges, pkvm_backend.mmio_granule, start, end, top);
}

static int pkvm_unmap_mmio(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	u32 nr = guard_unmaps_ranges ? PKVM_NR_MMIO_RGUARD_UNMAP :
				       PKVM_NR_MMIO_GUARD_UNMAP;

	return do_call(nr, guard_unmaps_ranges, pkvm_backend.mmio_granule, start, end, top);
}

/*
 * Under mainline the VMM can read all registers of a vCPU that powers off by
 * KVM_GET_ONE_REG, except X0 to X3, in which KVM has put its answer
 * (arch/arm64/kvm/psci.c). Under Android it cannot.
 */
static void pkvm_power_off(const char *words)
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

static bool __init granule_ok(u64 granule)
{
	return pguest_granule_valid(granule, memblock_phys_mem_size());
}

/*
 * Android's guard is enabled only if it can be used: with the guard enabled and without
 * the call that maps, no device could be accessed.
 */
static void __init set_up_guard(u32 features)
{
	bool android = HAS(features, MMIO_GUARD_ENROLL);
	u64 granule = pkvm_backend.granule, flags = 0;

	if (!HAS(features, MMIO_GUARD_MAP)) {
		if (android)
			pr_err("MMIO guard without a call to map: left alone\n");
		return;
	}
	if (HAS(features, MMIO_GUARD_INFO) &&
	    pkvm_info(PKVM_NR_MMIO_GUARD_INFO, &granule, &flags)) {
		pr_err("MMIO guard does not say its granule: left alone\n");
		return;
	}
	if (!granule_ok(granule)) {
		pr_err("MMIO guard with a granule of %#llx bytes: left alone\n", granule);
		return;
	}
	if (android && pkvm_enroll()) {
		pr_err("MMIO guard refuses to be switched on: left alone\n");
		return;
	}

	pkvm_backend.mmio_granule = granule;
	pkvm_backend.unmap_mmio = HAS(features, MMIO_GUARD_UNMAP);

	/* The flag and the feature bits can disagree: ranges need both. */
	if (!(flags & PKVM_HAS_RANGE) || !HAS(features, MMIO_RGUARD_MAP))
		return;
	guard_maps_ranges = true;
	if (HAS(features, MMIO_RGUARD_UNMAP)) {
		guard_unmaps_ranges = true;
		pkvm_backend.unmap_mmio = true;
	}
}

static const struct pguest_ops pkvm_ops = {
	.name		= "pKVM",
	.claim		= "claimed by the hypervisor",
	.share		= pkvm_share,
	.unshare	= pkvm_unshare,
	.map_mmio	= pkvm_map_mmio,
	.unmap_mmio	= pkvm_unmap_mmio,
	.relinquish	= pkvm_relinquish,
	.power_off	= pkvm_power_off,
	.show_features	= pkvm_show_features,
};

/**
 * pkvm_probe() - does pKVM protect this VM?
 *
 * FEATURES and MEMINFO go to the hypervisor by HVC, whatever PSCI method, PSCI version
 * and vendor UID the host chose. No answer proves protection, because the host of an
 * unprotected VM can emulate it; but no host can suppress the answers of pKVM to a
 * protected VM.
 *
 * Context: setup_arch(), before early parameters.
 * Return: the backend, or NULL.
 */
const struct pguest_backend * __init pkvm_probe(void)
{
	u64 granule, flags;
	u32 features, memory;

	if (pkvm_features(&features))
		return NULL;

	memory = features & (BIT(PKVM_NR_MEMINFO) | BIT(PKVM_NR_MEM_SHARE) |
			     BIT(PKVM_NR_MEM_UNSHARE));
	if (!memory)
		return NULL;
	if (hweight32(memory) != 3) {
		pr_err("pKVM features %#x contradict each other: running unprotected\n",
		       features);
		return NULL;
	}
	if (pkvm_info(PKVM_NR_MEMINFO, &granule, &flags)) {
		pr_err("pKVM does not say its granule: running unprotected\n");
		return NULL;
	}
	if (!granule_ok(granule)) {
		pr_err("pKVM with a granule of %#llx bytes: running unprotected\n", granule);
		return NULL;
	}

	pkvm_backend.granule = granule;
	pkvm_backend.ranges = flags & PKVM_HAS_RANGE;
	pkvm_backend.relinquish = HAS(features, MEM_RELINQUISH);
	set_up_guard(features);
	pkvm_backend.features = pkvm_audit(HAS(features, MMIO_GUARD_ENROLL));
	return &pkvm_backend;
}

/**
 * pkvm_init_hyp_services() - warn if the host hides calls that pKVM has
 *
 * The kernel calls this if PSCI was found and the vendor UID is KVM's. pkvm_probe() has
 * run before.
 *
 * Context: Boot, one CPU.
 */
void __init pkvm_init_hyp_services(void)
{
	if (pguest_backend == &pkvm_backend &&
	    !kvm_arm_hyp_service_available(PKVM_NR_MEM_SHARE))
		pr_warn("the host hides pKVM's calls, the hypervisor does not\n");
}
