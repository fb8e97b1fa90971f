/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices of a protected VM: the address where one is mapped, and the MMIO guard.
 */
#ifndef _LINUX_PGUEST_MMIO_H
#define _LINUX_PGUEST_MMIO_H

#include <linux/mm_types.h>
#include <linux/pguest_core.h>
#include <linux/types.h>

#ifdef CONFIG_PGUEST
void pguest_iounmap(const void *addr);
#else
static inline void pguest_iounmap(const void *addr)
{
}
#endif

/* Called in a protected VM alone, see linux/pguest_core.h. */
int __pguest_map_mmio(phys_addr_t phys, size_t size);
void __pguest_unmap_mmio(phys_addr_t phys, size_t size);
int __pguest_locate(phys_addr_t *phys, size_t size, bool device);
phys_addr_t __pguest_device(phys_addr_t phys, size_t size);
int __pguest_map_device(phys_addr_t *phys, size_t size, pgprot_t prot);
void __pguest_device_mapped(phys_addr_t phys, size_t size, pgprot_t prot,
			    const void *addr);

/**
 * pguest_map_mmio() - prepare access to the registers of a device
 * @phys: first byte; set to the address that must be mapped
 * @size: bytes, more than 0
 *
 * pguest_unmap_mmio() of the same range undoes it.
 *
 * Context: Any.
 * Return: 0, or an error if an access would fault.
 */
static inline int pguest_map_mmio(phys_addr_t *phys, size_t size)
{
	int err;

	if (!pguest_active())
		return 0;
	err = __pguest_locate(phys, size, true);
	return err ?: __pguest_map_mmio(*phys, size);
}

/**
 * pguest_unmap_mmio() - end access to the registers of a device
 * @phys: first byte, as in pguest_map_mmio()
 * @size: bytes, as there
 *
 * Context: Any.
 */
static inline void pguest_unmap_mmio(phys_addr_t phys, size_t size)
{
	if (pguest_active())
		__pguest_unmap_mmio(phys, size);
}

/**
 * pguest_device() - address at which a range of firmware's memory map is mapped
 * @phys: first byte
 * @size: bytes
 * @is_device: true if firmware describes the range as MMIO
 *
 * Context: Any.
 * Return: the address to map. @phys if no device can be there; this has been logged.
 */
static inline phys_addr_t pguest_device(phys_addr_t phys, size_t size, bool is_device)
{
	return pguest_active() && is_device ? __pguest_device(phys, size) : phys;
}

/**
 * pguest_map_device() - pguest_map_mmio() for a mapping of any kind
 * @phys: first byte; set to the address that must be mapped
 * @size: bytes
 * @prot: attributes of the mapping; the MMIO guard is not asked for cacheable ones
 *
 * The caller reports the result of the mapping by pguest_device_mapped(), and its
 * end by pguest_iounmap().
 *
 * Context: Process.
 * Return: 0, or an error if an access would fault; this has been logged.
 */
static inline int pguest_map_device(phys_addr_t *phys, size_t size, pgprot_t prot)
{
	return pguest_active() ? __pguest_map_device(phys, size, prot) : 0;
}

/**
 * pguest_device_mapped() - report the result of a mapping after pguest_map_device()
 * @phys: the address that pguest_map_device() has set
 * @size: bytes, as given to it
 * @prot: attributes, as given to it
 * @addr: address of the mapping, NULL if it failed
 *
 * Context: Process.
 */
static inline void pguest_device_mapped(phys_addr_t phys, size_t size, pgprot_t prot,
					const void *addr)
{
	if (pguest_active())
		__pguest_device_mapped(phys, size, prot, addr);
}

#endif /* _LINUX_PGUEST_MMIO_H */
