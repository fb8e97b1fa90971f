// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tree's search for slots of a bounce pool, with our hook in it.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/dma-mapping.h>
#include <linux/log2.h>
#include <linux/preempt.h>
#include <linux/sizes.h>

#include <asm/pguest.h>

#include <compat/swiotlb.h>

/* As NVMe has it: what stands at an offset in a page of 4 KiB bounces to the same offset. */
#define ALIGN_MASK	(SZ_4K - 1)
#define OFFSET		SZ_2K

static struct device *new_device(struct kunit *test)
{
	struct device *dev = kunit_device_register(test, "pguest-swiotlb");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	dev->dma_mask = &dev->coherent_dma_mask;
	dev->dma_parms = kunit_kzalloc(test, sizeof(*dev->dma_parms), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, dev->dma_parms);
	KUNIT_ASSERT_EQ(test, dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64)), 0);
	dma_set_min_align_mask(dev, ALIGN_MASK);
	return dev;
}

/* More than one area of the pool has room for; a buffer takes three slots or more. */
static size_t too_many(void)
{
	size_t slots = swiotlb_size_or_default() / IO_TLB_SIZE;

	return slots / roundup_pow_of_two(num_possible_cpus()) / 3 + 1;
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
		addrs[mapped] = dma_map_single(dev, buffer + OFFSET, SZ_4K, DMA_TO_DEVICE);
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

static struct kunit_case swiotlb_cases[] = {
	KUNIT_CASE(search_of_a_full_area_ends),
	{ }
};

static struct kunit_suite swiotlb_suite = {
	.name = "pguest_swiotlb",
	.test_cases = swiotlb_cases,
};

kunit_test_suite(swiotlb_suite);
