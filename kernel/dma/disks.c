// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which devices are disks, and what they can have of the bounce pool.
 *
 * A disk is sure of some room, however the rest is used: half of what it can have of the
 * pieces for disks. Requests may be larger, since each of them is an exit to the host and
 * an interrupt; disk_requests.c cuts those that find no room.
 */
#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/swiotlb.h>
#include <linux/xarray.h>

#include <asm/pguest.h>

#include <compat/swiotlb.h>

#include "pool.h"

/* For so long after a request found no room requests are cut. */
#define SHORT_FOR	max(HZ / 10, 1)

/* What requests may have of the pool: many fit into it. */
#define PART_OF_POOL	32

/**
 * struct virtio_disk - a disk whose driver asked for pguest_max_sectors()
 * @whole_from: from when on its requests are not cut, in jiffies
 */
struct virtio_disk {
	unsigned long whole_from;
};

/* They, by the address of the device that does DMA */
static DEFINE_XARRAY(disks);

/* The bits of addresses that disks have or had: most devices that are none are not looked up. */
static u64 disk_bits;

/* The disk that was looked up last */
static struct device *last_disk;

/* Parts of requests that disk_requests.c has sent, without the last one of each */
atomic_long_t pguest_requests_cut;

static u64 disk_bit(struct device *dev)
{
	return BIT_ULL(hash_ptr(dev, 6));
}

static void forget_disk(void *dev)
{
	struct virtio_disk *disk = xa_erase(&disks, (unsigned long)dev);

	WRITE_ONCE(last_disk, NULL);
	kfree(disk);
}

/* Without memory for the note the device is like any other. */
static void remember_disk(struct device *dev)
{
	static DEFINE_SPINLOCK(lock);
	struct virtio_disk *disk = kzalloc(sizeof(*disk), GFP_KERNEL);

	if (!disk)
		return;
	disk->whole_from = jiffies;
	if (xa_insert(&disks, (unsigned long)dev, disk, GFP_KERNEL)) {
		kfree(disk);
		return;
	}
	spin_lock(&lock);
	WRITE_ONCE(disk_bits, disk_bits | disk_bit(dev));
	spin_unlock(&lock);
	devm_add_action_or_reset(dev, forget_disk, dev);
}

/**
 * pguest_is_virtio_disk() - is a device a disk by its driver?
 * @dev: the device that does DMA
 *
 * Context: Any.
 * Return: true if its driver has called pguest_max_sectors().
 */
bool pguest_is_virtio_disk(struct device *dev)
{
	if (!(READ_ONCE(disk_bits) & disk_bit(dev)))
		return false;
	if (READ_ONCE(last_disk) == dev)
		return true;
	if (!xa_load(&disks, (unsigned long)dev))
		return false;
	WRITE_ONCE(last_disk, dev);
	return true;
}

/**
 * pguest_is_disk() - may a device have the slots that are for disks alone?
 * @dev: the device that does DMA
 *
 * Context: Any.
 * Return: true if it is a disk by its driver, or by its PCI class. Whoever makes the host
 *	   claim that class for another device stops the VM's disks, as the host can anyway.
 */
bool pguest_is_disk(struct device *dev)
{
	if (dev_is_pci(dev) && to_pci_dev(dev)->class >> 16 == PCI_BASE_CLASS_STORAGE)
		return true;
	return pguest_is_virtio_disk(dev);
}

/**
 * pguest_disk_is_short() - note that a mapping of a device found no slots
 * @dev: the device that does DMA, in one of its requests if it is a disk
 *
 * Context: Any.
 */
void pguest_disk_is_short(struct device *dev)
{
	struct virtio_disk *disk = xa_load(&disks, (unsigned long)dev);

	if (disk)
		WRITE_ONCE(disk->whole_from, jiffies + SHORT_FOR);
}

/**
 * pguest_disk_was_short() - has a mapping of a disk found no slots shortly before?
 * @dev: the device that does DMA
 *
 * Context: Any.
 * Return: true if so.
 */
bool pguest_disk_was_short(struct device *dev)
{
	struct virtio_disk *disk = xa_load(&disks, (unsigned long)dev);

	return disk && time_before(jiffies, READ_ONCE(disk->whole_from));
}

/**
 * pguest_disk_is_sure_of() - what a request of a disk always finds room for
 *
 * Its segments may leave up to half of a piece unused.
 *
 * Context: Any.
 * Return: bytes, 0 if no slots are for disks alone.
 */
unsigned long pguest_disk_is_sure_of(void)
{
	return pguest_pool_disk_share(&pguest_default_pool) / 2;
}

/* Behind pguest_max_sectors(). A pool of the device's own has no part for disks. */
unsigned int __pguest_max_sectors(struct device *dev, unsigned int limit)
{
	unsigned long bytes = pguest_pool_bytes(dev), sure = pguest_disk_is_sure_of();

	remember_disk(dev);
	if (bytes && sure && !dev->dma_io_tlb_mem->for_alloc)
		bytes = max(min(bytes / 4, sure), bytes / PART_OF_POOL);
	else
		bytes /= 4;
	return clamp_t(unsigned long, bytes / SZ_512, PAGE_SIZE / SZ_512, limit);
}
EXPORT_SYMBOL_GPL(__pguest_max_sectors);
