// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests of virtio disks that find no room in the bounce pool.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/blkdev.h>
#include <linux/jiffies.h>
#include <linux/pguest.h>
#include <linux/pguest_disk.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>

#include <asm/pguest.h>

#include <compat/device.h>

#include "../../kernel/dma/pool.h"

/* More than a disk is sure of, in as many segments as a driver has without a chain */
#define ENTRIES	120

static struct device *new_disk(struct kunit *test)
{
	struct device *dev;

	if (!pguest_active() || !pguest_disk_is_sure_of())
		kunit_skip(test, "nothing is bounced, or no slots are for disks");
	dev = kunit_device_register(test, "pguest-disks");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	dev->dma_mask = &dev->coherent_dma_mask;
	KUNIT_ASSERT_EQ(test, dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64)), 0);
	pguest_max_sectors(dev, UINT_MAX);
	return dev;
}

/* A request of a disk with blocks of @block bytes, and its data in segments of @segment bytes */
static struct request *new_request(struct kunit *test, struct sg_table *table, unsigned int segment,
				   unsigned int block)
{
	struct request_queue *q = kunit_kzalloc(test, sizeof(*q), GFP_KERNEL);
	struct request *req = kunit_kzalloc(test, sizeof(*req), GFP_KERNEL);
	struct scatterlist *sg;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_ASSERT_NOT_NULL(test, req);
	table->sgl = kunit_kcalloc(test, ENTRIES, sizeof(*sg), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, table->sgl);
	sg_init_table(table->sgl, ENTRIES);
	for_each_sg(table->sgl, sg, ENTRIES, i)
		sg_set_page(sg, ZERO_PAGE(0), segment, 0);
	table->nents = ENTRIES;
	q->limits.logical_block_size = block;
	req->q = q;
	req->cmd_flags = REQ_OP_READ;
	req->__data_len = ENTRIES * segment;
	return req;
}

/* Of segments of one part a disk is sure of 64. */
static unsigned int segment_size(unsigned int parts)
{
	return pguest_disk_is_sure_of() / 64 * parts;
}

static void expect_cut(struct kunit *test, unsigned int parts, unsigned int block)
{
	struct device *disk = new_disk(test);
	unsigned long sure = pguest_disk_is_sure_of();
	unsigned int segment = segment_size(parts);
	struct sg_table table;
	struct request *req = new_request(test, &table, segment, block);
	long cut = atomic_long_read(&pguest_requests_cut);

	KUNIT_ASSERT_GT(test, ENTRIES * (unsigned long)segment, sure);
	pguest_disk_is_short(disk);
	table.nents = pguest_cut_request(disk, req, &table, ENTRIES);
	KUNIT_EXPECT_EQ(test, table.nents, DIV_ROUND_UP(sure, segment));
	KUNIT_EXPECT_EQ(test, sg_nents(table.sgl), table.nents);
	KUNIT_EXPECT_EQ(test, pguest_bytes_sent(req, &table), sure);
	KUNIT_EXPECT_TRUE(test, pguest_is_cut(req, &table));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&pguest_requests_cut), cut + 1);
	/* An error is one of the whole request. */
	KUNIT_EXPECT_FALSE(test, pguest_send_rest(req, BLK_STS_IOERR, sure));
}

static void expect_whole(struct kunit *test, struct device *disk, struct request *req,
			 struct sg_table *table)
{
	KUNIT_EXPECT_EQ(test, pguest_cut_request(disk, req, table, ENTRIES), ENTRIES);
	KUNIT_EXPECT_EQ(test, pguest_bytes_sent(req, table), blk_rq_bytes(req));
	KUNIT_EXPECT_FALSE(test, pguest_is_cut(req, table));
	KUNIT_EXPECT_FALSE(test, pguest_send_rest(req, BLK_STS_OK, blk_rq_bytes(req)));
}

static void request_without_room_is_cut(struct kunit *test)
{
	expect_cut(test, 1, SZ_512);
}

static void request_is_cut_within_a_segment(struct kunit *test)
{
	expect_cut(test, 5, SZ_4K);
}

/* A disk, and a request of it that is larger than what the disk is sure of */
static struct request *large_request(struct kunit *test, struct device **disk,
				     struct sg_table *table)
{
	*disk = new_disk(test);
	return new_request(test, table, segment_size(1), SZ_512);
}

static void request_with_room_is_whole(struct kunit *test)
{
	struct device *disk;
	struct sg_table table;
	struct request *req = large_request(test, &disk, &table);

	expect_whole(test, disk, req, &table);
}

/* Others have no part that could be done before the rest. */
static void only_reads_and_writes_are_cut(struct kunit *test)
{
	static const unsigned int others[] = { REQ_OP_ZONE_APPEND, REQ_OP_DRV_IN };
	struct device *disk;
	struct sg_table table;
	struct request *req = large_request(test, &disk, &table);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		pguest_disk_is_short(disk);
		req->cmd_flags = others[i];
		expect_whole(test, disk, req, &table);
	}
}

static void small_request_is_whole(struct kunit *test)
{
	struct device *disk = new_disk(test);
	struct sg_table table;
	struct request *req = new_request(test, &table, SZ_512, SZ_512);

	pguest_disk_is_short(disk);
	expect_whole(test, disk, req, &table);
}

static void other_disks_requests_are_whole(struct kunit *test)
{
	struct device *disk, *other = kunit_device_register(test, "pguest-other");
	struct sg_table table;
	struct request *req = large_request(test, &disk, &table);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, other);
	pguest_disk_is_short(disk);
	expect_whole(test, other, req, &table);
}

static void requests_are_whole_again(struct kunit *test)
{
	struct device *disk;
	struct sg_table table;
	struct request *req = large_request(test, &disk, &table);
	unsigned long end = jiffies + 5 * HZ;

	pguest_disk_is_short(disk);
	KUNIT_EXPECT_TRUE(test, pguest_disk_was_short(disk));
	while (pguest_disk_was_short(disk) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	expect_whole(test, disk, req, &table);
}

static void error_stays_one(struct kunit *test)
{
	struct device *disk;
	struct sg_table table;
	struct request *req = large_request(test, &disk, &table);

	pguest_disk_is_short(disk);
	KUNIT_EXPECT_EQ(test, pguest_cut_request(disk, req, &table, -EIO), -EIO);
	KUNIT_EXPECT_EQ(test, pguest_cut_request(disk, req, &table, 0), 0);
}

static struct kunit_case disks_cases[] = {
	KUNIT_CASE(request_without_room_is_cut),
	KUNIT_CASE(request_is_cut_within_a_segment),
	KUNIT_CASE(request_with_room_is_whole),
	KUNIT_CASE(only_reads_and_writes_are_cut),
	KUNIT_CASE(small_request_is_whole),
	KUNIT_CASE(other_disks_requests_are_whole),
	KUNIT_CASE(requests_are_whole_again),
	KUNIT_CASE(error_stays_one),
	{ }
};

static struct kunit_suite disks_suite = {
	.name = "pguest_disks",
	.test_cases = disks_cases,
};

kunit_test_suite(disks_suite);
