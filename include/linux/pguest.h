/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the rest of the kernel may ask of pguest: everything that a hook calls.
 *
 * Without CONFIG_PGUEST, and outside a protected VM, each of these is what the
 * tree did before the hook.
 */
#ifndef _LINUX_PGUEST_H
#define _LINUX_PGUEST_H

#include <linux/gfp.h>
#include <linux/jump_label.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/set_memory.h>
#include <linux/slab.h>
#include <linux/types.h>

struct device;
struct page;
struct platform_device;
struct pt_regs;

/**
 * enum pguest_owner - on whose behalf a granule is shared
 * @PGUEST_OTHER:	nobody that we know: a caller of set_memory_decrypted()
 * @PGUEST_BOUNCE:	the default bounce pool
 * @PGUEST_RESTRICTED:	a restricted-dma-pool of the device tree
 * @PGUEST_COHERENT:	a coherent DMA buffer
 * @PGUEST_ATOMIC:	the pools of coherent memory for atomic context
 * @PGUEST_ITS:		GIC ITS and LPI tables
 * @PGUEST_BALLOON:	pages in the balloon, where giving one up is sharing it
 * @PGUEST_STEAL:	steal time of the CPUs, a page of the host's
 * @PGUEST_CLOCK:	a clock page of the host's
 * @PGUEST_GENERATION:	the VM's generation ID, a page of the host's
 * @PGUEST_NR_OWNERS:	their number
 */
enum pguest_owner {
	PGUEST_OTHER,
	PGUEST_BOUNCE,
	PGUEST_RESTRICTED,
	PGUEST_COHERENT,
	PGUEST_ATOMIC,
	PGUEST_ITS,
	PGUEST_BALLOON,
	PGUEST_STEAL,
	PGUEST_CLOCK,
	PGUEST_GENERATION,
	PGUEST_NR_OWNERS
};

#ifdef CONFIG_PGUEST

DECLARE_STATIC_KEY_FALSE(pguest_key);

/* The address bit of shared memory and devices, 0 where there is none. */
extern u64 pguest_shared_bit;

/**
 * pguest_active() - is this a protected VM?
 *
 * Context: Any. Settled before early parameters are parsed.
 * Return: true when a hypervisor claims to protect us.
 */
static __always_inline bool pguest_active(void)
{
	return static_branch_unlikely(&pguest_key);
}

void pguest_probe(void);
bool pguest_needs_pages(void);

/* Random numbers */
size_t pguest_bootloader_bits(size_t bits);
bool pguest_trust_trng(void);

/* ACPI and EFI */
bool __pguest_acpi_refuses(phys_addr_t phys, size_t size);
bool __pguest_acpi_refuses_map(phys_addr_t phys, size_t size);
bool __pguest_acpi_refuses_table(const char *signature);
bool __pguest_efi_has_no_runtime(void);

/* RAM */
void pguest_audit_memory(void);
void pguest_accept_ram(void);
bool __pguest_keep_page(const struct page *page);
bool __pguest_refuse_table(phys_addr_t phys, unsigned long size);
bool __pguest_pool_usable(phys_addr_t start, phys_addr_t size);
int __pguest_add_memory(phys_addr_t start, phys_addr_t size);
void __pguest_remove_memory(phys_addr_t start, phys_addr_t size);

int pguest_share_pages(unsigned long addr, unsigned long npages,
		       enum pguest_owner owner);
int pguest_unshare_pages(unsigned long addr, unsigned long npages);

/* MMIO */
int __pguest_map_mmio(phys_addr_t phys, size_t size);
int __pguest_locate(phys_addr_t *phys, size_t size, bool device);
phys_addr_t __pguest_device(phys_addr_t phys, size_t size);
int __pguest_map_device(phys_addr_t *phys, size_t size, pgprot_t prot);
void __pguest_device_mapped(phys_addr_t phys, size_t size, pgprot_t prot,
			    const void *addr);
void __pguest_unmap_mmio(phys_addr_t phys, size_t size);
void pguest_iounmap(const void *addr);
bool pguest_call_fixup(struct pt_regs *regs, unsigned long esr);

/* DMA */
bool __pguest_force_bounce(struct device *dev);
bool __pguest_alloc_from_pool(struct device *dev);
bool __pguest_bounce_ready(struct device *dev, phys_addr_t start, phys_addr_t end,
			   unsigned int slot, unsigned int nslots);
