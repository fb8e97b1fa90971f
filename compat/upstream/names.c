// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of a newer tree's realm backend, answered by pguest.
 *
 * Such a tree has backends of its own, which are not built. Page tables, the DMA core and
 * cc_platform_has() call these functions.
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
 * arm64_rsi_init() - set the tree's own variables for realms and pKVM guests
 *
 * The tree detects an RMM here. pguest_probe() has done so before.
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
 * arm64_rsi_is_protected() - is a device of a realm at a protected address?
 * @start: first byte
 * @size: bytes
 *
 * Context: Any.
 * Return: true unless it must be mapped at another address.
 */
bool arm64_rsi_is_protected(phys_addr_t start, size_t size)
{
	phys_addr_t at = start;

	return !__pguest_locate(&at, size, true) && at == start;
}
EXPORT_SYMBOL(arm64_rsi_is_protected);

/**
 * arm64_mem_crypt_ops_register() - refuse another implementation of sharing memory
 * @ops: the implementation
 *
 * Context: Any.
 * Return: -EBUSY, because pguest shares memory.
 */
int arm64_mem_crypt_ops_register(const struct arm64_mem_crypt_ops *ops)
{
	return -EBUSY;
}
