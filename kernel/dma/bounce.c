// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DMA policy: all data of devices is copied through bounce pools.
 *
 * No page of the kernel or of a program is ever shared for a transfer. The exception are
 * devices that may access private memory (TDISP), of which there are none yet. A pool is
 * shared piece by piece when a piece is used, which saves the hypercalls for the part
 * that is never used. pool.c has the pieces of the default pool, which come and go.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/device.h>
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/log2.h>
#include <linux/memblock.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/pguest_coherent.h>
#include <linux/pguest_virtio.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include <asm/pguest.h>

#include <compat/swiotlb.h>

#include "pool.h"

/* A segment of SWIOTLB, the largest mapping: slots never cross its boundary. */
#define SEGMENT		((phys_addr_t)IO_TLB_SEGSIZE * IO_TLB_SIZE)

/* Segments that the hypervisor refused, which are not requested again */
#define MAX_REFUSED	64

static DEFINE_PER_CPU(u64, bytes_bounced);

static DEFINE_SPINLOCK(refused_lock);
static phys_addr_t refused[MAX_REFUSED];
static unsigned int nr_refused;

#ifdef CONFIG_PGUEST_TEST_KNOBS
static bool no_bounce __ro_after_init;

static int __init no_bounce_param(char *value)
{
	pr_warn("TEST: forced bouncing is off\n");
	no_bounce = true;
	return 0;
}
early_param("pguest_test.no_bounce", no_bounce_param);
#else
#define no_bounce	false
#endif

/* Devices that may access private memory, by their address */
static DEFINE_XARRAY(private_devices);
static DEFINE_STATIC_KEY_FALSE(private_dma);

/* Bouncing, coherent buffers, DMA addresses and masks all depend on this. */
static bool dma_is_private(struct device *dev)
{
	return static_branch_unlikely(&private_dma) &&
	       xa_load(&private_devices, (unsigned long)dev);
}

/**
 * pguest_set_dma_private() - set whether a device may access private memory
 * @dev: the device that does DMA
 * @private: true if it may: its data is not copied, and nothing is shared for it
 *
 * The caller must have attested the device, and made the hypervisor map the VM's memory
 * for it. By default there is no such device.
 *
 * Context: Process. The device must have no driver and no DMA mappings.
 * Return: 0, -EALREADY if nothing changes, or -ENOMEM.
 */
int pguest_set_dma_private(struct device *dev, bool private)
{
	unsigned long index = (unsigned long)dev;
	int err;

	if (private) {
		err = xa_insert(&private_devices, index, dev, GFP_KERNEL);
		if (err)
			return err == -EBUSY ? -EALREADY : err;
		static_branch_inc(&private_dma);
		return 0;
	}
	if (!xa_erase(&private_devices, index))
		return -EALREADY;
	static_branch_dec(&private_dma);
	return 0;
}

/* Behind pguest_force_bounce(). */
bool __pguest_force_bounce(struct device *dev)
{
	return !no_bounce && !dma_is_private(dev);
}
EXPORT_SYMBOL_GPL(__pguest_force_bounce);

struct pguest_direct pguest_direct __read_mostly;

static bool owner_passes(phys_addr_t addr)
{
	struct pguest_entry entry = pguest_ledger_get(&pguest_memory.ledger, addr);

	return entry.state == PGUEST_SHARED && pguest_owner_is_direct(entry.owner);
}

/* Behind pguest_dma_is_shared() */
bool __pguest_dma_is_shared(struct device *dev, phys_addr_t phys, size_t size)
{
	phys_addr_t at = ALIGN_DOWN(phys, pguest_backend->granule);

	if (no_bounce || !size || !dev->dma_mask)
		return false;
	if (phys - pguest_direct.pool < pguest_direct.pool_size)
		return __pguest_is_pages(phys, size) && pguest_can_address(dev, phys, size);
	for (; at < phys + size; at += pguest_backend->granule) {
		if (!owner_passes(at))
			return false;
	}
	return pguest_can_address(dev, phys, size);
}
EXPORT_SYMBOL_GPL(__pguest_dma_is_shared);