void __pguest_count_bounced(size_t size);
void __pguest_pool_full(void);
unsigned int __pguest_max_sectors(struct device *dev, unsigned int limit);
unsigned int __pguest_queue_entries(struct device *dev, unsigned int entries);
int __pguest_dma_error(int err);
void pguest_swiotlb_init(bool addressing_limited, unsigned int flags);
void *pguest_alloc_pool(phys_addr_t size, phys_addr_t align);

/* Tables that the interrupt controller reads */
struct page *__pguest_alloc_shared(int node, gfp_t gfp, unsigned int order,
				   enum pguest_owner owner);
void __pguest_free_shared(unsigned long addr, unsigned int order);

struct page *__pguest_relinquish_page(struct page *page);
bool __pguest_return_page(struct page *page);

/* Pages that the host supplies */
void *pguest_map_host_page(phys_addr_t phys, size_t size, enum pguest_owner owner);
void pguest_unmap_host_page(void *addr);
void *pguest_devm_host_page(struct device *dev, phys_addr_t phys, size_t size,
			    enum pguest_owner owner);
void *pguest_platform_host_page(struct platform_device *pdev, size_t size,
				enum pguest_owner owner);
void *__pguest_map_steal(phys_addr_t phys);
u64 __pguest_steal_clock(int cpu, u64 host);

#else /* !CONFIG_PGUEST */

static __always_inline bool pguest_active(void)
{
	return false;
}

#define pguest_shared_bit	0ULL

#define pguest_unmap_host_page(addr)	memunmap(addr)
#define pguest_devm_host_page(dev, phys, size, ...)	\
	devm_memremap(dev, phys, size, MEMREMAP_WB)
#define pguest_platform_host_page(...)	NULL	/* only asked in a protected VM */

static inline void *__pguest_map_steal(phys_addr_t phys)
{
	return NULL;
}

static inline u64 __pguest_steal_clock(int cpu, u64 host)
{
	return host;
}

static inline void pguest_probe(void)
{
}

static inline bool pguest_needs_pages(void)
{
	return false;
}

static inline size_t pguest_bootloader_bits(size_t bits)
{
	return bits;
}

static inline bool pguest_trust_trng(void)
{
	return true;
}

static inline bool __pguest_acpi_refuses(phys_addr_t phys, size_t size)
{
	return false;
}

static inline bool __pguest_acpi_refuses_map(phys_addr_t phys, size_t size)
{
	return false;
}

static inline bool __pguest_acpi_refuses_table(const char *signature)
{
	return false;
}

static inline bool __pguest_efi_has_no_runtime(void)
{
	return false;
}

static inline void pguest_audit_memory(void)
{
}

static inline void pguest_accept_ram(void)
{
}

static inline bool __pguest_keep_page(const struct page *page)
{
	return false;
}

static inline bool __pguest_refuse_table(phys_addr_t phys, unsigned long size)
{
	return false;
}

static inline bool __pguest_pool_usable(phys_addr_t start, phys_addr_t size)
{
	return true;
}

static inline int __pguest_add_memory(phys_addr_t start, phys_addr_t size)
{
	return 0;
}

static inline void __pguest_remove_memory(phys_addr_t start, phys_addr_t size)
{
}

static inline int pguest_share_pages(unsigned long addr, unsigned long npages,
				     enum pguest_owner owner)
{
	return set_memory_decrypted(addr, npages);
}

static inline int pguest_unshare_pages(unsigned long addr, unsigned long npages)
{
	return set_memory_encrypted(addr, npages);
}

static inline int __pguest_map_mmio(phys_addr_t phys, size_t size)
{
	return 0;
}

static inline int __pguest_locate(phys_addr_t *phys, size_t size, bool device)
{
	return 0;
}

static inline phys_addr_t __pguest_device(phys_addr_t phys, size_t size)
{
	return phys;
}

static inline int __pguest_map_device(phys_addr_t *phys, size_t size, pgprot_t prot)
{
	return 0;
}

static inline void __pguest_device_mapped(phys_addr_t phys, size_t size, pgprot_t prot,
					  const void *addr)
{
}

static inline void __pguest_unmap_mmio(phys_addr_t phys, size_t size)
{
}

static inline void pguest_iounmap(const void *addr)
{
}

static inline bool pguest_call_fixup(struct pt_regs *regs, unsigned long esr)
{
	return false;
}

static inline bool __pguest_force_bounce(struct device *dev)
{
	return false;
}

static inline bool __pguest_alloc_from_pool(struct device *dev)
{
	return false;
}

