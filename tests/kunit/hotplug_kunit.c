// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that is plugged into a realm, and out of it.
 *
 * With pguest_test.hidden_ram the machine has RAM behind that which the device tree
 * describes.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>

#include <asm/pguest.h>
#include <asm/rsi.h>
#include <asm/rsi_cmds.h>

static bool hidden_ram;

static int __init hidden_ram_param(char *value)
{
	hidden_ram = true;
	return 0;
}
early_param("pguest_test.hidden_ram", hidden_ram_param);

/* Without pages that cannot be moved, which may come to any other memory at once. */
static int bring_online(struct memory_block *block, void *unused)
{
	block->online_type = MMOP_ONLINE_MOVABLE;
	return device_online(&block->dev);
}

/* The state of a range, or ~0 if it is not the same everywhere. */
static u64 state_of(phys_addr_t start, phys_addr_t end)
{
	u64 first = 0, ripas;
	phys_addr_t at, next;

	for (at = start; at < end; at = next) {
		if (rsi_ipa_state_get(at, end, &next, &ripas))
			return ~0ULL;
		if (at == start)
			first = ripas;
		if (ripas != first)
			return ~0ULL;
	}
	return first;
}

/* Is a page of the host's accepted at @at? */
static int map_and_unmap(phys_addr_t at)
{
	void *page = pguest_map_host_page(at, SZ_4K, PGUEST_GENERATION);

	if (IS_ERR(page))
		return PTR_ERR(page);
	pguest_unmap_host_page(page);
	return 0;
}

static void ram_is_accepted_and_given_back(struct kunit *test)
{
	unsigned long size = memory_block_size_bytes();
	phys_addr_t start = ALIGN(memblock_end_of_DRAM(), size);
	u64 *first, *last;

	if (!rsi_in_realm() || !hidden_ram)
		kunit_skip(test, "no hidden RAM here");
	KUNIT_ASSERT_EQ(test, state_of(start, start + size), RSI_RIPAS_EMPTY);

	KUNIT_ASSERT_EQ(test, 0, add_memory(0, start, size, MHP_NONE));
	KUNIT_EXPECT_EQ(test, state_of(start, start + size), RSI_RIPAS_RAM);
	KUNIT_EXPECT_EQ(test, 0, walk_memory_blocks(start, size, NULL, bring_online));

	first = phys_to_virt(start);
	last = phys_to_virt(start + size - sizeof(*last));
	KUNIT_EXPECT_NE(test, READ_ONCE(*first), 0xdbdbdbdbdbdbdbdbULL);
	KUNIT_EXPECT_NE(test, READ_ONCE(*last), 0xdbdbdbdbdbdbdbdbULL);
	/* RAM is no page of the host's. */
	KUNIT_EXPECT_EQ(test, -EPERM, map_and_unmap(start));

	KUNIT_EXPECT_EQ(test, 0, offline_and_remove_memory(start, size));
	KUNIT_EXPECT_EQ(test, state_of(start, start + size), RSI_RIPAS_EMPTY);
}

/* The host plugs in RAM over a page that it supplies. */
static void what_the_host_has_is_not_added(struct kunit *test)
{
	unsigned long size = memory_block_size_bytes();
	phys_addr_t start = ALIGN(memblock_end_of_DRAM(), size);
	void *page;

	if (!rsi_in_realm() || !hidden_ram)
		kunit_skip(test, "no hidden RAM here");
	page = pguest_map_host_page(start + SZ_1M, SZ_4K, PGUEST_GENERATION);
	KUNIT_ASSERT_FALSE(test, IS_ERR(page));
	KUNIT_EXPECT_EQ(test, -EBUSY, add_memory(0, start, size, MHP_NONE));
	KUNIT_EXPECT_EQ(test, state_of(start, start + size), RSI_RIPAS_EMPTY);
	pguest_unmap_host_page(page);
}

static void what_is_no_ram_is_not_added(struct kunit *test)
{
	unsigned long size = memory_block_size_bytes();
	phys_addr_t start = ALIGN(memblock_end_of_DRAM(), SZ_1G) + SZ_1G;

	if (!rsi_in_realm())
		kunit_skip(test, "this is no realm");
	KUNIT_EXPECT_LT(test, add_memory(0, start, size, MHP_NONE), 0);
	KUNIT_EXPECT_EQ(test, state_of(start, start + size), RSI_RIPAS_EMPTY);
}

static struct kunit_case hotplug_cases[] = {
	KUNIT_CASE(ram_is_accepted_and_given_back),
	KUNIT_CASE(what_the_host_has_is_not_added),
	KUNIT_CASE(what_is_no_ram_is_not_added),
	{ }
};

static struct kunit_suite hotplug_suite = {
	.name = "pguest_hotplug",
	.test_cases = hotplug_cases,
};

kunit_test_suite(hotplug_suite);