/**
 * pguest_map_shared() - map memory that is shared already
 * @dev: the device that does DMA
 * @phys: physical address, of which pguest_dma_is_shared() is true
 * @size: bytes
 * @dir: who writes
 * @attrs: attributes of the mapping
 *
 * Context: Any.
 * Return: the address for the device.
 */
dma_addr_t pguest_map_shared(struct device *dev, phys_addr_t phys, size_t size,
			     enum dma_data_direction dir, unsigned long attrs)
{
	if (!dev_is_dma_coherent(dev) && !(attrs & DMA_ATTR_SKIP_CPU_SYNC)) {
		arch_sync_dma_for_device(phys, size, dir);
		/* Later trees leave the barrier behind the maintenance to the caller. */
		mb();
	}
	return phys_to_dma_unencrypted(dev, phys);
}
EXPORT_SYMBOL_GPL(pguest_map_shared);

/* Behind pguest_alloc_from_pool(). */
bool __pguest_alloc_from_pool(struct device *dev)
{
	/*
	 * A page that is part of a granule cannot be shared alone. For a device that is
	 * not coherent the DMA core asks to share a remapped alias, and not the page.
	 */
	return !dma_is_private(dev) &&
	       (pguest_backend->granule > PAGE_SIZE || !dev_is_dma_coherent(dev));
}
EXPORT_SYMBOL_GPL(__pguest_alloc_from_pool);

/* Behind pguest_alloc_atomic(). */
bool __pguest_alloc_atomic(struct device *dev)
{
	return !dev_is_dma_coherent(dev) && !dev->dma_io_tlb_mem->for_alloc &&
	       !dma_is_private(dev);
}

/**
 * pguest_share_atomic_pool() - share a part of the pool for atomic context
 * @addr: its first page in the linear map
 * @npages: its size in pages
 *
 * The DMA core cleans the cache before this, and has a mapping without cache by then. The
 * layer clears what it shares through the linear map. If stage 2 does not force memory to
 * be cached (no FEAT_S2FWB), lines that this leaves dirty would be written over the data of
 * devices later.
 *
 * Context: Process. May sleep.
 * Return: as pguest_share_pages().
 */
int pguest_share_atomic_pool(unsigned long addr, unsigned long npages)
{
	int err = pguest_share_pages(addr, npages, PGUEST_ATOMIC);

	if (!err && pguest_active())
		arch_dma_prep_coherent(virt_to_page((void *)addr), npages << PAGE_SHIFT);
	return err;
}

/**
 * pguest_pool_piece() - what is shared of a pool at a time
 *
 * Context: Any, in a protected VM.
 * Return: bytes, a power of two.
 */
phys_addr_t pguest_pool_piece(void)
{
	return max(SEGMENT, pguest_backend->granule);
}

/* Was a segment refused that begins in [@start, @end)? */
static bool refused_within(phys_addr_t start, phys_addr_t end)
{
	unsigned int i, n = smp_load_acquire(&nr_refused);	/* remember_refused() */

	for (i = 0; i < n; i++) {
		if (refused[i] >= start && refused[i] < end)
			return true;
	}
	/* The list is full: assume that all others will be refused as well. */
	return n == MAX_REFUSED;
}

static bool was_refused(phys_addr_t segment)
{
	return refused_within(segment, segment + 1);
}

static void remember_refused(phys_addr_t segment, int err)
{
	unsigned long flags;

	spin_lock_irqsave(&refused_lock, flags);
	if (nr_refused < MAX_REFUSED) {
		refused[nr_refused] = segment;
		/* Pairs with refused_within(): no entry is read before it is there. */
		smp_store_release(&nr_refused, nr_refused + 1);
	}
	spin_unlock_irqrestore(&refused_lock, flags);
	pguest_err("bounce pool: segment at %pa cannot be shared: %d\n",
		   &segment, err);
}

static bool segment_ready(phys_addr_t start, phys_addr_t end,
			  enum pguest_owner owner)
{
	int err;

