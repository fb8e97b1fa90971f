// SPDX-License-Identifier: GPL-2.0-only
/*
 * pguest_map_host_page(): an address that the host chose is refused if the kernel uses it.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/set_memory.h>
#include <linux/string.h>

#include <asm/pguest.h>
#include <asm/sections.h>

#define OURS	0xa5
#define SMALL	64		/* bytes, as of a CPU's steal time */

static int skip_outside(struct kunit *test)
{
	if (!pguest_active())
		kunit_skip(test, "this is no protected VM");
	return 0;
}

static unsigned long clock_granules(void)
{
	return READ_ONCE(pguest_memory.ledger.by_owner[PGUEST_CLOCK]);
}

static struct pguest_entry entry_at(phys_addr_t phys)
{
	return pguest_ledger_get(&pguest_memory.ledger, phys);
}

static void expect_refusal(struct kunit *test, const char *what, phys_addr_t phys,
			   size_t size, int want)
{
	unsigned long before = clock_granules();
	void *addr = pguest_map_host_page(phys, size, PGUEST_CLOCK);

	KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(addr), want, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, clock_granules(), before, "%s", what);
	if (!IS_ERR(addr))
		pguest_unmap_host_page(addr);
}

static void ram_is_refused(struct kunit *test)
{
	phys_addr_t start = memblock_start_of_DRAM(), end = memblock_end_of_DRAM();
	phys_addr_t middle = ALIGN_DOWN(start + (end - start) / 2, PAGE_SIZE);

	expect_refusal(test, "first page", start, PAGE_SIZE, -EPERM);
	expect_refusal(test, "middle page", middle, PAGE_SIZE, -EPERM);
	expect_refusal(test, "last page", end - PAGE_SIZE, PAGE_SIZE, -EPERM);
	expect_refusal(test, "a structure at the beginning", start, SMALL, -EPERM);
	expect_refusal(test, "a structure at the end", end - SMALL, SMALL, -EPERM);
	expect_refusal(test, "a byte", end - 1, 1, -EPERM);
	expect_refusal(test, "over the beginning", start - SMALL / 2, SMALL, -EPERM);
	expect_refusal(test, "over the end", end - SMALL / 2, SMALL, -EPERM);
	expect_refusal(test, "pages over the beginning", start - PAGE_SIZE,
		       2 * PAGE_SIZE, -EPERM);
	expect_refusal(test, "pages over the end", end - PAGE_SIZE, 2 * PAGE_SIZE, -EPERM);
	expect_refusal(test, "all of it", start, end - start, -EPERM);
	expect_refusal(test, "all of it, and more", start - PAGE_SIZE,
		       end - start + 2 * PAGE_SIZE, -EPERM);
}

static void kernel_is_refused(struct kunit *test)
{
	static char in_data[SMALL] = { 1 };

	expect_refusal(test, "text", __pa_symbol(_text), PAGE_SIZE, -EPERM);
	expect_refusal(test, "a function", __pa_symbol(kernel_is_refused), SMALL, -EPERM);
	expect_refusal(test, "data", __pa_symbol(in_data), SMALL, -EPERM);
	expect_refusal(test, "last byte", __pa_symbol(_end) - 1, 1, -EPERM);
	KUNIT_EXPECT_EQ(test, in_data[0], 1);
}

static void reserved_memory_is_refused(struct kunit *test)
{
	struct memblock_region *r;

	for_each_reserved_mem_region(r)
		expect_refusal(test, "reserved", r->base, SMALL, -EPERM);
}

static void senseless_ranges_are_refused(struct kunit *test)
{
	phys_addr_t outside = memblock_end_of_DRAM();

	expect_refusal(test, "nothing", outside, 0, -EINVAL);
	expect_refusal(test, "nothing of RAM", memblock_start_of_DRAM(), 0, -EINVAL);
	expect_refusal(test, "around the end", -PAGE_SIZE, 2 * PAGE_SIZE, -EINVAL);
	expect_refusal(test, "up to the end", -PAGE_SIZE, PAGE_SIZE, -EINVAL);
	expect_refusal(test, "last but one page", -2 * PAGE_SIZE, PAGE_SIZE, -EINVAL);
	expect_refusal(test, "all there is", 0, SIZE_MAX, -EINVAL);
	expect_refusal(test, "no such address", PHYS_MASK + 1, SMALL, -EINVAL);
	expect_refusal(test, "in part no such address", PHYS_MASK + 1 - SMALL,
		       2 * SMALL, -EINVAL);
	if (pguest_shared_bit)
		expect_refusal(test, "the other half",
			       memblock_start_of_DRAM() | pguest_shared_bit, SMALL, -EINVAL);
}

/* A page of the kernel's is neither cleared nor shared nor unshared. */
static void pages_in_use_are_left_alone(struct kunit *test)
{
	size_t size = max_t(size_t, pguest_backend->granule, PAGE_SIZE);
	unsigned int order = get_order(size);
	unsigned long addr = __get_free_pages(GFP_KERNEL, order);
	phys_addr_t phys;

	KUNIT_ASSERT_NE(test, addr, 0);
	phys = virt_to_phys((void *)addr);
	memset((void *)addr, OURS, size);
	expect_refusal(test, "private", phys, size, -EPERM);
	KUNIT_EXPECT_NULL(test, memchr_inv((void *)addr, OURS, size));
	KUNIT_EXPECT_EQ(test, (int)entry_at(phys).state, (int)PGUEST_PRIVATE);

	KUNIT_ASSERT_EQ(test, 0, set_memory_decrypted(addr, size >> PAGE_SHIFT));
	memset((void *)addr, OURS, size);
	expect_refusal(test, "shared for a device", phys, size, -EPERM);
	KUNIT_EXPECT_NULL(test, memchr_inv((void *)addr, OURS, size));
	KUNIT_EXPECT_EQ(test, (int)entry_at(phys).state, (int)PGUEST_SHARED);
	KUNIT_EXPECT_EQ(test, (int)entry_at(phys).owner, (int)PGUEST_OTHER);
	KUNIT_EXPECT_EQ(test, entry_at(phys).refs, 1);
	KUNIT_ASSERT_EQ(test, 0, set_memory_encrypted(addr, size >> PAGE_SHIFT));
	free_pages(addr, order);
}