static inline bool __pguest_bounce_ready(struct device *dev, phys_addr_t start,
					 phys_addr_t end, unsigned int slot,
					 unsigned int nslots)
{
	return true;
}

static inline void __pguest_count_bounced(size_t size)
{
}

static inline void __pguest_pool_full(void)
{
}

static inline unsigned int __pguest_max_sectors(struct device *dev,
						unsigned int limit)
{
	return limit;
}

static inline unsigned int __pguest_queue_entries(struct device *dev,
						  unsigned int entries)
{
	return entries;
}

static inline int __pguest_dma_error(int err)
{
	return err;
}

#define pguest_swiotlb_init(limited, flags)	swiotlb_init(limited, flags)
#define pguest_alloc_pool(size, align)		memblock_alloc_low(size, align)

static inline struct page *__pguest_alloc_shared(int node, gfp_t gfp,
						 unsigned int order,
						 enum pguest_owner owner)
{
	return NULL;
}

static inline void __pguest_free_shared(unsigned long addr, unsigned int order)
{
}

static inline struct page *__pguest_relinquish_page(struct page *page)
{
	return page;
}

static inline bool __pguest_return_page(struct page *page)
{
	return true;
}

#endif /* CONFIG_PGUEST */

/**
 * pguest_credit() - for how much random data of the host's making counts
 * @bits: as much as would be credited elsewhere
 *
 * The host makes what a device returns, and chooses when interrupts come.
 *
 * Context: Any.
 * Return: @bits, or 0 in a protected VM.
 */
static inline size_t pguest_credit(size_t bits)
{
	return pguest_active() ? 0 : bits;
}

/**
 * pguest_acpi_refuses() - may AML, or a register that a table names, be there?
 * @phys: first byte
 * @size: bytes, more than 0
 *
 * Context: Any.
 * Return: true if it is RAM of a protected VM; it has been logged.
 */
static inline bool pguest_acpi_refuses(phys_addr_t phys, size_t size)
{
	return pguest_active() && __pguest_acpi_refuses(phys, size);
}

/**
 * pguest_acpi_refuses_map() - may a table be read there?
 * @phys: first byte
 * @size: bytes, more than 0
 *
 * Context: Any.
 * Return: true if it is not in RAM of a protected VM; it has been logged.
 */
static inline bool pguest_acpi_refuses_map(phys_addr_t phys, size_t size)
{
	return pguest_active() && __pguest_acpi_refuses_map(phys, size);
}

/**
 * pguest_acpi_refuses_table() - is a table none of those to use in a protected VM?
 * @signature: four letters
 *
 * Context: Any.
 * Return: true if it is as if it were not there; it has been logged.
 */
static inline bool pguest_acpi_refuses_table(const char *signature)
{
	return pguest_active() && __pguest_acpi_refuses_table(signature);
}

/**
 * pguest_efi_has_no_runtime() - is code that firmware left in memory not to be called?
 *
 * Context: Any.
 * Return: true in a protected VM whose owner did not allow it.
 */
static inline bool pguest_efi_has_no_runtime(void)
{
	return pguest_active() && __pguest_efi_has_no_runtime();
}

/**
 * pguest_map_mmio() - ask for a device's registers before touching them
 * @phys: first byte; becomes the address where they are to be mapped
 * @size: bytes, more than 0
 *
 * pguest_unmap_mmio() of the same range undoes it.
 *
 * Context: Any.
 * Return: 0, or the reason why an access would fault.
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
 * pguest_device() - where to map what firmware says is a device
 * @phys: first byte
 * @size: bytes
 * @is_device: does it say so?
 *
 * Context: Any.
 * Return: the address to map, @phys if there is no better one.
 */
static inline phys_addr_t pguest_device(phys_addr_t phys, size_t size, bool is_device)
{
	return pguest_active() && is_device ? __pguest_device(phys, size) : phys;
}

/**
 * pguest_map_device() - pguest_map_mmio() for a mapping of any kind
 * @phys: first byte; becomes the address that is to be mapped
 * @size: bytes
 * @prot: attributes of the mapping; what is cached is not asked for
 *
 * What became of the mapping is told by pguest_device_mapped(), and its end by
 * pguest_iounmap().
 *
 * Context: Process.
 * Return: 0, or the reason why an access would fault; it has been logged.
 */
static inline int pguest_map_device(phys_addr_t *phys, size_t size, pgprot_t prot)
{
	return pguest_active() ? __pguest_map_device(phys, size, prot) : 0;
}

