// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which addresses ACPI may access, and the parameter by which an owner allows others.
 */
#include <kunit/test.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/pguest_firmware.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include <asm/pguest.h>

struct words {
	const char *list;
	const char *word;
	bool listed;
};

static const struct words words[] = {
	{ "memory", "memory", true },
	{ "bert,memory", "memory", true },
	{ "memory,bert", "memory", true },
	{ "bert,memory,efi", "memory", true },
	{ "BERT", "bert", true },
	{ "bert", "BERT", true },
	{ "", "memory" },
	{ ",", "memory" },
	{ ",,memory", "memory", true },
	{ "memor", "memory" },
	{ "memory2", "memory" },
	{ "mem,ory", "memory" },
	{ "xmemory", "memory" },
	{ "memory ", "memory" },
};

static void words_of_a_list(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		KUNIT_EXPECT_EQ_MSG(test, pguest_word_listed(words[i].list, words[i].word),
				    words[i].listed, "%s", words[i].list);
}

static void aml_and_ram(struct kunit *test)
{
	phys_addr_t start = memblock_start_of_DRAM(), end = memblock_end_of_DRAM();
	void *memory = kunit_kzalloc(test, SZ_4K, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, memory);
	KUNIT_EXPECT_TRUE(test, __pguest_acpi_refuses(virt_to_phys(memory), 1));
	KUNIT_EXPECT_TRUE(test, __pguest_acpi_refuses(__pa_symbol(words), 8));
	KUNIT_EXPECT_TRUE(test, __pguest_acpi_refuses(start, 8));
	KUNIT_EXPECT_TRUE(test, __pguest_acpi_refuses(start - 8, 16));
	KUNIT_EXPECT_TRUE(test, __pguest_acpi_refuses(end - 1, SZ_4K));
	KUNIT_EXPECT_TRUE(test, __pguest_acpi_refuses(start - SZ_4K, 3 * SZ_64K));
	/* An empty range, and one that wraps around */
	KUNIT_EXPECT_TRUE(test, __pguest_acpi_refuses(0x1000, 0));
	KUNIT_EXPECT_TRUE(test, __pguest_acpi_refuses((phys_addr_t)-8, 16));
	KUNIT_EXPECT_FALSE(test, __pguest_acpi_refuses(start - SZ_64K, SZ_64K));
	KUNIT_EXPECT_FALSE(test, __pguest_acpi_refuses(end, 8));
	KUNIT_EXPECT_FALSE(test, __pguest_acpi_refuses(0x9000000, 4));
}

static void tables_and_ram(struct kunit *test)
{
	phys_addr_t end = memblock_end_of_DRAM();

	KUNIT_EXPECT_FALSE(test, __pguest_acpi_refuses_map(__pa_symbol(words), sizeof(words)));
	KUNIT_EXPECT_FALSE(test, __pguest_acpi_refuses_map(end - 36, 36));
	KUNIT_EXPECT_TRUE(test, __pguest_acpi_refuses_map(end - 36, 37));
	KUNIT_EXPECT_TRUE(test, __pguest_acpi_refuses_map(end, 36));
	KUNIT_EXPECT_TRUE(test, __pguest_acpi_refuses_map(0x9000000, 36));
	KUNIT_EXPECT_TRUE(test, __pguest_acpi_refuses_map((phys_addr_t)-8, 36));
	if (pguest_shared_bit)
		KUNIT_EXPECT_TRUE(test, __pguest_acpi_refuses_map(__pa_symbol(words) |
								  pguest_shared_bit, 36));
}

static void tables_by_name(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, __pguest_acpi_refuses_table("HEST"));
	KUNIT_EXPECT_TRUE(test, __pguest_acpi_refuses_table("HESTs"));
	KUNIT_EXPECT_TRUE(test, __pguest_acpi_refuses_table("TPM2"));
	KUNIT_EXPECT_FALSE(test, __pguest_acpi_refuses_table("APIC"));
	KUNIT_EXPECT_FALSE(test, __pguest_acpi_refuses_table("DSDT"));
}

static struct kunit_case firmware_kunit_cases[] = {
	KUNIT_CASE(words_of_a_list),
	KUNIT_CASE(aml_and_ram),
	KUNIT_CASE(tables_and_ram),
	KUNIT_CASE(tables_by_name),
	{ }
};

static struct kunit_suite firmware_suite = {
	.name = "pguest_firmware",
	.test_cases = firmware_kunit_cases,
};

kunit_test_suite(firmware_suite);
