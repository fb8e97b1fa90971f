// SPDX-License-Identifier: GPL-2.0-only
/*
 * pKVM: the MMIO guard, which decides where the host may emulate devices.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/printk.h>

#include <asm/pkvm_backend.h>
#include <asm/pkvm_cmds.h>

/* The guard has calls for ranges, besides those for a granule. */
static bool guard_maps_ranges __ro_after_init;
static bool guard_unmaps_ranges __ro_after_init;

/**
 * pkvm_map_mmio() - map_mmio() of struct pguest_ops
 * @start: first byte
 * @end: the byte after the last
 * @top: set to the address that the call reached
 *
 * Context: Any.
 * Return: 0, or the error of the call.
 */
int pkvm_map_mmio(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	u32 nr = guard_maps_ranges ? PKVM_NR_MMIO_RGUARD_MAP : PKVM_NR_MMIO_GUARD_MAP;

	return pkvm_do_call(nr, guard_maps_ranges, pkvm_backend.mmio_granule, start, end,
			    top);
}

/**
 * pkvm_unmap_mmio() - unmap_mmio() of struct pguest_ops
 * @start: first byte
 * @end: the byte after the last
 * @top: set to the address that the call reached
 *
 * Context: Any.
 * Return: 0, or the error of the call.
 */
int pkvm_unmap_mmio(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	u32 nr = guard_unmaps_ranges ? PKVM_NR_MMIO_RGUARD_UNMAP :
				       PKVM_NR_MMIO_GUARD_UNMAP;

	return pkvm_do_call(nr, guard_unmaps_ranges, pkvm_backend.mmio_granule, start, end,
			    top);
}

/**
 * pkvm_init_guard() - enable the MMIO guard, if it can be used
 * @features: what FEATURES reports
 *
 * Sets what the backend has of it. With Android's guard enabled and without the call that
 * maps, no device could be accessed.
 *
 * Context: Boot, one CPU. The granule of the backend is known.
 */
void __init pkvm_init_guard(u32 features)
{
	bool android = PKVM_HAS_CALL(features, MMIO_GUARD_ENROLL);
	u64 granule = pkvm_backend.granule, flags = 0;
	int err;

	if (!PKVM_HAS_CALL(features, MMIO_GUARD_MAP)) {
		if (android)
			pr_err("MMIO guard without a call to map: left alone\n");
		return;
	}
	if (PKVM_HAS_CALL(features, MMIO_GUARD_INFO) &&
	    pkvm_info(PKVM_NR_MMIO_GUARD_INFO, &granule, &flags)) {
		pr_err("MMIO guard does not say its granule: left alone\n");
		return;
	}
	if (!pguest_granule_valid(granule, memblock_phys_mem_size())) {
		pr_err("MMIO guard with a granule of %#llx bytes: left alone\n", granule);
		return;
	}
	err = android ? pkvm_enroll() : 0;
	/* An answer that is not in the ABI says nothing of what was done. */
	if (err && !pguest_is_refusal(err))
		err = pkvm_enroll();
	if (pguest_is_refusal(err)) {
		pr_err("MMIO guard refuses to be switched on: left alone\n");
		return;
	}
	/* If it is on and taken to be off, the first access to a console ends the VM. */
	if (err)
		pr_err("MMIO guard: unknown answer %d, taken to be on\n", err);

	pkvm_backend.mmio_granule = granule;
	pkvm_backend.unmap_mmio = PKVM_HAS_CALL(features, MMIO_GUARD_UNMAP);

	/* The flag and the feature bits can disagree: ranges need both. */
	if (!(flags & PKVM_HAS_RANGE) || !PKVM_HAS_CALL(features, MMIO_RGUARD_MAP))
		return;
	guard_maps_ranges = true;
	if (PKVM_HAS_CALL(features, MMIO_RGUARD_UNMAP)) {
		guard_unmaps_ranges = true;
		pkvm_backend.unmap_mmio = true;
	}
}
