// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices whose DMA addresses are too narrow for a realm's shared memory.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>

#include <asm/pguest.h>

static struct device *new_device(struct kunit *test)
{
	struct device *dev = kunit_device_register(test, "pguest-mask");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	dev->dma_mask = &dev->coherent_dma_mask;
	return dev;
}

/* In a realm all of an address counts; elsewhere what the tree thinks. */
static void narrow_masks_are_refused(struct kunit *test)
{
	struct device *dev = new_device(test);
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
	struct device *dev = new_device(test);
	phys_addr_t phys = 0x42001234;

	KUNIT_EXPECT_EQ(test, phys_to_dma_unencrypted(dev, phys), phys | pguest_shared_bit);
	KUNIT_EXPECT_EQ(test, phys_to_dma(dev, phys), phys);
	KUNIT_EXPECT_EQ(test, dma_to_phys(dev, phys | pguest_shared_bit), phys);
	KUNIT_EXPECT_EQ(test, dma_to_phys(dev, phys), phys);
}

static struct kunit_case mask_cases[] = {
	KUNIT_CASE(narrow_masks_are_refused),
	KUNIT_CASE(addresses_have_the_bit_and_lose_it),
	{ }
};

static struct kunit_suite mask_suite = {
	.name = "pguest_mask",
	.test_cases = mask_cases,
};

kunit_test_suite(mask_suite);
