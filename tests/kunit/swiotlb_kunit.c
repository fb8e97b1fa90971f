// SPDX-License-Identifier: GPL-2.0-only
/*
 * SWIOTLB with the hooks: the search for slots, and what is copied to them and back.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/log2.h>
#include <linux/gfp.h>
#include <linux/pguest.h>
#include <linux/preempt.h>
#include <linux/set_memory.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <asm/pguest.h>

#include <compat/device.h>
#include <compat/swiotlb.h>

#include "../../kernel/dma/pool.h"

/* NVMe's: a buffer bounces to the offset that it has in its page of 4 KiB. */
#define ALIGN_MASK	(SZ_4K - 1)
#define OFFSET		SZ_2K

static struct device *named_device(struct kunit *test, const char *name)
{
	struct device *dev = kunit_device_register(test, name);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	dev->dma_mask = &dev->coherent_dma_mask;
	dev->dma_parms = kunit_kzalloc(test, sizeof(*dev->dma_parms), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, dev->dma_parms);
	KUNIT_ASSERT_EQ(test, dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64)), 0);
	dma_set_min_align_mask(dev, ALIGN_MASK);
	return dev;
}

static struct device *new_device(struct kunit *test)
{
	return named_device(test, "pguest-swiotlb");
}

/* More buffers than one area of the pool has room for; each takes three slots or more. */
static size_t too_many(void)
{
	size_t slots = swiotlb_size_or_default() / IO_TLB_SIZE;

	return slots / roundup_pow_of_two(num_possible_cpus()) / 3 + 1;
}

/* The pool takes memory while it is used, and a mapping does not wait for it. */
static dma_addr_t map_when_there_is_room(struct device *dev, u8 *buffer)
{
	unsigned int tries;
	dma_addr_t addr;

	for (tries = 0; tries < 1000; tries++) {
		addr = dma_map_single(dev, buffer, SZ_4K, DMA_TO_DEVICE);
		if (!dma_mapping_error(dev, addr))
			break;
		fsleep(1000);
	}
	return addr;
}

/*
 * Linux 6.1 goes on until it is back where it began, and steps over that place when a
 * buffer is not where the mask wants it.
 */
static void search_of_a_full_area_ends(struct kunit *test)
{
	struct device *dev = new_device(test);
	size_t i, mapped, most = too_many();
	dma_addr_t *addrs;
	u8 *buffer;

	if (!pguest_active() || num_possible_cpus() < 2)
		kunit_skip(test, "this takes a pool of two areas");
	addrs = kunit_kcalloc(test, most, sizeof(*addrs), GFP_KERNEL);
	buffer = kunit_kzalloc(test, 2 * SZ_4K, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, addrs);
	KUNIT_ASSERT_NOT_NULL(test, buffer);
	KUNIT_ASSERT_TRUE(test, IS_ALIGNED((unsigned long)buffer, SZ_4K));

	migrate_disable();
	for (mapped = 0; mapped < most; mapped++) {
		addrs[mapped] = map_when_there_is_room(dev, buffer + OFFSET);
		if (dma_mapping_error(dev, addrs[mapped]))
			break;
	}
	migrate_enable();
	KUNIT_EXPECT_EQ(test, mapped, most);
	for (i = 0; i < mapped; i++) {
		if ((addrs[i] & ALIGN_MASK) != OFFSET)
			KUNIT_FAIL(test, "buffer %zu bounces at %pad", i, &addrs[i]);
		dma_unmap_single(dev, addrs[i], SZ_4K, DMA_TO_DEVICE);
	}
}

#define OURS	0xa5		/* what the buffer held before */
#define DEVICES	0x3c		/* what the device has written */
#define WRITTEN	100

/* The address at which the device has a buffer: not its own, and shared. */
static u8 *mapped_at(struct kunit *test, struct device *dev, u8 *buffer, dma_addr_t addr)
{
	phys_addr_t phys = dma_to_phys(dev, addr);

	KUNIT_ASSERT_FALSE(test, dma_mapping_error(dev, addr));
	KUNIT_EXPECT_NE(test, phys, virt_to_phys(buffer));
	KUNIT_EXPECT_TRUE(test, pguest_space_shared(&pguest_memory, phys));
	return phys_to_virt(phys);
}