/**
 * pguest_device_mapped() - what became of the mapping after pguest_map_device()
 * @phys: what that made of the address
 * @size: bytes, as told there
 * @prot: attributes, as told there
 * @addr: where it is mapped, NULL where that failed
 *
 * Context: Process.
 */
static inline void pguest_device_mapped(phys_addr_t phys, size_t size, pgprot_t prot,
					const void *addr)
{
	if (pguest_active())
		__pguest_device_mapped(phys, size, prot, addr);
}

/**
 * pguest_add_memory() - may this memory be used?
 * @start: first byte of memory that was plugged in
 * @size: bytes
 *
 * Context: Process.
 * Return: 0, or why it cannot become RAM of ours.
 */
static inline int pguest_add_memory(phys_addr_t start, phys_addr_t size)
{
	return pguest_active() ? __pguest_add_memory(start, size) : 0;
}

/**
 * pguest_remove_memory() - this memory is not used any more
 * @start: first byte
 * @size: bytes
 *
 * Context: Process.
 */
static inline void pguest_remove_memory(phys_addr_t start, phys_addr_t size)
{
	if (pguest_active())
		__pguest_remove_memory(start, size);
}

/**
 * pguest_keep_page() - must this page stay out of the page allocator?
 * @page: a page that was reserved, and is about to be freed
 *
 * Context: Process.
 * Return: true for what a restricted-dma-pool has, or the host can see.
 */
static inline bool pguest_keep_page(const struct page *page)
{
	return pguest_active() && __pguest_keep_page(page);
}

/**
 * pguest_refuse_table() - can firmware have no table here?
 * @phys: its first byte, as the host says
 * @size: bytes
 *
 * Context: Boot.
 * Return: true in what the kernel itself has; it has been logged.
 */
static inline bool pguest_refuse_table(phys_addr_t phys, unsigned long size)
{
	return pguest_active() && __pguest_refuse_table(phys, size);
}

/**
 * pguest_pool_usable() - may this be a restricted-dma-pool?
 * @start: its first byte
 * @size: bytes
 *
 * Context: Process.
 * Return: false where somebody else has a use for that memory; it has been logged.
 */
static inline bool pguest_pool_usable(phys_addr_t start, phys_addr_t size)
{
	return !pguest_active() || __pguest_pool_usable(start, size);
}

/**
 * pguest_dma_shared() - the address under which a device finds shared memory
 * @addr: DMA address of the memory
 *
 * Context: Any.
 * Return: @addr, with the bit of shared memory where there is one.
 */
static inline u64 pguest_dma_shared(u64 addr)
{
	return pguest_active() ? addr | pguest_shared_bit : addr;
}

/**
 * pguest_dma_memory() - the memory behind a DMA address
 * @addr: DMA address
 *
 * Context: Any.
 * Return: @addr without the bit of shared memory.
 */
static inline u64 pguest_dma_memory(u64 addr)
{
	return pguest_active() ? addr & ~(u64)pguest_shared_bit : addr;
}

/**
 * pguest_unmap_mmio() - the mapping is gone, the host need not serve it
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
 * pguest_force_bounce() - must this device's data be copied?
 * @dev: the device that does DMA
 *
 * Context: Any.
 * Return: true for each device of a protected VM, but for those that were given to
 *	   pguest_set_dma_private().
 */
static inline bool pguest_force_bounce(struct device *dev)
{
	return pguest_active() && __pguest_force_bounce(dev);
}

/**
 * pguest_dma_mask_ok() - can a device with such a mask reach shared memory?
 * @dev: the device that does DMA
 * @mask: DMA mask
 *
 * Context: Any.
 * Return: false if its addresses are narrower than those of a realm, and it needs
 *	   shared memory.
 */
static inline bool pguest_dma_mask_ok(struct device *dev, u64 mask)
{
	return !pguest_shared_bit || !pguest_force_bounce(dev) ||
	       mask >= (u64)pguest_shared_bit * 2 - 1;
}

/**
 * pguest_alloc_from_pool() - take coherent memory from the bounce pool?
 * @dev: the device that does DMA
 *
 * Context: Any.
 * Return: true where single pages cannot be shared for @dev.
 */
static inline bool pguest_alloc_from_pool(struct device *dev)
{
	return pguest_active() && __pguest_alloc_from_pool(dev);
}

