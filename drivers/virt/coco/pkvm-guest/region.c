// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of the attestation that is in no mapping: the region in which the firmware hands
 * over its secrets, and a page that keeps the key which is derived of them. Both are
 * no-map, so that /proc/kcore and crash dumps do not have them; they are mapped while
 * they are used, and the key is overwritten before another kernel runs.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cacheflush.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/pguest_kexec.h>
#include <linux/pgtable.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <asm/pguest.h>
#include <asm/pkvm_backend.h>

#include "pkvm-guest.h"

static phys_addr_t key_page __ro_after_init;

/*
 * An address at which a kernel that crashed maps the page of the key. All page tables of it
 * are there, because a crash may come while any lock is held.
 */
static struct {
	void *at;
	pte_t *pte;
} crash_window __ro_after_init;

/**
 * pkvm_dice_reserve() - set a page aside for the key, if the firmware hands over a secret
 *
 * It is taken out of the linear map, which does not exist yet. As with no-map regions of
 * the device tree, memblock does not hand it out any more, without a reservation.
 *
 * Context: setup_arch(), when all RAM is known.
 */
void __init pkvm_dice_reserve(void)
{
	phys_addr_t start, end, at;

	if (pguest_backend != &pkvm_backend || !pguest_handover_region(&start, &end))
		return;
	at = memblock_phys_alloc(PAGE_SIZE, PAGE_SIZE);
	if (!at)
		return;
	if (!memblock_mark_nomap(at, PAGE_SIZE))
		key_page = at;
	memblock_phys_free(at, PAGE_SIZE);
}

/* The audit of the device tree cannot know all RAM if EFI describes it. */
static bool __init is_no_map_ram(phys_addr_t start, phys_addr_t end)
{
	phys_addr_t at;

	if (!memblock_is_region_memory(start, end - start))
		return false;
	for (at = start; at < end; at += PAGE_SIZE) {
		if (memblock_is_map_memory(at))
			return false;
	}
	return true;
}

/*
 * What the host can see it has read, and may have written. Only the VM shares its memory, so
 * that a firmware has done it, or a kernel before this one. The ledger of this one has no
 * granule of the region, as it shares whole granules of what is mapped.
 */
static bool __init host_sees(phys_addr_t start, phys_addr_t end)
{
	phys_addr_t granule = pkvm_backend.granule, at;
	bool shared = false;

	for (at = ALIGN_DOWN(start, granule); at < end; at += granule)
		shared |= pkvm_ran_before(at);
	return shared;
}

static void *map_memory(phys_addr_t start, size_t size)
{
	return memremap(start, size, MEMREMAP_WB);
}

/* The firmware and /dev/open-dice0 use the region around the caches. */
static void unmap_memory(void *at, size_t size)
{
	unsigned long addr = (unsigned long)at;

	dcache_clean_inval_poc(addr, addr + size);
	memunmap(at);
}

/**
 * pkvm_dice_read_region() - copy what the firmware hands over
 * @data: set to the copy, which the caller wipes and frees with kvfree_sensitive()
 * @size: set to its bytes
 *
 * Context: Boot, process.
 * Return: 0; -ENODEV if there is no region, -EPERM if it is not in RAM of its own or the host
 * can see it, -ENOMEM.
 */
int __init pkvm_dice_read_region(u8 **data, size_t *size)
{
	phys_addr_t start, end;
	void *at;

	if (pguest_backend != &pkvm_backend || !pguest_handover_region(&start, &end))
		return -ENODEV;
	if (!is_no_map_ram(start, end) || host_sees(start, end))
		return -EPERM;
	if (!key_page)
		return -ENOMEM;
	*size = end - start;
	*data = kvmalloc(*size, GFP_KERNEL);
	at = map_memory(start, *size);
	if (*data && at)
		memcpy(*data, at, *size);
	if (at)
		unmap_memory(at, *size);
	if (!*data || !at) {
		kvfree(*data);
		return -ENOMEM;
	}
	return 0;
}

