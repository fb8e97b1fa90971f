// SPDX-License-Identifier: GPL-2.0-only
/*
 * The size of the default bounce pool.
 */
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/sizes.h>

#include <asm/pguest.h>

static u64 floor_bytes(unsigned int cpus, unsigned long page)
{
	return SZ_2M + (u64)SZ_512K * cpus + 128 * (u64)(page - SZ_4K);
}

static u64 ceiling_bytes(u64 ram)
{
	return rounddown_pow_of_two(max_t(u64, ram / 8, SZ_1M));
}

/**
 * pguest_pool_least() - least size with which devices work
 * @ram: memory of the guest in bytes
 * @cpus: CPUs that it may have
 * @page: bytes of a page
 *
 * Context: Any.
 * Return: bytes.
 */
unsigned long pguest_pool_least(u64 ram, unsigned int cpus, unsigned long page)
{
	return min(floor_bytes(cpus, page), ceiling_bytes(ram));
}

/**
 * pguest_pool_size() - size of the default bounce pool
 * @ram: memory of the guest in bytes
 * @cpus: CPUs that it may have
 * @page: bytes of a page
 *
 * The pool takes no more of it than devices use. If it is too large, the kernel has less
 * memory for what cannot be moved; if it is too small, devices wait.
 *
 *   floor	2 MiB and 512 KiB for each CPU: receive buffers of network and console
 *		queues, and disk requests (see pguest_max_sectors()). A console has
 *		128 buffers of a page, which count beyond 4 KiB each;
 *		pguest_queue_entries() cuts larger queues
 *   share	a sixteenth of RAM up to 64 MiB, then a sixty-fourth, up to 1 GiB
 *   ceiling	an eighth of RAM, whatever the floor says
 *
 * Context: Any.
 * Return: bytes, a power of two, to which SWIOTLB would round it.
 */
unsigned long pguest_pool_size(u64 ram, unsigned int cpus, unsigned long page)
{
	u64 floor = floor_bytes(cpus, page);
	u64 share = max(min_t(u64, ram / 16, SZ_64M), min_t(u64, ram / 64, SZ_1G));

	return min_t(u64, roundup_pow_of_two(max(floor, share)), ceiling_bytes(ram));
}
