// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices whose DMA addresses are too narrow for a realm's shared memory, and devices
 * that need none: their DMA is to private memory.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>

#include <asm/pguest.h>

#include <compat/device.h>

static struct device *new_device(struct kunit *test, const char *name)
{
	struct device *dev = kunit_device_register(test, name);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	dev->dma_mask = &dev->coherent_dma_mask;
	return dev;
}

/* In a realm the mask must cover the bit of shared memory; elsewhere the tree decides. */
static void narrow_masks_are_refused(struct kunit *test)
{
	struct device *dev = new_device(test, "pguest-mask");
	int width = pguest_shared_bit ? fls64(pguest_shared_bit) : 0;
	int bits;

	for (bits = 32; bits <= 64; bits++) {
		int err = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(bits));

		if (bits < width)
			KUNIT_EXPECT_EQ_MSG(test, err, -EIO, "%d bits", bits);
		else
			KUNIT_EXPECT_EQ_MSG(test, err, 0, "%d bits", bits);
	}
}

static void addresses_have_the_bit_and_lose_it(struct kunit *test)
{
	struct device *dev = new_device(test, "pguest-mask");
	phys_addr_t phys = 0x42001234;

	KUNIT_EXPECT_EQ(test, phys_to_dma_unencrypted(dev, phys), phys | pguest_shared_bit);
	KUNIT_EXPECT_EQ(test, phys_to_dma(dev, phys), phys);
	KUNIT_EXPECT_EQ(test, dma_to_phys(dev, phys | pguest_shared_bit), phys);
	KUNIT_EXPECT_EQ(test, dma_to_phys(dev, phys), phys);
}

/* What the ledger has of the page at @addr */
static enum pguest_state state_of(void *addr)
{
	return pguest_ledger_get(&pguest_memory.ledger, virt_to_phys(addr)).state;
}

/* A coherent buffer and a mapping are in memory that is shared, or that is private. */
static void expect_dma(struct kunit *test, struct device *dev, bool private)
{
	u64 bit = private ? 0 : pguest_shared_bit;
	void *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	dma_addr_t handle, mapped;
	void *buffer;

	KUNIT_ASSERT_NOT_NULL(test, page);
	buffer = dma_alloc_coherent(dev, PAGE_SIZE, &handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, buffer);
	KUNIT_EXPECT_EQ(test, handle & pguest_shared_bit, bit);
	KUNIT_EXPECT_EQ(test, (int)state_of(phys_to_virt(dma_to_phys(dev, handle))),
			private ? (int)PGUEST_PRIVATE : (int)PGUEST_SHARED);
	dma_free_coherent(dev, PAGE_SIZE, buffer, handle);

	mapped = dma_map_single(dev, page, PAGE_SIZE, DMA_TO_DEVICE);
	KUNIT_ASSERT_EQ(test, dma_mapping_error(dev, mapped), 0);
	KUNIT_EXPECT_EQ(test, mapped & pguest_shared_bit, bit);
	KUNIT_EXPECT_EQ(test, dma_to_phys(dev, mapped) == virt_to_phys(page), private);
	dma_unmap_single(dev, mapped, PAGE_SIZE, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, (int)state_of(page), (int)PGUEST_PRIVATE);
}

/* Of two devices one has private DMA. The other's DMA stays shared at each step. */
static void private_device_shares_nothing(struct kunit *test)
{
	struct device *dev = new_device(test, "pguest-mask");
	struct device *other = new_device(test, "pguest-other");

	if (!pguest_active())
		kunit_skip(test, "nothing is shared here");
	dev_set_dma_coherent(dev);
	dev_set_dma_coherent(other);
	KUNIT_ASSERT_EQ(test, dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64)), 0);
	KUNIT_ASSERT_EQ(test, dma_set_mask_and_coherent(other, DMA_BIT_MASK(64)), 0);
	expect_dma(test, dev, false);

	KUNIT_ASSERT_EQ(test, pguest_set_dma_private(dev, true), 0);
	KUNIT_EXPECT_EQ(test, pguest_set_dma_private(dev, true), -EALREADY);
	expect_dma(test, dev, true);
	KUNIT_EXPECT_EQ(test, dma_set_mask_and_coherent(dev, DMA_BIT_MASK(32)), 0);
	expect_dma(test, other, false);

	KUNIT_ASSERT_EQ(test, pguest_set_dma_private(dev, false), 0);
	KUNIT_EXPECT_EQ(test, pguest_set_dma_private(dev, false), -EALREADY);
	KUNIT_ASSERT_EQ(test, dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64)), 0);
	expect_dma(test, dev, false);
}

static struct kunit_case mask_cases[] = {
	KUNIT_CASE(private_device_shares_nothing),
	KUNIT_CASE(narrow_masks_are_refused),
	KUNIT_CASE(addresses_have_the_bit_and_lose_it),
	{ }
};

static struct kunit_suite mask_suite = {
	.name = "pguest_mask",
	.test_cases = mask_cases,
};

kunit_test_suite(mask_suite);
