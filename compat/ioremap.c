// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioremap() for trees since Linux 6.7, where arm64 has its own ioremap_prot() before
 * generic_ioremap_prot(). On older trees a hook changes ioremap_prot() itself.
 */
#include <linux/io.h>
#include <linux/pguest_mmio.h>

#include <asm/pguest_mmio.h>

/**
 * pguest_ioremap() - generic_ioremap_prot() for a device of a protected VM
 * @phys: first byte
 * @size: bytes
 * @prot: attributes of the mapping
 *
 * Context: Process.
 * Return: the mapping, or NULL.
 */
void __iomem *pguest_ioremap(phys_addr_t phys, size_t size, pgprot_t prot)
{
	void __iomem *addr;

	if (pguest_map_device(&phys, size, prot))
		return NULL;
	addr = generic_ioremap_prot(phys, size, prot);
	pguest_device_mapped(phys, size, prot, (__force const void *)addr);
	return addr;
}