/**
 * pkvm_dice_write_region() - overwrite the region
 * @data: what it has afterwards; the rest is zero
 * @size: bytes of @data, not more than the region has
 *
 * Context: Boot, process.
 * Return: 0, -EINVAL if @data is too large, or -ENOMEM.
 */
int __init pkvm_dice_write_region(const u8 *data, size_t size)
{
	phys_addr_t start, end;
	void *at;

	if (!pguest_handover_region(&start, &end) || size > end - start)
		return -EINVAL;
	at = map_memory(start, end - start);
	if (!at)
		return -ENOMEM;
	memset(at, 0, end - start);
	if (size)
		memcpy(at, data, size);
	unmap_memory(at, end - start);
	return 0;
}

static int __init take_pte(pte_t *pte, unsigned long addr, void *data)
{
	crash_window.pte = pte;
	return 0;
}

static int __init make_crash_window(void)
{
	struct vm_struct *area = get_vm_area(PAGE_SIZE, VM_IOREMAP);

	if (!area)
		return -ENOMEM;
	crash_window.at = area->addr;
	return apply_to_page_range(&init_mm, (unsigned long)area->addr, PAGE_SIZE, take_pte,
				   NULL);
}

/**
 * pkvm_dice_put_key() - keep the key
 * @key: the key; the caller wipes it
 *
 * Context: Boot, process.
 * Return: 0, or -ENOMEM.
 */
int __init pkvm_dice_put_key(const struct ed25519_key *key)
{
	void *at = make_crash_window() ? NULL : map_memory(key_page, PAGE_SIZE);

	if (!at)
		return -ENOMEM;
	memset(at, 0, PAGE_SIZE);
	memcpy(at, key, sizeof(*key));
	unmap_memory(at, PAGE_SIZE);
	/* CONFIG_STRICT_DEVMEM keeps /dev/mem out of System RAM, which a no-map page is not. */
	if (!request_mem_region_exclusive(key_page, PAGE_SIZE, "attestation key"))
		pr_warn("the key is not kept from /dev/mem\n");
	return 0;
}

/**
 * pkvm_dice_wipe_key() - overwrite the key
 *
 * Context: Process. The caller serialises calls with pkvm_dice_sign().
 * Return: 0, or -ENOMEM.
 */
int pkvm_dice_wipe_key(void)
{
	void *at = map_memory(key_page, PAGE_SIZE);

	if (!at)
		return -ENOMEM;
	memset(at, 0, PAGE_SIZE);
	unmap_memory(at, PAGE_SIZE);
	return 0;
}

/**
 * pkvm_dice_before_crash() - overwrite the key before a crash kernel starts
 *
 * A CPU that was stopped while it made a report may have left values behind of which the key
 * can be computed.
 *
 * Context: The CPU that crashed, with all exceptions masked. Takes no lock.
 */
void pkvm_dice_before_crash(void)
{
	unsigned long at = (unsigned long)crash_window.at;

	if (!crash_window.pte)
		return;
	set_pte(crash_window.pte, pfn_pte(PHYS_PFN(key_page), PAGE_KERNEL));
	memzero_explicit(crash_window.at, PAGE_SIZE);
	dcache_clean_inval_poc(at, at + PAGE_SIZE);
}

/**
 * pkvm_dice_sign() - make a report with the key
 * @out: the buffer, with room for DICE_REPORT_MAX bytes
 * @challenge: the challenge
 * @region: what has become of the region, for the claims
 *
 * Context: Process, may sleep. The caller serialises calls.
 * Return: 0, -ENOMEM, or the error of dice_report().
 */
int pkvm_dice_sign(struct cbor_out *out, const u8 challenge[DICE_CHALLENGE_SIZE],
		   enum dice_region region)
{
	void *key = map_memory(key_page, PAGE_SIZE);
	int err;

	if (!key)
		return -ENOMEM;
	err = dice_report(out, key, challenge, region);
	unmap_memory(key, PAGE_SIZE);
	return err;
}
