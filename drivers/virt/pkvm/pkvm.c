// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pKVM backend, mainline's interface and Android's: its probe.
 *
 * Mainline shares one granule by a call, and has no MMIO guard. Android has calls for
 * ranges, an MMIO guard, and a call for pages that the balloon gives to the host. The
 * backend uses the calls that FEATURES reports.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/bitops.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/printk.h>

#include <asm/hypervisor.h>
#include <asm/pkvm_backend.h>
#include <asm/pkvm_cmds.h>
#include <asm/pkvm_features.h>

static const struct pguest_ops pkvm_ops = {
	.name		= "pKVM",
	.claim		= "claimed by the hypervisor",
	.share		= pkvm_share,
	.unshare	= pkvm_unshare,
	.map_mmio	= pkvm_map_mmio,
	.unmap_mmio	= pkvm_unmap_mmio,
	.relinquish	= pkvm_relinquish,
	.ran_before	= pkvm_ran_before,
	.power_off	= pkvm_power_off,
	.show_features	= pkvm_show_features,
};

struct pguest_backend pkvm_backend __ro_after_init = { .ops = &pkvm_ops };

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
	if (!pguest_granule_valid(granule, memblock_phys_mem_size())) {
		pr_err("pKVM with a granule of %#llx bytes: running unprotected\n", granule);
		return NULL;
	}

	pkvm_backend.granule = granule;
	pkvm_backend.ranges = flags & PKVM_HAS_RANGE;
	pkvm_backend.relinquish = PKVM_HAS_CALL(features, MEM_RELINQUISH);
	pkvm_init_guard(features);
	pkvm_backend.features = pkvm_audit(PKVM_HAS_CALL(features, MMIO_GUARD_ENROLL));
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