/* Map a buffer that is full of OURS, write a part of it as the device, and unmap it. */
static u8 *transfer(struct kunit *test, enum dma_data_direction dir, int shown)
{
	struct device *dev = new_device(test);
	u8 *buffer = kunit_kmalloc(test, SZ_4K, GFP_KERNEL), *slot;
	dma_addr_t addr;

	if (!pguest_active())
		kunit_skip(test, "nothing is bounced");
	KUNIT_ASSERT_NOT_NULL(test, buffer);
	memset(buffer, OURS, SZ_4K);
	addr = dma_map_single(dev, buffer, SZ_4K, dir);
	slot = mapped_at(test, dev, buffer, addr);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(slot, shown, SZ_4K), NULL);
	memset(slot, DEVICES, WRITTEN);
	dma_unmap_single(dev, addr, SZ_4K, dir);
	return buffer;
}

static void expect_after(struct kunit *test, const u8 *buffer, int first, int rest)
{
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(buffer, first, WRITTEN), NULL);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(buffer + WRITTEN, rest, SZ_4K - WRITTEN), NULL);
}

/* The device is not shown the old contents. What it does not write reads as zeroes. */
static void buffer_to_be_filled_is_cleared(struct kunit *test)
{
	expect_after(test, transfer(test, DMA_FROM_DEVICE, 0), DEVICES, 0);
}

/* By its direction the device reads the buffer as well. */
static void buffer_that_both_use_is_shown(struct kunit *test)
{
	expect_after(test, transfer(test, DMA_BIDIRECTIONAL, OURS), DEVICES, OURS);
}

static void buffer_to_be_read_is_not_written(struct kunit *test)
{
	expect_after(test, transfer(test, DMA_TO_DEVICE, OURS), OURS, OURS);
}

/* A device whose pool has no slots, while others have the default pool */
static void request_without_a_pool_ends(struct kunit *test)
{
	struct io_tlb_mem *none = kunit_kzalloc(test, sizeof(*none), GFP_KERNEL);
	struct device *dev = new_device(test);

	KUNIT_ASSERT_NOT_NULL(test, none);
	KUNIT_EXPECT_EQ(test, pguest_dma_error(dev, -ENOMEM), -ENOMEM);
	KUNIT_EXPECT_EQ(test, pguest_dma_error(dev, -ENOSPC), -ENOSPC);
	dev->dma_io_tlb_mem = none;
	KUNIT_EXPECT_EQ(test, pguest_dma_error(dev, -ENOMEM),
			pguest_active() ? -EIO : -ENOMEM);
	KUNIT_EXPECT_EQ(test, pguest_dma_error(dev, -ENOSPC), -ENOSPC);
}

#define LARGE		SZ_1M

