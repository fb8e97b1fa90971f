// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was found at boot, by the names that a newer tree has for it.
 *
 * Such a tree has backends of its own, which are not built, and asks about them
 * in page tables, in the DMA core and in cc_platform_has(). It gets our answers.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/mem_encrypt.h>

#include <asm/hypervisor.h>
#include <asm/pguest.h>
#include <asm/rsi.h>

/* PROT_NS_SHARED, which is what pgprot_decrypted() adds */
unsigned long prot_ns_shared __ro_after_init;
EXPORT_SYMBOL(prot_ns_shared);

/* is_protected_kvm_guest() */
DEFINE_STATIC_KEY_FALSE_RO(pkvm_guest);
EXPORT_SYMBOL_GPL(pkvm_guest);

/**
 * arm64_rsi_init() - tell the tree who protects us
 *
 * The tree would look for an RMM here. We have, long before.
 *
 * Context: setup_arch(), after PSCI was found.
 */
void __init arm64_rsi_init(void)
{
	prot_ns_shared = pguest_shared_pte;
	if (pguest_active() && !pguest_shared_bit)
		static_branch_enable(&pkvm_guest);
}

/**
 * arm64_rsi_is_protected() - is a device of a realm in its protected half?
 * @start: first byte
 * @size: bytes
 *
 * Context: Any.
 * Return: true unless it has to be mapped at another address.
 */
bool arm64_rsi_is_protected(phys_addr_t start, size_t size)
{
	phys_addr_t at = start;

	return !__pguest_locate(&at, size, true) && at == start;
}
EXPORT_SYMBOL(arm64_rsi_is_protected);

/**
 * arm64_mem_crypt_ops_register() - offer to share memory
 * @ops: how
 *
 * Return: -EBUSY: sharing memory has an owner.
 */
int arm64_mem_crypt_ops_register(const struct arm64_mem_crypt_ops *ops)
{
	return -EBUSY;
}