	/* A segment is shared as a whole, so its first granule stands for all. */
	if (pguest_space_shared(&pguest_memory, start))
		return true;
	if (start >= end || was_refused(start))
		return false;
	err = pguest_share_pages((unsigned long)phys_to_virt(start),
				 (end - start) >> PAGE_SHIFT, owner);
	/* Two CPUs can get here for the same segment: it has two owners then. */
	if (!err)
		return true;
	if (err != -ENOMEM)
		remember_refused(start, err);
	return false;
}

/* What is shared at a time, in whole pages */
static phys_addr_t pool_granule(void)
{
	return max_t(phys_addr_t, pguest_backend->granule, PAGE_SIZE);
}

static bool range_ready(struct device *dev, phys_addr_t pool_start,
			phys_addr_t pool_end, phys_addr_t start, phys_addr_t end)
{
	enum pguest_owner owner = dev->dma_io_tlb_mem->for_alloc ?
				  PGUEST_RESTRICTED : PGUEST_BOUNCE;
	phys_addr_t granule = pool_granule();
	phys_addr_t step = max(SEGMENT, granule);
	/* The pool does not own all of a granule that it shares with other memory. */
	phys_addr_t low = ALIGN(pool_start, granule);
	phys_addr_t high = ALIGN_DOWN(pool_end, granule);
	phys_addr_t at, from, next;

	/* A pool without a whole granule can never be used. */
	if (low >= high && !was_refused(pool_start))
		remember_refused(pool_start, -EINVAL);
	if (start < low || end > high)
		return false;

	for (at = start; at < end; at = next) {
		from = max(ALIGN_DOWN(at, step), low);
		next = min(ALIGN_DOWN(at, step) + step, high);
		if (!segment_ready(from, next, owner))
			return false;
	}
	return true;
}

static noinline bool make_ready(struct device *dev, phys_addr_t start, phys_addr_t end,
				phys_addr_t first, phys_addr_t last)
{
	int err;

	if (!pguest_default_get(start, first, &err))
		return range_ready(dev, start, end, first, last);
	if (err && err != -EAGAIN && err != -ENOMEM)
		remember_refused(first, err);
	return !err;
}

/* Behind pguest_bounce_ready(). Most mappings find their piece shared. */
bool __pguest_bounce_ready(struct device *dev, phys_addr_t start, phys_addr_t end,
			   unsigned int slot, unsigned int nslots)
{
	phys_addr_t first = start + ((phys_addr_t)slot << IO_TLB_SHIFT);

	if (pguest_pool_is_default(start) && pguest_default_pool.users) {
		if (slot < pguest_default_pool.disk_slots &&
		    !pguest_pool_may_have(&pguest_default_pool, slot, dev))
			return false;
		if (pguest_pool_count(&pguest_default_pool, first))
			return true;
	}
	return make_ready(dev, start, end, first,
			  first + ((phys_addr_t)nslots << IO_TLB_SHIFT));
}
EXPORT_SYMBOL_GPL(__pguest_bounce_ready);

/**
 * pguest_pool_bytes() - size of the bounce pool of a device
 * @dev: the device that does DMA
 *
 * Context: Any.
 * Return: bytes, to which the pool can grow. 0 after swiotlb=noforce, or with too little
 *	   memory at boot.
 */
unsigned long pguest_pool_bytes(struct device *dev)
{
	struct io_tlb_mem *pool = dev->dma_io_tlb_mem;

	return pool ? pool->nslabs << IO_TLB_SHIFT : 0;
}

/* A segment is shared as a whole, so its first granule stands for all. */
static bool half_is_shared(phys_addr_t start, phys_addr_t end)
{
	phys_addr_t at, next, shared = 0;

	for (at = ALIGN(start, pool_granule()); at < end; at = next) {
		next = min(ALIGN_DOWN(at, SEGMENT) + SEGMENT, end);
		if (pguest_space_shared(&pguest_memory, at))
			shared += next - at;
	}
	return shared >= (end - start) / 2;
}

