// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses of devices in a realm, by the RIPAS that its RMM reports.
 */
#include <kunit/test.h>
#include <linux/efi.h>
#include <linux/io.h>
#include <linux/memblock.h>
#include <linux/mm.h>

#include <asm/pguest.h>
#include <asm/rsi.h>

#define UART	0x09000000UL	/* of QEMU's virt machine */

static int locate_init(struct kunit *test)
{
	if (!rsi_in_realm())
		kunit_skip(test, "this is no realm");
	return 0;
}

static int locate_at(phys_addr_t *at, size_t size, bool device)
{
	return __pguest_locate(at, size, device);
}

static void devices_are_in_the_unprotected_half(struct kunit *test)
{
	phys_addr_t at = UART + 0x18;

	KUNIT_EXPECT_EQ(test, 0, locate_at(&at, 4, true));
	KUNIT_EXPECT_EQ(test, at, (UART + 0x18) | pguest_shared_bit);
}

static void what_is_there_already_stays(struct kunit *test)
{
	phys_addr_t there = UART | pguest_shared_bit, at = there;

	KUNIT_EXPECT_EQ(test, 0, locate_at(&at, SZ_4K, true));
	KUNIT_EXPECT_EQ(test, at, there);
}

static void firmware_tables_in_ram_stay_private(struct kunit *test)
{
	phys_addr_t ram = memblock_start_of_DRAM(), at = ram + 12;

	KUNIT_EXPECT_EQ(test, 0, locate_at(&at, 100, false));
	KUNIT_EXPECT_EQ(test, at, ram + 12);
}

static void ram_is_no_device(struct kunit *test)
{
	phys_addr_t ram = memblock_start_of_DRAM(), at = ram;

	KUNIT_EXPECT_EQ(test, -EPERM, locate_at(&at, SZ_4K, true));
	KUNIT_EXPECT_EQ(test, at, ram);
	/* RAM that firmware describes as MMIO stays where it is. */
	KUNIT_EXPECT_EQ(test, pguest_device(ram, SZ_4K, true), ram);
	KUNIT_EXPECT_EQ(test, pguest_device(UART, SZ_4K, true), UART | pguest_shared_bit);
	KUNIT_EXPECT_EQ(test, pguest_device(UART, SZ_4K, false), UART);
}

static void one_mapping_is_in_one_half(struct kunit *test)
{
	phys_addr_t at = memblock_start_of_DRAM() - SZ_4K;

	/* The second page is RAM. */
	KUNIT_EXPECT_EQ(test, -EPERM, locate_at(&at, 2 * SZ_4K, true));
	at = pguest_shared_bit - SZ_4K;
	KUNIT_EXPECT_EQ(test, -EINVAL, locate_at(&at, 2 * SZ_4K, true));
	at = 2 * pguest_shared_bit - SZ_4K;
	KUNIT_EXPECT_EQ(test, -EINVAL, locate_at(&at, 2 * SZ_4K, true));
	at = UART;
	KUNIT_EXPECT_EQ(test, -EINVAL, locate_at(&at, 0, true));
	KUNIT_EXPECT_EQ(test, -EINVAL, locate_at(&at, SIZE_MAX, true));
}

/* Rounded up to whole pages these ranges end at 0. */
static void nothing_is_at_the_last_address(struct kunit *test)
{
	phys_addr_t at = -(phys_addr_t)SZ_4K + 0x800;

	KUNIT_EXPECT_EQ(test, -EINVAL, locate_at(&at, 4, true));
	KUNIT_EXPECT_EQ(test, -EINVAL, locate_at(&at, 0x7ff, true));
	KUNIT_EXPECT_EQ(test, -EINVAL, locate_at(&at, 0x800, true));
	KUNIT_EXPECT_EQ(test, at, -(phys_addr_t)SZ_4K + 0x800);
}

static void user_mappings_have_the_bit(struct kunit *test)
{
	pgprot_t prot = pgprot_noncached(PAGE_SHARED);
	pte_t pte = pfn_pte(PHYS_PFN(UART), pgprot_decrypted(prot));

	KUNIT_EXPECT_EQ(test, PFN_PHYS(pte_pfn(pte)), UART | pguest_shared_bit);
	KUNIT_EXPECT_EQ(test, pgprot_val(pgprot_encrypted(pgprot_decrypted(prot))),
			pgprot_val(prot));
}

static void host_call_comes_back(struct kunit *test)
{
	u64 gprs[31] = { RHI_HOSTCONF_VERSION };

	KUNIT_EXPECT_EQ(test, 0, rsi_host_call(0, gprs));
}

static struct kunit_case locate_cases[] = {
	KUNIT_CASE(devices_are_in_the_unprotected_half),
	KUNIT_CASE(what_is_there_already_stays),
	KUNIT_CASE(firmware_tables_in_ram_stay_private),
	KUNIT_CASE(ram_is_no_device),
	KUNIT_CASE(one_mapping_is_in_one_half),
	KUNIT_CASE(nothing_is_at_the_last_address),
	KUNIT_CASE(user_mappings_have_the_bit),
	KUNIT_CASE(host_call_comes_back),
	{ }
};

static struct kunit_suite locate_suite = {
	.name = "pguest_locate",
	.init = locate_init,
	.test_cases = locate_cases,
};

kunit_test_suite(locate_suite);