/* Pages that a driver has shared, and shows to its device as they are */
static void shared_buffer_is_not_copied(struct kunit *test)
{
	struct device *dev = new_device(test);
	unsigned long buffer;
	dma_addr_t addr;

	if (!pguest_active())
		kunit_skip(test, "nothing is bounced");
	buffer = __get_free_pages(GFP_KERNEL, get_order(LARGE));
	KUNIT_ASSERT_NE(test, buffer, 0);
	KUNIT_ASSERT_EQ(test, set_memory_decrypted(buffer, LARGE >> PAGE_SHIFT), 0);
	/* No slots of a pool are as large as that. */
	addr = dma_map_single(dev, (void *)buffer, LARGE, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_FALSE(test, dma_mapping_error(dev, addr));
	KUNIT_EXPECT_EQ(test, dma_to_phys(dev, addr), virt_to_phys((void *)buffer));
	KUNIT_EXPECT_EQ(test, addr & pguest_shared_bit, pguest_shared_bit);
	memset((void *)buffer, DEVICES, LARGE);
	dma_sync_single_for_cpu(dev, addr, LARGE, DMA_BIDIRECTIONAL);
	dma_unmap_single(dev, addr, LARGE, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv((void *)buffer, DEVICES, LARGE), NULL);
	KUNIT_EXPECT_TRUE(test, pguest_space_shared(&pguest_memory,
						    virt_to_phys((void *)buffer)));
	/* A device that cannot address it gets a copy. */
	dev->bus_dma_limit = addr + LARGE - 2;
	KUNIT_EXPECT_FALSE(test, pguest_dma_is_shared(dev, virt_to_phys((void *)buffer), LARGE));
	dev->bus_dma_limit = addr + LARGE - 1;
	KUNIT_EXPECT_TRUE(test, pguest_dma_is_shared(dev, virt_to_phys((void *)buffer), LARGE));
	if (!set_memory_encrypted(buffer, LARGE >> PAGE_SHIFT))
		free_pages(buffer, get_order(LARGE));
}

/* A part of it is private: the device gets none of it but a copy. */
static void buffer_that_is_partly_shared_is_copied(struct kunit *test)
{
	unsigned long granule = max_t(unsigned long, PAGE_SIZE, pguest_active() ?
				      pguest_backend->granule : 0), buffer;
	struct device *dev = new_device(test);
	dma_addr_t addr;

	if (!pguest_active() || granule > SZ_64K)
		kunit_skip(test, "nothing is bounced, or not so much");
	buffer = __get_free_pages(GFP_KERNEL | __GFP_ZERO, get_order(2 * granule));
	KUNIT_ASSERT_NE(test, buffer, 0);
	KUNIT_ASSERT_EQ(test, set_memory_decrypted(buffer, granule >> PAGE_SHIFT), 0);
	addr = dma_map_single(dev, (void *)buffer, 2 * granule, DMA_TO_DEVICE);
	mapped_at(test, dev, (u8 *)buffer, addr);
	dma_unmap_single(dev, addr, 2 * granule, DMA_TO_DEVICE);
	if (!set_memory_encrypted(buffer, granule >> PAGE_SHIFT))
		free_pages(buffer, get_order(2 * granule));
}

/* A mapping without cache cannot be made where nothing may sleep. */
static void atomic_memory_of_a_device_that_is_not_coherent(struct kunit *test)
{
	struct device *dev = new_device(test);
	struct pguest_entry entry;
	dma_addr_t addr;
	u8 *memory;

	if (!pguest_active())
		kunit_skip(test, "nothing is bounced");
	dev_clear_dma_coherent(dev);
	preempt_disable();
	memory = dma_alloc_coherent(dev, PAGE_SIZE, &addr, GFP_ATOMIC);
	preempt_enable();
	KUNIT_ASSERT_NOT_NULL(test, memory);
	entry = pguest_ledger_get(&pguest_memory.ledger, dma_to_phys(dev, addr));
	KUNIT_EXPECT_EQ(test, entry.state, PGUEST_SHARED);
	KUNIT_EXPECT_EQ(test, entry.owner, PGUEST_ATOMIC);
	KUNIT_EXPECT_NULL(test, memchr_inv(memory, 0, PAGE_SIZE));
	preempt_disable();
	dma_free_coherent(dev, PAGE_SIZE, memory, addr);
	preempt_enable();
}

static bool only_for_disks(struct device *dev, dma_addr_t addr)
{
	return dma_to_phys(dev, addr) - pguest_default_pool.start <
	       (phys_addr_t)pguest_default_pool.disk_slots << IO_TLB_SHIFT;
}

/* All the pool but the slots of disks, by a device that is none */
static size_t fill_pool(struct kunit *test, struct device *dev, u8 *buffer,
			dma_addr_t *addrs, size_t most)
{
	size_t mapped, wrong = 0;

	for (mapped = 0; mapped < most; mapped++) {
		addrs[mapped] = map_when_there_is_room(dev, buffer);
		if (dma_mapping_error(dev, addrs[mapped]))
			break;
		wrong += only_for_disks(dev, addrs[mapped]);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	return mapped;
}

/* As unfavourable as it can be: each segment leaves nearly half of a piece unused. */
#define SEGMENT		(SZ_128K + SZ_4K)

/* Mapping @n of a request of @bytes: a header, and segments */
static size_t mapping_size(size_t n, size_t bytes, size_t segment)
{
	return n ? min(segment, bytes - (n - 1) * segment) : SZ_512;
}

/* What a disk is sure of finds all of its slots: in its own part, or in none of it. */
static void disk_requests(struct kunit *test, struct device *disk, u8 *buffer, bool own,
			  size_t segment)
{
	size_t bytes = pguest_disk_is_sure_of();
	size_t i, n, all = DIV_ROUND_UP(bytes, segment) + 1;
	dma_addr_t *addrs = kunit_kcalloc(test, all, sizeof(*addrs), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, addrs);
	for (n = 0; n < all; n++) {
		addrs[n] = dma_map_single(disk, buffer, mapping_size(n, bytes, segment),
					  DMA_TO_DEVICE);
		if (dma_mapping_error(disk, addrs[n]))
			break;
		KUNIT_EXPECT_EQ(test, only_for_disks(disk, addrs[n]), own);
	}
	KUNIT_EXPECT_EQ(test, n, all);
	for (i = 0; i < n; i++)
		dma_unmap_single(disk, addrs[i], mapping_size(i, bytes, segment),
				 DMA_TO_DEVICE);
}

/* What a disk gets in the part for disks, whose host completes nothing */
static size_t hold_part(struct kunit *test, struct device *disk, u8 *buffer,
			dma_addr_t *addrs, size_t most)
{
	size_t held;

	for (held = 0; held < most; held++) {
		addrs[held] = dma_map_single(disk, buffer, SZ_4K, DMA_TO_DEVICE);
		if (dma_mapping_error(disk, addrs[held]))
			break;
	}
	KUNIT_EXPECT_GT(test, held, 0);
	KUNIT_EXPECT_LE(test, held * SZ_4K, pguest_pool_disk_share(&pguest_default_pool));
	return held;
}

/* A network whose frames are not read holds slots for as long as it likes. */
static void full_pool_has_slots_for_disks(struct kunit *test)
{
	size_t i, mapped, most = swiotlb_size_or_default() / SZ_4K;
	struct device *dev = new_device(test);
	struct device *disk = named_device(test, "pguest-disk");
	struct device *stuck = named_device(test, "pguest-stuck");
	size_t held;
	dma_addr_t *addrs;
	u8 *buffer;

	if (!pguest_active() || !pguest_default_pool.disk)
		kunit_skip(test, "nothing is bounced, or no slots are for disks");
	addrs = kunit_kcalloc(test, most, sizeof(*addrs), GFP_KERNEL);
	buffer = kunit_kzalloc(test, SEGMENT, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, addrs);
	KUNIT_ASSERT_NOT_NULL(test, buffer);
	mapped = fill_pool(test, dev, buffer, addrs, most);
	KUNIT_ASSERT_LT(test, mapped, most);
	pguest_max_sectors(disk, UINT_MAX);
	disk_requests(test, disk, buffer, true, SZ_4K);
	disk_requests(test, disk, buffer, true, SEGMENT);
	pguest_max_sectors(stuck, UINT_MAX);
	held = hold_part(test, stuck, buffer, addrs + mapped, most - mapped);
	if (pguest_default_pool.disk > 1) {
		disk_requests(test, disk, buffer, true, SZ_4K);
		disk_requests(test, disk, buffer, true, SEGMENT);
	}
	for (i = mapped; i < mapped + held; i++)
		dma_unmap_single(stuck, addrs[i], SZ_4K, DMA_TO_DEVICE);
	for (i = 0; i < mapped; i++)
		dma_unmap_single(dev, addrs[i], SZ_4K, DMA_TO_DEVICE);
	/* While there are others, a disk leaves its own alone. */
	disk_requests(test, disk, buffer, false, SZ_4K);
}

static struct kunit_case swiotlb_cases[] = {
	KUNIT_CASE(shared_buffer_is_not_copied),
	KUNIT_CASE(buffer_that_is_partly_shared_is_copied),
	KUNIT_CASE(buffer_to_be_filled_is_cleared),
	KUNIT_CASE(buffer_that_both_use_is_shown),
	KUNIT_CASE(buffer_to_be_read_is_not_written),
	KUNIT_CASE(search_of_a_full_area_ends),
	KUNIT_CASE(atomic_memory_of_a_device_that_is_not_coherent),
	KUNIT_CASE(full_pool_has_slots_for_disks),
	KUNIT_CASE(request_without_a_pool_ends),
	{ }
};

static struct kunit_suite swiotlb_suite = {
	.name = "pguest_swiotlb",
	.test_cases = swiotlb_cases,
};

kunit_test_suite(swiotlb_suite);