/* Can a request find slots once others have ended? It takes a quarter of a pool at most. */
static bool pool_serves(struct device *dev)
{
	unsigned long size = pguest_pool_bytes(dev);
	phys_addr_t start;
	bool serves;

	if (!size)
		return false;
	start = compat_pool_start(dev->dma_io_tlb_mem);
	if (pguest_default_serves(start, &serves))
		return serves;
	return !refused_within(start, start + size) || half_is_shared(start, start + size);
}

/* Behind pguest_dma_error(). */
int __pguest_dma_error(struct device *dev, int err)
{
	return err == -ENOMEM && !pool_serves(dev) ? -EIO : err;
}
EXPORT_SYMBOL_GPL(__pguest_dma_error);

/*
 * Behind pguest_add_again(). The mapping that has failed has started the pool's worker. To
 * enlarge the pool here could need memory that a balloon is about to give.
 */
bool __pguest_add_again(struct device *dev)
{
	if (!pool_serves(dev))
		return false;
	schedule_timeout_uninterruptible(1);
	return true;
}
EXPORT_SYMBOL_GPL(__pguest_add_again);

/* Behind pguest_count_bounced(). */
void __pguest_count_bounced(size_t size)
{
	this_cpu_add(bytes_bounced, size);
}

/**
 * pguest_bytes_bounced() - bytes that were copied since boot
 *
 * Context: Any.
 * Return: bytes in both directions together.
 */
u64 pguest_bytes_bounced(void)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu(bytes_bounced, cpu);
	return sum;
}

static atomic_long_t pool_full;

/* Behind pguest_pool_full(). */
void __pguest_pool_full(struct device *dev)
{
	/* A restricted pool has all that it can have. */
	if (!dev->dma_io_tlb_mem->for_alloc) {
		pguest_cells_trim(0);
		pguest_pool_want_piece();
	}
	pguest_disk_is_short(dev);
	atomic_long_inc(&pool_full);
	pguest_pool_waits(dev);
}

/**
 * pguest_pool_was_full() - how often a mapping found no free slots
 *
 * Context: Any.
 * Return: times since boot.
 */
unsigned long pguest_pool_was_full(void)
{
	return atomic_long_read(&pool_full);
}

/**
 * pguest_clear_slots() - prepare slots that a device is to fill
 * @dev: the device that does DMA
 * @slots: the slots
 * @size: bytes
 *
 * The device is not shown what the driver's buffer held before. All of the slots is copied to
 * that buffer in the end, and what the device did not write has to be zeroes rather than data
 * of another request.
 *
 * Sectors of a virtio disk are the exception: a request is done as a whole, or ends in an
 * error and its data is not used. What a host leaves there against that rule, it could have
 * written as well.
 *
 * Context: Any.
 */
void pguest_clear_slots(struct device *dev, void *slots, size_t size)
{
	if (size < SZ_512 || !pguest_is_virtio_disk(dev))
		memset(slots, 0, size);
}

/* Behind pguest_expect_buffers(). */
void __pguest_expect_buffers(unsigned int nr)
{
	pguest_pool_prepare(nr * PAGE_SIZE);
}
EXPORT_SYMBOL_GPL(__pguest_expect_buffers);

/* With fewer entries a network card has no room for a frame in many pieces. */
#define MIN_ENTRIES	32

/* Behind pguest_queue_entries(). */
unsigned int __pguest_queue_entries(struct device *dev, unsigned int entries)
{
	unsigned long fit = max(pguest_pool_bytes(dev) / 8 / PAGE_SIZE, MIN_ENTRIES + 0UL);

	entries = min_t(unsigned long, entries, rounddown_pow_of_two(fit));
	__pguest_expect_buffers(entries);
	return entries;
}
EXPORT_SYMBOL_GPL(__pguest_queue_entries);

static const char *size_unit(unsigned long *size)
{
	if (*size < SZ_1M) {
		*size /= SZ_1K;
		return "KiB";
	}
	*size /= SZ_1M;
	return "MiB";
}

