/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ACPI and EFI in a protected VM, whose tables and code are the host's.
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
 * pguest_acpi_refuses() - may AML, or a register that a table names, be there?
 * @phys: first byte
 * @size: bytes, more than 0
 *
 * Context: Any.
 * Return: true if it is RAM of a protected VM; it has been logged.
 */
static inline bool pguest_acpi_refuses(phys_addr_t phys, size_t size)
{
	return pguest_active() && __pguest_acpi_refuses(phys, size);
}

/**
 * pguest_acpi_refuses_map() - may a table be read there?
 * @phys: first byte
 * @size: bytes, more than 0
 *
 * Context: Any.
 * Return: true if it is not in RAM of a protected VM; it has been logged.
 */
static inline bool pguest_acpi_refuses_map(phys_addr_t phys, size_t size)
{
	return pguest_active() && __pguest_acpi_refuses_map(phys, size);
}

/**
 * pguest_acpi_refuses_table() - is a table none of those to use in a protected VM?
 * @signature: four letters
 *
 * Context: Any.
 * Return: true if it is as if it were not there; it has been logged.
 */
static inline bool pguest_acpi_refuses_table(const char *signature)
{
	return pguest_active() && __pguest_acpi_refuses_table(signature);
}

/**
 * pguest_efi_has_no_runtime() - is code that firmware left in memory not to be called?
 *
 * Context: Any.
 * Return: true in a protected VM whose owner did not allow it.
 */
static inline bool pguest_efi_has_no_runtime(void)
{
	return pguest_active() && __pguest_efi_has_no_runtime();
}

#endif /* _LINUX_PGUEST_FIRMWARE_H */
