// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small bounce buffers, of the default pool as it is.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/pguest.h>
#include <linux/pguest_virtio.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <asm/pguest.h>

#include <compat/device.h>

#include "../../kernel/dma/pool.h"

#define OURS	0xa5		/* what the buffer held before */
#define DEVICES	0x3c		/* what the device has written */
#define AROUND	0x99		/* what is beside the buffer */

/* A network card's buffer */
#define FRAME	1536

/* Mappings under way at once, more than a block has room for */
#define MANY	300

static struct device *new_device(struct kunit *test)
{
	struct device *dev;

	if (!pguest_active() || !pguest_default_pool.users)
		kunit_skip(test, "nothing is bounced, or the pool has no pieces");
	dev = kunit_device_register(test, "pguest-cells");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	dev->dma_mask = &dev->coherent_dma_mask;
	dev->dma_parms = kunit_kzalloc(test, sizeof(*dev->dma_parms), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, dev->dma_parms);
	KUNIT_ASSERT_EQ(test, dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64)), 0);
	dev_set_dma_coherent(dev);
	return dev;
}

static u8 *new_buffer(struct kunit *test, size_t size)
{
	u8 *buffer = kunit_kmalloc(test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	memset(buffer, AROUND, size);
	return buffer;
}

/* The address of a mapping within the pool, which the host can see */
static phys_addr_t place_of(struct kunit *test, struct device *dev, dma_addr_t addr)
{
	phys_addr_t phys = dma_to_phys(dev, addr), in_pool = phys - pguest_default_pool.start;

	KUNIT_ASSERT_FALSE(test, dma_mapping_error(dev, addr));
	KUNIT_EXPECT_LT(test, in_pool,
			(phys_addr_t)pguest_default_pool.slots << IO_TLB_SHIFT);
	KUNIT_EXPECT_GE(test, in_pool,
			(phys_addr_t)pguest_default_pool.disk_slots << IO_TLB_SHIFT);
	KUNIT_EXPECT_TRUE(test, pguest_space_shared(&pguest_memory, phys));
	return phys;
}

/* Other devices map and unmap meanwhile: as many mappings as in a moment without cells */
static unsigned int mappings(void)
{
	unsigned int piece, sum = 0;

	for (piece = 0; piece < pguest_default_pool.nr; piece++)
		sum += max(atomic_read(&pguest_default_pool.users[piece]), 0);
	return sum;
}

static void expect_as_many(struct kunit *test, unsigned int before)
{
	unsigned int tries;

	for (tries = 0; tries < 1000; tries++) {
		pguest_cells_trim(0);
		if (mappings() <= before)
			return;
		fsleep(1000);
	}
	KUNIT_FAIL(test, "%u mappings, before %u", mappings(), before);
}

static const size_t sizes[] = { 1, 16, 255, 256, 257, 1526, 2048, 2049, 4095, 4096 };

/* The cell that is the least for it, aligned to its size */
static size_t cell_for(size_t size)
{
	return max_t(size_t, SZ_256, size <= SZ_256 ? SZ_256 : size <= SZ_2K ? SZ_2K : SZ_4K);
}

static void each_size_has_its_cell(struct kunit *test)
{
	struct device *dev = new_device(test);
	u8 *buffer = new_buffer(test, 2 * SZ_4K);
	dma_addr_t addr, next;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		addr = dma_map_single(dev, buffer + 3, sizes[i], DMA_TO_DEVICE);
		next = dma_map_single(dev, buffer + 3, sizes[i], DMA_TO_DEVICE);
		KUNIT_EXPECT_EQ(test, place_of(test, dev, addr) % cell_for(sizes[i]), 0);
		KUNIT_EXPECT_EQ(test, place_of(test, dev, next) % cell_for(sizes[i]), 0);
		KUNIT_EXPECT_GE(test, max(addr, next) - min(addr, next), cell_for(sizes[i]));
		/* Slots of SWIOTLB's are no closer than 2 KiB. */
		if (sizes[i] <= SZ_256)
			KUNIT_EXPECT_LT(test, max(addr, next) - min(addr, next), SZ_2K);
		dma_unmap_single(dev, next, sizes[i], DMA_TO_DEVICE);
		dma_unmap_single(dev, addr, sizes[i], DMA_TO_DEVICE);
	}
}