static void __init report_backend(unsigned long pool)
{
	unsigned long granule = pguest_backend->granule;
	const char *granule_unit = size_unit(&granule);
	const char *pool_unit = size_unit(&pool);

	char width[24] = "";

	if (pguest_shared_bit)
		scnprintf(width, sizeof(width), ", %d-bit addresses",
			  fls64(pguest_shared_bit));
	pr_info("%s (%s)%s, %lu %s granule%s%s%s%s%s; bounce pool %lu %s\n",
		pguest_backend->ops->name, pguest_backend->ops->claim, width,
		granule, granule_unit,
		pguest_backend->ranges ? ", ranges" : "",
		pguest_backend->mmio_granule ? ", MMIO guard" : "",
		pguest_backend->relinquish ? ", relinquish" : "",
		pguest_backend->features ? ", " : "",
		pguest_backend->features ?: "",
		pool, pool_unit);
}

static void * __init alloc_low_raw(phys_addr_t size, phys_addr_t align)
{
	return memblock_alloc_try_nid_raw(size, align, MEMBLOCK_LOW_LIMIT,
					  ARCH_LOW_ADDRESS_LIMIT, NUMA_NO_NODE);
}

/**
 * pguest_alloc_pool() - allocate the default bounce pool
 * @size: bytes
 * @align: alignment in bytes
 *
 * In a protected VM the pool is not cleared: the first access to a page is an exit to
 * the host, and share.c clears what it shares.
 *
 * Context: Boot, one CPU.
 * Return: the memory, which is cleared on an unprotected machine only, or NULL.
 */
void * __init pguest_alloc_pool(phys_addr_t size, phys_addr_t align)
{
	phys_addr_t best;

	if (!pguest_active())
		return memblock_alloc_low(size, align);
	best = max3(align, pguest_pool_piece(), pguest_pool_align(size));
	return alloc_low_raw(size, best) ?: alloc_low_raw(size, align);
}

static unsigned long __init least_pool(void)
{
	return pguest_pool_least(memblock_phys_mem_size(), num_possible_cpus(), PAGE_SIZE);
}

/**
 * pguest_pool_too_small() - is a size from the command line of no use?
 * @bytes: the size
 *
 * With less than pguest_pool_least(), what queues hold leaves nothing for requests.
 *
 * Context: Boot, one CPU.
 * Return: true in a protected VM if the size must be that of pguest_pool_size().
 */
bool __init pguest_pool_too_small(unsigned long bytes)
{
	if (!pguest_active() || bytes >= least_pool())
		return false;
	pr_warn("swiotlb=: devices need a bounce pool of %lu KiB, %lu KiB is ignored\n",
		least_pool() / SZ_1K, bytes / SZ_1K);
	return true;
}

static void __init check_pool(void)
{
	if (!is_swiotlb_allocated())
		pr_err("no bounce pool: devices will not work\n");
	else if (swiotlb_size_or_default() < least_pool())
		pr_warn("no memory for a bounce pool of %lu KiB: devices may not work\n",
			least_pool() / SZ_1K);
}

/**
 * pguest_swiotlb_init() - swiotlb_init() with the pool size of a protected VM
 * @addressing_limited: the kernel needs a pool in any case
 * @flags: for swiotlb_init()
 *
 * swiotlb= on the command line overrides the size, see pguest_pool_too_small().
 *
 * Context: Boot, one CPU.
 */
void __init pguest_swiotlb_init(bool addressing_limited, unsigned int flags)
{
	phys_addr_t base;

	if (!pguest_active()) {
		swiotlb_init(addressing_limited, flags);
		return;
	}
	swiotlb_adjust_size(pguest_pool_size(memblock_phys_mem_size(),
					     num_possible_cpus(), PAGE_SIZE));
	/* A tree that knows realms forces all devices; pguest_force_bounce() asks for each. */
	swiotlb_init(true, flags & ~COMPAT_SWIOTLB_FORCE);
	/* default_swiotlb_base() also keeps SWIOTLB from growing, which would share per I/O. */
	base = default_swiotlb_base();
	if (is_swiotlb_allocated())
		pguest_pool_setup(base, swiotlb_size_or_default());
	check_pool();
	report_backend(is_swiotlb_allocated() ? swiotlb_size_or_default() : 0);
}