/**
 * pguest_bounce_ready() - may these slots of a bounce pool be handed out?
 * @dev: the device that does DMA
 * @start: physical address of the pool
 * @end: its end
 * @slot: index of the first slot
 * @nslots: their number, all of one segment of the pool
 *
 * Pools are shared a segment at a time, when it is first used.
 *
 * Context: Any.
 * Return: true when the host can read and write the slots.
 */
static inline bool pguest_bounce_ready(struct device *dev, phys_addr_t start,
				       phys_addr_t end, unsigned int slot,
				       unsigned int nslots)
{
	return !pguest_active() ||
	       __pguest_bounce_ready(dev, start, end, slot, nslots);
}

/**
 * pguest_pool_decrypted() - make a bounce pool known to the hypervisor
 * @addr: address of the pool
 * @npages: its size
 *
 * Nothing to do where pguest_bounce_ready() shares what is used.
 *
 * Context: Process.
 * Return: 0, or as set_memory_decrypted() without the layer.
 */
static inline int pguest_pool_decrypted(unsigned long addr, unsigned long npages)
{
	return IS_ENABLED(CONFIG_PGUEST) ? 0 : set_memory_decrypted(addr, npages);
}

/**
 * pguest_slots_freed() - begin the next search where slots were freed
 * @next: where the next search of this area begins
 * @freed: first of the slots
 *
 * Low slots are used again before new ones. That keeps the window small, and
 * SWIOTLB's lists short: it walks over the free slots below each slot that it
 * takes or gives back.
 *
 * Context: With the area's lock.
 */
static inline void pguest_slots_freed(unsigned int *next, unsigned int freed)
{
	if (pguest_active() && freed < *next)
		*next = freed;
}

/* Slots of a segment, which is shared as a whole in any case. */
#define PGUEST_WINDOW_MIN	128U

/**
 * pguest_window() - how much of an area of a bounce pool is in use
 * @window: the area's window in slots, 0 at first
 * @wanted: slots that are in use, and those that are looked for
 * @all: slots of the area
 *
 * Slots come from a window at the beginning of the area, so that no more of the
 * pool is shared than was needed at a time. It is kept half empty: in a full one
 * each search would take as long as the window is.
 *
 * Context: With the area's lock.
 * Return: slots to search.
 */
static inline unsigned int pguest_window(unsigned int *window, unsigned int wanted,
					 unsigned int all)
{
	if (!pguest_active())
		return all;
	wanted = max(2 * wanted, PGUEST_WINDOW_MIN);
	if (*window < wanted)
		*window = roundup_pow_of_two(wanted);
	return min(*window, all);
}

/**
 * pguest_window_grow() - search more of an area of a bounce pool
 * @window: the area's window in slots
 * @all: slots of the area
 *
 * Context: With the area's lock.
 * Return: true when there is more to search.
 */
static inline bool pguest_window_grow(unsigned int *window, unsigned int all)
{
	if (!pguest_active() || *window >= all)
		return false;
	*window *= 2;
	return true;
}

/**
 * pguest_wrap() - go to the beginning at the end of the window
 * @index: index of a slot within the area
 * @window: slots to search
 *
 * Return: @index, or 0.
 */
static inline unsigned int pguest_wrap(unsigned int index, unsigned int window)
{
	return index < window ? index : 0;
}

/**
 * pguest_count_bounced() - count bytes that were copied
 * @size: bytes
 *
 * Context: Any.
 */
static inline void pguest_count_bounced(size_t size)
{
	if (pguest_active())
		__pguest_count_bounced(size);
}

/**
 * pguest_pool_full() - is a full bounce pool nothing to warn of?
 *
 * With all data in the pool this is how devices are slowed down: requests wait
 * and are tried again. It is counted, and said once.
 *
 * Context: Any.
 * Return: true in a protected VM.
 */
static inline bool pguest_pool_full(void)
{
	if (pguest_active())
		__pguest_pool_full();
	return pguest_active();
}

/**
 * pguest_max_sectors() - largest disk request that the bounce pool can hold
 * @dev: the device that does DMA
 * @limit: what the driver would allow, in sectors of 512 bytes
 *
 * A request larger than the pool would be put back and tried again for ever.
 *
 * Context: Process.
 * Return: @limit or less, in sectors of 512 bytes.
 */
static inline unsigned int pguest_max_sectors(struct device *dev,
					      unsigned int limit)
{
	return pguest_active() ? __pguest_max_sectors(dev, limit) : limit;
}