static void expect_filled(struct kunit *test, const u8 *at, int with, size_t size)
{
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(at, with, size), NULL);
}

/*
 * A buffer in the middle of something else: the device is shown @shown, and writes its
 * first half. What is beside the buffer does not change.
 */
static void transfer(struct kunit *test, enum dma_data_direction dir, int shown, int first,
		     int rest)
{
	struct device *dev = new_device(test);
	size_t i, half;
	u8 *buffer, *cell;
	dma_addr_t addr;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		half = sizes[i] / 2;
		buffer = new_buffer(test, sizes[i] + 16);
		memset(buffer + 7, OURS, sizes[i]);
		addr = dma_map_single(dev, buffer + 7, sizes[i], dir);
		cell = phys_to_virt(place_of(test, dev, addr));
		expect_filled(test, cell, shown, sizes[i]);
		memset(cell, DEVICES, half);
		dma_unmap_single(dev, addr, sizes[i], dir);
		expect_filled(test, buffer, AROUND, 7);
		expect_filled(test, buffer + 7, first, half);
		expect_filled(test, buffer + 7 + half, rest, sizes[i] - half);
		expect_filled(test, buffer + 7 + sizes[i], AROUND, 9);
	}
}

static void cell_to_be_filled_is_cleared(struct kunit *test)
{
	transfer(test, DMA_FROM_DEVICE, 0, DEVICES, 0);
}

static void cell_that_both_use_is_shown(struct kunit *test)
{
	transfer(test, DMA_BIDIRECTIONAL, OURS, DEVICES, OURS);
}

static void cell_to_be_read_is_not_written_back(struct kunit *test)
{
	transfer(test, DMA_TO_DEVICE, OURS, OURS, OURS);
}

/* What a cell holds when it is mapped to be filled, after another buffer was in it */
static void found_in_cell(struct kunit *test, struct device *dev, size_t size, int found)
{
	u8 *buffer = new_buffer(test, SZ_4K);
	dma_addr_t before, addr;

	memset(buffer, OURS, SZ_4K);
	before = dma_map_single(dev, buffer, size, DMA_TO_DEVICE);
	place_of(test, dev, before);
	dma_unmap_single(dev, before, size, DMA_TO_DEVICE);
	addr = dma_map_single(dev, buffer, size, DMA_FROM_DEVICE);
	/* The cell that became free last is taken first. */
	if (addr == before)
		expect_filled(test, phys_to_virt(place_of(test, dev, addr)), found, size);
	dma_unmap_single(dev, addr, size, DMA_FROM_DEVICE);
}

static void sectors_of_a_disk_are_not_cleared(struct kunit *test)
{
	struct device *dev = new_device(test);

	found_in_cell(test, dev, SZ_4K, 0);
	found_in_cell(test, dev, SZ_512, 0);
	pguest_max_sectors(dev, UINT_MAX);
	found_in_cell(test, dev, SZ_4K, OURS);
	found_in_cell(test, dev, SZ_512, OURS);
	/* Something else than data */
	found_in_cell(test, dev, SZ_512 - 1, 0);
}

/* A device writes a buffer, and says that it was @len bytes. Returns how many were copied. */
static size_t copied_of_frame(struct kunit *test, struct device *dev, struct virtqueue *vq,
			      u16 flags, u32 len)
{
	u8 *buffer = new_buffer(test, FRAME), *after;
	dma_addr_t addr = dma_map_single(dev, buffer, FRAME, DMA_FROM_DEVICE);

	memset(phys_to_virt(place_of(test, dev, addr)), DEVICES, FRAME);
	pguest_received(vq, flags, addr, FRAME, len);
	dma_unmap_single(dev, addr, FRAME, DMA_FROM_DEVICE);
	after = memchr_inv(buffer, DEVICES, FRAME);
	if (!after)
		return FRAME;
	expect_filled(test, after, AROUND, buffer + FRAME - after);
	return after - buffer;
}