/* A region that a driver has requested is refused, without a hypercall. */
static void driven_devices_are_refused(struct kunit *test)
{
	phys_addr_t phys = ALIGN(memblock_end_of_DRAM(), SZ_2M) + SZ_2M;

	KUNIT_ASSERT_NOT_NULL(test, request_mem_region(phys, PAGE_SIZE, "pguest_kunit"));
	expect_refusal(test, "a device", phys, PAGE_SIZE, -EPERM);
	expect_refusal(test, "part of it", phys + SMALL, SMALL, -EPERM);
	expect_refusal(test, "over its beginning", phys - SMALL, 2 * SMALL, -EPERM);
	release_mem_region(phys, PAGE_SIZE);
}

/* The page of the generation ID, if its driver has mapped one. */
static phys_addr_t find_host_page(struct kunit *test)
{
	struct device_node *node = of_find_compatible_node(NULL, NULL, "microsoft,vmgenid");
	struct resource res = {};
	int err = of_address_to_resource(node, 0, &res);

	of_node_put(node);
	if (err || entry_at(res.start).owner != PGUEST_GENERATION)
		kunit_skip(test, "the host supplies no page");
	return res.start;
}

static void users_of_one_page_are_counted(struct kunit *test)
{
	phys_addr_t phys = find_host_page(test);
	unsigned int refs = entry_at(phys).refs;
	u8 *one, *two;

	one = pguest_map_host_page(phys, 16, PGUEST_GENERATION);
	KUNIT_ASSERT_FALSE(test, IS_ERR(one));
	two = pguest_map_host_page(phys + SMALL, SMALL, PGUEST_GENERATION);
	KUNIT_ASSERT_FALSE(test, IS_ERR(two));
	KUNIT_EXPECT_EQ(test, entry_at(phys).refs, refs + 2);
	KUNIT_EXPECT_EQ(test, offset_in_page(one), offset_in_page(phys));
	KUNIT_EXPECT_EQ(test, offset_in_page(two), offset_in_page(phys + SMALL));
	KUNIT_EXPECT_NOT_NULL(test, memchr_inv(one, 0, 16));

	pguest_unmap_host_page(one);
	KUNIT_EXPECT_EQ(test, entry_at(phys).refs, refs + 1);
	/* An address that is not mapped any more, or never was */
	pguest_unmap_host_page(one);
	pguest_unmap_host_page(NULL);
	pguest_unmap_host_page(test);
	KUNIT_EXPECT_EQ(test, entry_at(phys).refs, refs + 1);
	pguest_unmap_host_page(two);
	KUNIT_EXPECT_EQ(test, entry_at(phys).refs, refs);
	KUNIT_EXPECT_EQ(test, (int)entry_at(phys).state, (int)PGUEST_SHARED);
}

static void page_shared_for_another_reason_is_refused(struct kunit *test)
{
	phys_addr_t phys = find_host_page(test);
	unsigned int refs = entry_at(phys).refs;

	expect_refusal(test, "another's", phys, SMALL, -EBUSY);
	expect_refusal(test, "beside another's", phys + SMALL, SMALL, -EBUSY);
	expect_refusal(test, "partly another's", phys - SMALL, 2 * SMALL, -EBUSY);
	KUNIT_EXPECT_EQ(test, entry_at(phys).refs, refs);
	KUNIT_EXPECT_EQ(test, (int)entry_at(phys).owner, (int)PGUEST_GENERATION);
}

/* With ACPI each device's memory is a resource, the clock's too. */
static void own_resource_is_no_hindrance(struct kunit *test)
{
	phys_addr_t phys = find_host_page(test);
	struct resource res = DEFINE_RES_MEM_NAMED(phys, PAGE_SIZE, "pguest_kunit");
	unsigned int refs = entry_at(phys).refs;
	void *addr;

	KUNIT_ASSERT_EQ(test, 0, insert_resource(&iomem_resource, &res));
	addr = pguest_map_host_page(phys, 16, PGUEST_GENERATION);
	KUNIT_EXPECT_FALSE(test, IS_ERR(addr));
	if (!IS_ERR(addr))
		pguest_unmap_host_page(addr);
	remove_resource(&res);
	KUNIT_EXPECT_EQ(test, entry_at(phys).refs, refs);
}

static struct kunit_case hostpage_cases[] = {
	KUNIT_CASE(ram_is_refused),
	KUNIT_CASE(kernel_is_refused),
	KUNIT_CASE(reserved_memory_is_refused),
	KUNIT_CASE(senseless_ranges_are_refused),
	KUNIT_CASE(pages_in_use_are_left_alone),
	KUNIT_CASE(driven_devices_are_refused),
	KUNIT_CASE(users_of_one_page_are_counted),
	KUNIT_CASE(page_shared_for_another_reason_is_refused),
	KUNIT_CASE(own_resource_is_no_hindrance),
	{ }
};

static struct kunit_suite hostpage_suite = {
	.name = "pguest_hostpage",
	.init = skip_outside,
	.test_cases = hostpage_cases,
};

kunit_test_suite(hostpage_suite);
