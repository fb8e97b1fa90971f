/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that the host supplies to a protected VM: steal time, clock, generation ID.
 */
#ifndef _LINUX_PGUEST_HOSTPAGE_H
#define _LINUX_PGUEST_HOSTPAGE_H

#include <linux/io.h>
#include <linux/pguest_core.h>
#include <linux/types.h>

struct device;
struct platform_device;

#ifdef CONFIG_PGUEST
void *pguest_map_host_page(phys_addr_t phys, size_t size, enum pguest_owner owner);
void pguest_unmap_host_page(void *addr);
void *pguest_devm_host_page(struct device *dev, phys_addr_t phys, size_t size,
			    enum pguest_owner owner);
void *pguest_platform_host_page(struct platform_device *pdev, size_t size,
				enum pguest_owner owner);
#else
#define pguest_unmap_host_page(addr)	memunmap(addr)
#define pguest_devm_host_page(dev, phys, size, ...)	\
	devm_memremap(dev, phys, size, MEMREMAP_WB)
#define pguest_platform_host_page(...)	NULL	/* called in a protected VM alone */
#endif

/* Called in a protected VM alone, see linux/pguest_core.h. */
void *__pguest_map_steal(phys_addr_t phys);
u64 __pguest_steal_clock(int cpu, u64 host);

/**
 * pguest_steal_clock() - limit the steal time of a CPU to what is possible
 * @cpu: the CPU
 * @host: nanoseconds, as the host gives them
 *
 * Context: Any.
 * Return: nanoseconds that never decrease, and never grow faster than time.
 */
static inline u64 pguest_steal_clock(int cpu, u64 host)
{
	return pguest_active() ? __pguest_steal_clock(cpu, host) : host;
}

#endif /* _LINUX_PGUEST_HOSTPAGE_H */