static void frame_is_copied_as_far_as_it_was_written(struct kunit *test)
{
	struct virtio_device *vdev = kunit_kzalloc(test, sizeof(*vdev), GFP_KERNEL);
	struct virtqueue *vq = kunit_kzalloc(test, sizeof(*vq), GFP_KERNEL);
	struct device *dev = new_device(test);

	KUNIT_ASSERT_NOT_NULL(test, vdev);
	KUNIT_ASSERT_NOT_NULL(test, vq);
	vdev->id.device = VIRTIO_ID_NET;
	vdev->dev.parent = dev;
	vq->vdev = vdev;
	vq->index = 2;
	KUNIT_EXPECT_EQ(test, copied_of_frame(test, dev, vq, VRING_DESC_F_WRITE, 66), 66);
	KUNIT_EXPECT_LE(test, copied_of_frame(test, dev, vq, VRING_DESC_F_WRITE, 0), 1);
	KUNIT_EXPECT_EQ(test, copied_of_frame(test, dev, vq, VRING_DESC_F_WRITE, U32_MAX), FRAME);
	/* A table of buffers, and the first of several */
	KUNIT_EXPECT_EQ(test, copied_of_frame(test, dev, vq, VRING_DESC_F_INDIRECT, 66), FRAME);
	KUNIT_EXPECT_EQ(test, copied_of_frame(test, dev, vq, VRING_DESC_F_WRITE |
					      VRING_DESC_F_NEXT, 66), FRAME);
	vq->index = 1;
	KUNIT_EXPECT_EQ(test, copied_of_frame(test, dev, vq, VRING_DESC_F_WRITE, 66), FRAME);
	vq->index = 2;
	vdev->id.device = VIRTIO_ID_BLOCK;
	KUNIT_EXPECT_EQ(test, copied_of_frame(test, dev, vq, VRING_DESC_F_WRITE, 66), FRAME);
}

/* A driver looks at a part of its buffer, and changes a part, while that stays mapped. */
static void part_of_a_cell_is_synchronised(struct kunit *test)
{
	struct device *dev = new_device(test);
	u8 *buffer = new_buffer(test, SZ_2K), *cell;
	dma_addr_t addr;

	memset(buffer, OURS, SZ_2K);
	addr = dma_map_single(dev, buffer, SZ_2K, DMA_BIDIRECTIONAL);
	cell = phys_to_virt(place_of(test, dev, addr));
	memset(cell, DEVICES, SZ_2K);
	dma_sync_single_range_for_cpu(dev, addr, 100, 200, DMA_BIDIRECTIONAL);
	expect_filled(test, buffer, OURS, 100);
	expect_filled(test, buffer + 100, DEVICES, 200);
	expect_filled(test, buffer + 300, OURS, SZ_2K - 300);
	dma_sync_single_range_for_device(dev, addr, 300, 50, DMA_BIDIRECTIONAL);
	expect_filled(test, cell, DEVICES, 300);
	expect_filled(test, cell + 300, OURS, 50);
	expect_filled(test, cell + 350, DEVICES, SZ_2K - 350);
	dma_unmap_single(dev, addr, SZ_2K, DMA_BIDIRECTIONAL);
}

static void is_no_cell(struct kunit *test, struct device *dev, u8 *buffer, size_t size)
{
	dma_addr_t addr = dma_map_single(dev, buffer, size, DMA_TO_DEVICE);

	/* Freed here, it would be no more. */
	KUNIT_EXPECT_FALSE(test, pguest_cell_unmap(place_of(test, dev, addr), size,
						   DMA_TO_DEVICE, false));
	dma_unmap_single(dev, addr, size, DMA_TO_DEVICE);
}

