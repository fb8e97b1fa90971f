// SPDX-License-Identifier: GPL-2.0-only
/*
 * ACPI and EFI in a protected VM, where the host supplies tables and AML.
 *
 * Tables are read in private memory only, where the host cannot change them. AML may
 * access devices, but not RAM. Tables with addresses that a driver maps, and EFI runtime
 * services, are not used. pguest.acpi= can allow each of these.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/bitops.h>
#include <linux/ctype.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/memblock.h>
#include <linux/pguest_firmware.h>
#include <linux/string.h>

#include <asm/pguest.h>

/* APEI, PCC and other drivers map addresses that these tables contain. */
static const char * const naming_tables[] = {
	"HEST", "BERT", "ERST", "EINJ", "PCCT", "FPDT", "BGRT", "NFIT", "TPM2",
};

static unsigned long refused_tables;

/* Value of pguest.acpi= */
static char allowed_words[64] __ro_after_init;

static int __init acpi_param(char *value)
{
	if (!value || strscpy(allowed_words, value, sizeof(allowed_words)) < 0)
		pr_warn("pguest.acpi= is too long, or nothing\n");
	return 0;
}
early_param("pguest.acpi", acpi_param);

/**
 * pguest_word_listed() - is a word in a list?
 * @list: words separated by commas
 * @word: the word; upper and lower case are the same
 *
 * Context: Any.
 * Return: true if it is.
 */
bool pguest_word_listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (strcspn(list, ",") == len && !strncasecmp(list, word, len))
			return true;
	return false;
}

/* Behind pguest_acpi_refuses_table(). */
bool __pguest_acpi_refuses_table(const char *signature)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(naming_tables); i++) {
		if (strncmp(naming_tables[i], signature, 4))
			continue;
		if (pguest_word_listed(allowed_words, naming_tables[i]))
			return false;
		if (!test_and_set_bit(i, &refused_tables))
			pr_info("the host's ACPI table %s is not used (pguest.acpi=%s)\n",
				naming_tables[i], naming_tables[i]);
		return true;
	}
	return false;
}

/* Does a range overlap RAM that the kernel uses? No-map regions are firmware's. */
static bool has_ram(phys_addr_t phys, size_t size)
{
	phys_addr_t last = phys + size - 1, at;

	if (!size || last < phys)
		return true;
	for (at = ALIGN_DOWN(phys, PAGE_SIZE); at <= last; at += PAGE_SIZE)
		if (memblock_is_map_memory(at))
			return true;
	return false;
}

/* Behind pguest_acpi_refuses(). */
bool __pguest_acpi_refuses(phys_addr_t phys, size_t size)
{
	if (!has_ram(phys, size) || pguest_word_listed(allowed_words, "memory"))
		return false;
	pr_err_ratelimited("ACPI may not touch RAM at %pa (pguest.acpi=memory)\n", &phys);
	return true;
}

/* Behind pguest_acpi_refuses_map(): the host could change a table outside of RAM. */
bool __pguest_acpi_refuses_map(phys_addr_t phys, size_t size)
{
	if (memblock_is_region_memory(phys, size))
		return false;
	pr_err_ratelimited("an ACPI table at %pa is not in our memory\n", &phys);
	return true;
}

/* Behind pguest_efi_has_no_runtime(). */
bool __pguest_efi_has_no_runtime(void)
{
	return !pguest_word_listed(allowed_words, "efi");
}
