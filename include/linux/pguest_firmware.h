/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ACPI and EFI in a protected VM: the host supplies tables and code.
 */
#ifndef _LINUX_PGUEST_FIRMWARE_H
#define _LINUX_PGUEST_FIRMWARE_H

#include <linux/pguest_core.h>
#include <linux/types.h>

/* Called in a protected VM alone, see linux/pguest_core.h. */
bool __pguest_acpi_refuses(phys_addr_t phys, size_t size);
bool __pguest_acpi_refuses_map(phys_addr_t phys, size_t size);
bool __pguest_acpi_refuses_table(const char *signature);
bool __pguest_efi_has_no_runtime(void);

/**
 * pguest_acpi_refuses() - must AML and ACPI registers not use a range?
 * @phys: first byte
 * @size: bytes, more than 0
 *
 * Context: Any.
 * Return: true if the range has RAM of a protected VM; this has been logged.
 */
static inline bool pguest_acpi_refuses(phys_addr_t phys, size_t size)
{
	return pguest_active() && __pguest_acpi_refuses(phys, size);
}

/**
 * pguest_acpi_refuses_map() - must an ACPI table not be read from a range?
 * @phys: first byte
 * @size: bytes, more than 0
 *
 * Context: Any.
 * Return: true if the range is not in RAM of a protected VM; this has been logged.
 */
static inline bool pguest_acpi_refuses_map(phys_addr_t phys, size_t size)
{
	return pguest_active() && __pguest_acpi_refuses_map(phys, size);
}

/**
 * pguest_acpi_refuses_table() - must an ACPI table be ignored?
 * @signature: its four letters
 *
 * Context: Any.
 * Return: true if a protected VM does not use this table; this has been logged.
 */
static inline bool pguest_acpi_refuses_table(const char *signature)
{
	return pguest_active() && __pguest_acpi_refuses_table(signature);
}

/**
 * pguest_efi_has_no_runtime() - must EFI runtime services not be called?
 *
 * Context: Any.
 * Return: true in a protected VM, unless pguest.acpi=efi allows them.
 */
static inline bool pguest_efi_has_no_runtime(void)
{
	return pguest_active() && __pguest_efi_has_no_runtime();
}

#endif /* _LINUX_PGUEST_FIRMWARE_H */