/* Large, in its place within a page, or of a device that is not coherent */
static void other_buffers_have_slots_of_their_own(struct kunit *test)
{
	struct device *dev = new_device(test);
	u8 *buffer = new_buffer(test, SZ_8K);

	is_no_cell(test, dev, buffer, SZ_4K + 1);
	dma_set_min_align_mask(dev, SZ_4K - 1);
	is_no_cell(test, dev, buffer, SZ_4K);
	dma_set_min_align_mask(dev, 0);
	dev_clear_dma_coherent(dev);
	is_no_cell(test, dev, buffer, SZ_4K);
}

/* The pool takes memory while it is used, and a mapping does not wait for it. */
static dma_addr_t map_when_there_is_room(struct device *dev, u8 *buffer, size_t size)
{
	unsigned int tries;
	dma_addr_t addr;

	for (tries = 0; tries < 500; tries++) {
		addr = dma_map_single(dev, buffer, size, DMA_TO_DEVICE);
		if (!dma_mapping_error(dev, addr))
			break;
		fsleep(1000);
	}
	return addr;
}

/* Far more than the pool keeps, in an order that leaves each block with free cells */
static void blocks_go_back(struct kunit *test)
{
	struct device *dev = new_device(test);
	u8 *buffer = new_buffer(test, SZ_4K);
	dma_addr_t *addrs = kunit_kcalloc(test, MANY, sizeof(*addrs), GFP_KERNEL);
	unsigned int before, i, step;
	size_t size;

	KUNIT_ASSERT_NOT_NULL(test, addrs);
	pguest_cells_trim(0);
	before = mappings();
	for (size = SZ_256; size <= SZ_4K; size *= 4) {
		for (i = 0; i < MANY; i++) {
			addrs[i] = map_when_there_is_room(dev, buffer, size);
			place_of(test, dev, addrs[i]);
		}
		for (step = 0; step < 3; step++) {
			for (i = step; i < MANY; i += 3)
				dma_unmap_single(dev, addrs[i], size, DMA_TO_DEVICE);
		}
	}
	KUNIT_EXPECT_TRUE(test, pguest_cells_idle());
	expect_as_many(test, before);
}

/* Small buffers can have all of the pool but what is for disks, which find that free. */
static void full_pool(struct kunit *test)
{
	struct device *dev = new_device(test), *disk = kunit_device_register(test, "cells-disk");
	size_t i, mapped, most = swiotlb_size_or_default() / SZ_4K;
	u8 *buffer = new_buffer(test, SZ_4K);
	unsigned int before = mappings();
	dma_addr_t *addrs, addr;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, disk);
	disk->dma_mask = &disk->coherent_dma_mask;
	KUNIT_ASSERT_EQ(test, dma_set_mask_and_coherent(disk, DMA_BIT_MASK(64)), 0);
	addrs = kunit_kcalloc(test, most, sizeof(*addrs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, addrs);
	for (mapped = 0; mapped < most; mapped++) {
		addrs[mapped] = map_when_there_is_room(dev, buffer, SZ_4K);
		if (dma_mapping_error(dev, addrs[mapped]))
			break;
		place_of(test, dev, addrs[mapped]);
	}
	KUNIT_EXPECT_LT(test, mapped, most);
	KUNIT_EXPECT_GT(test, mapped, most / 4);
	pguest_max_sectors(disk, UINT_MAX);
	addr = dma_map_single(disk, buffer, SZ_4K, DMA_TO_DEVICE);
	KUNIT_EXPECT_FALSE(test, dma_mapping_error(disk, addr));
	if (!dma_mapping_error(disk, addr))
		dma_unmap_single(disk, addr, SZ_4K, DMA_TO_DEVICE);
	for (i = 0; i < mapped; i++)
		dma_unmap_single(dev, addrs[i], SZ_4K, DMA_TO_DEVICE);
	expect_as_many(test, before);
}

