// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables that a host adds to QEMU's (options acpi_table=, aml=, apei=), by ACPI 6.5: 5.2, 18.3, 20.2. They are added to
 * a copy of the XSDT. EFI's memory map says of the pages that they name what the host wants it to say.
 */
#include <string.h>
#include "acpi.h"
#include "hostpages.h"
#include "memory.h"
#include "options.h"

#define HEADER		36
#define XSDT_MAX	(HEADER + 8 * 32)

static u8 *xsdt;

static void put_word(u8 *p, u32 value)
{
	memcpy(p, &value, sizeof(value));
}

static void put_address(u8 *p, u64 value)
{
	memcpy(p, &value, sizeof(value));
}

static u32 length_of(const u8 *table)
{
	u32 value;

	memcpy(&value, table + 4, sizeof(value));
	return value;
}

static void seal_table(u8 *table)
{
	table[9] = 0;
	table[9] = -acpi_sum(table, length_of(table));
}

static u8 *fill_table(u8 *table, const char *signature, const void *body, u32 size)
{
	memcpy(table, signature, 4);
	put_word(table + 4, HEADER + size);
	table[8] = 2;
	memcpy(table + 10, "HOST  HOSTLIES", 14);
	memcpy(table + HEADER, body, size);
	seal_table(table);
	return table;
}

static void add_to_xsdt(u64 address)
{
	u32 length = length_of(xsdt);

	if (length + 8 > XSDT_MAX)
		fail("acpi: too many tables");
	put_address(xsdt + length, address);
	put_word(xsdt + 4, length + 8);
	seal_table(xsdt);
}

static void add_table(const char *signature, const void *body, u32 size)
{
	add_to_xsdt((u64)fill_table(acpi_room(HEADER + size, 8), signature, body, size));
}

/* An SSDT without code in a page of the host's, which it can change for as long as it is not private memory. */
static void add_outside(void)
{
	fill_table((u8 *)host_page_pa(TABLE_IPA), "SSDT", "", 0);
	add_to_xsdt(TABLE_IPA | (is_realm() ? realm_half() : 0));
}

/*
 * Runs when the table is loaded. The sum is made by the AML, so that the text is in memory only where it was
 * written:
 *	OperationRegion (MEMW, SystemMemory, target, 0x1000)
 *	Field (MEMW, QWordAcc, NoLock, Preserve) { WORD, 64 }
 *	Add ("@MLWROTE", 1, WORD)
 */
static void add_aml(u64 target)
{
	static u8 code[] = {
		0x5b, 0x80, 'M', 'E', 'M', 'W', 0, 0x0e, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b, 0x00, 0x10,
		0x5b, 0x81, 12, 'M', 'E', 'M', 'W', 4, 'W', 'O', 'R', 'D', 0x40, 4,
		0x72, 0x0e, '@', 'M', 'L', 'W', 'R', 'O', 'T', 'E', 1, 'W', 'O', 'R', 'D',
	};

	put_address(code + 8, target);
	add_table("SSDT", code, sizeof(code));
}

/* An error of the last boot, in a page that is the firmware's; and an empty list of what to watch for errors. */
static void add_apei(u64 page)
{
	u8 bert[12] = { 0 }, hest[4] = { 0 };

	memset((void *)page, 0, PAGE);
	put_word((u8 *)page, 1);	/* one uncorrectable error */
	put_word(bert, PAGE);
	put_address(bert + 4, page);
	add_table("BERT", bert, sizeof(bert));
	add_table("HEST", hest, sizeof(hest));
}

/* @pages: two of RAM that are otherwise unused */
void acpi_add_lies(u8 *rsdp, u64 pages)
{
	u64 old;

	if (!opt.acpi_table && !opt.aml && !opt.apei)
		return;
	memcpy(&old, rsdp + 24, sizeof(old));
	xsdt = acpi_room(XSDT_MAX, 8);
	memcpy(xsdt, (u8 *)old, length_of((u8 *)old));
	put_address(rsdp + 24, (u64)xsdt);
	if (opt.acpi_table)
		add_outside();
	if (opt.aml)
		add_aml(opt.aml == 2 ? acpi_kernel_page() : pages);
	if (opt.apei)
		add_apei(pages + PAGE);
	rsdp[8] = 0;
	rsdp[8] = -acpi_sum(rsdp, 20);
	rsdp[32] = 0;
	rsdp[32] = -acpi_sum(rsdp, 36);
}