/**
 * pguest_queue_entries() - as many entries of a queue as the pool has room for
 * @dev: what does the device's DMA
 * @entries: how many the device offers
 *
 * A driver that waits for data fills its queue with buffers of up to a page, and they
 * stay in the pool. For each such queue that is an eighth of it at most.
 *
 * Context: Process.
 * Return: @entries or less: a power of two if less, and 32 or more.
 */
static inline unsigned int pguest_queue_entries(struct device *dev,
						unsigned int entries)
{
	return pguest_active() ? __pguest_queue_entries(dev, entries) : entries;
}

/**
 * pguest_dma_error() - is it worth trying again?
 * @err: why a driver could not map a buffer
 *
 * -ENOMEM means "again later". That would be for ever if the hypervisor has
 * refused to share what is missing, or if there is no pool (swiotlb=noforce).
 *
 * Context: Any.
 * Return: @err, or -EIO when there is nothing to wait for.
 */
static inline int pguest_dma_error(int err)
{
	return pguest_active() ? __pguest_dma_error(err) : err;
}

/**
 * pguest_alloc_pages_node() - pages for a table that the host reads
 * @node: NUMA node
 * @gfp: as for alloc_pages_node()
 * @order: as for alloc_pages_node()
 * @owner: on whose behalf
 *
 * Cleared and shared in a protected VM, ordinary pages elsewhere.
 *
 * Context: As @gfp says.
 * Return: the first page, to be freed by pguest_free_pages(), or NULL.
 */
static inline struct page *pguest_alloc_pages_node(int node, gfp_t gfp,
						   unsigned int order,
						   enum pguest_owner owner)
{
	if (pguest_active())
		return __pguest_alloc_shared(node, gfp, order, owner);
	return alloc_pages_node(node, gfp, order);
}

/**
 * pguest_free_pages() - free pguest_alloc_pages_node()'s pages
 * @addr: address of the first page
 * @order: as allocated
 *
 * Context: Any.
 */
static inline void pguest_free_pages(unsigned long addr, unsigned int order)
{
	if (pguest_active())
		__pguest_free_shared(addr, order);
	else
		free_pages(addr, order);
}

/**
 * pguest_kzalloc_node() - kzalloc_node() for a table that the host reads
 * @size: bytes
 * @gfp: as for kzalloc_node()
 * @node: NUMA node
 * @owner: on whose behalf
 *
 * In a protected VM the table gets pages of its own: its neighbours in a slab
 * would be shared along with it.
 *
 * Context: As @gfp says.
 * Return: the table, to be freed by pguest_kfree(), or NULL.
 */
static inline void *pguest_kzalloc_node(size_t size, gfp_t gfp, int node,
					enum pguest_owner owner)
{
	struct page *page;

	if (!pguest_active())
		return kzalloc_node(size, gfp, node);
	page = __pguest_alloc_shared(node, gfp | __GFP_COMP, get_order(size), owner);
	return page ? page_address(page) : NULL;
}

/**
 * pguest_kfree() - free pguest_kzalloc_node()'s table
 * @table: what was allocated, or NULL
 *
 * Context: Any.
 */
static inline void pguest_kfree(const void *table)
{
	if (!pguest_active())
		kfree(table);
	else if (table)
		__pguest_free_shared((unsigned long)table,
				     compound_order(virt_to_head_page(table)));
}

/**
 * pguest_balloon_page() - give a page up before the balloon gets it
 * @page: fresh page without content, or NULL
 *
 * Context: Any.
 * Return: @page, or NULL when the hypervisor would not take it. @page has been
 *	   freed then, or is leaked where nobody knows whose it is.
 */
static inline struct page *pguest_balloon_page(struct page *page)
{
	if (pguest_active() && page)
		return __pguest_relinquish_page(page);
	return page;
}

/**
 * pguest_return_page() - use a page again that was in the balloon
 * @page: a page that pguest_balloon_page() gave up
 *
 * Context: Process.
 * Return: true when it is ours again; else it must not be used, nor freed.
 */
static inline bool pguest_return_page(struct page *page)
{
	return !pguest_active() || __pguest_return_page(page);
}

/**
 * pguest_steal_clock() - believe as much of a CPU's steal time as can be
 * @cpu: the CPU
 * @host: nanoseconds, as the host says
 *
 * Context: Any.
 * Return: nanoseconds that never go back, nor faster than time.
 */
static inline u64 pguest_steal_clock(int cpu, u64 host)
{
	return pguest_active() ? __pguest_steal_clock(cpu, host) : host;
}

#endif /* _LINUX_PGUEST_H */