/* Pages that are shared, and that a driver gives to its device as they are */
static void page_of_the_pool_is_not_copied(struct kunit *test)
{
	struct device *dev = new_device(test);
	struct page *page, *next;
	dma_addr_t addr;
	u8 *at;

	page = pguest_page_get();
	if (!page)
		kunit_skip(test, "cells are no pages");
	next = pguest_page_get();
	KUNIT_ASSERT_NOT_NULL(test, next);
	KUNIT_EXPECT_TRUE(test, pguest_page_is_ours(page));
	KUNIT_EXPECT_FALSE(test, pguest_page_is_ours(virt_to_page(dev)));
	at = page_address(page);
	memset(at, OURS, SZ_4K);
	addr = dma_map_page(dev, page, 0, SZ_4K, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, place_of(test, dev, addr), page_to_phys(page));
	expect_filled(test, at, OURS, SZ_4K);
	memset(at, DEVICES, SZ_4K);
	dma_sync_single_for_cpu(dev, addr, SZ_4K, DMA_FROM_DEVICE);
	dma_unmap_page(dev, addr, SZ_4K, DMA_FROM_DEVICE);
	/* It is what it was, and is no one else's. */
	expect_filled(test, at, DEVICES, SZ_4K);
	KUNIT_EXPECT_TRUE(test, pguest_page_is_ours(page));
	if (page_to_phys(next) == page_to_phys(page) + SZ_4K) {
		addr = dma_map_page(dev, page, 0, SZ_8K, DMA_TO_DEVICE);
		KUNIT_EXPECT_EQ(test, place_of(test, dev, addr), page_to_phys(page));
		dma_unmap_page(dev, addr, SZ_8K, DMA_TO_DEVICE);
	}
	/* One that has another page beside it is copied. */
	pguest_page_put(next);
	addr = dma_map_page(dev, page, 0, SZ_8K, DMA_TO_DEVICE);
	KUNIT_EXPECT_NE(test, place_of(test, dev, addr), page_to_phys(page));
	dma_unmap_page(dev, addr, SZ_8K, DMA_TO_DEVICE);
	pguest_page_put(page);
	KUNIT_EXPECT_FALSE(test, pguest_page_is_ours(page));
}

/* They leave room for others: a quarter of the pool is the most. */
static void pages_of_the_pool_are_few(struct kunit *test)
{
	unsigned int before, nr, most = pguest_default_pool.slots / 2 + 1;
	struct page **pages, *page;

	page = pguest_active() ? pguest_page_get() : NULL;
	if (!page)
		kunit_skip(test, "cells are no pages");
	pguest_page_put(page);
	before = mappings();
	pages = kunit_kcalloc(test, most, sizeof(*pages), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pages);
	for (nr = 0; nr < most; nr++) {
		pages[nr] = pguest_page_get();
		if (!pages[nr])
			break;
		KUNIT_EXPECT_TRUE(test, pguest_page_is_ours(pages[nr]));
	}
	KUNIT_EXPECT_LE(test, nr, pguest_default_pool.slots / 8);
	KUNIT_EXPECT_GT(test, nr, 0);
	while (nr--)
		pguest_page_put(pages[nr]);
	expect_as_many(test, before);
}

static struct kunit_case cells_cases[] = {
	KUNIT_CASE(each_size_has_its_cell),
	KUNIT_CASE(cell_to_be_filled_is_cleared),
	KUNIT_CASE(cell_that_both_use_is_shown),
	KUNIT_CASE(cell_to_be_read_is_not_written_back),
	KUNIT_CASE(sectors_of_a_disk_are_not_cleared),
	KUNIT_CASE(frame_is_copied_as_far_as_it_was_written),
	KUNIT_CASE(part_of_a_cell_is_synchronised),
	KUNIT_CASE(other_buffers_have_slots_of_their_own),
	KUNIT_CASE(blocks_go_back),
	KUNIT_CASE(page_of_the_pool_is_not_copied),
	KUNIT_CASE(pages_of_the_pool_are_few),
	KUNIT_CASE(full_pool),
	{ }
};

static struct kunit_suite cells_suite = {
	.name = "pguest_cells",
	.test_cases = cells_cases,
};

kunit_test_suite(cells_suite);
