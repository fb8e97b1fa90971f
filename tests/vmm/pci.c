// SPDX-License-Identifier: GPL-2.0-only
/* The PCI host: configuration space of one bus in an ECAM window, and who has which address. */
#include <linux/pci_regs.h>
#include <stdlib.h>
#include <string.h>

#include "pci.h"
#include "vmm.h"

#define DEVICES		32
#define FUNCTIONS	8		/* of a device; we have the first alone */
#define VENDOR		0x1af4		/* all of virtio */
#define FIRST_CAPABILITY 0x40

static struct pci_function *devices[DEVICES];
static unsigned int count;

static void pci_put(struct pci_function *pci, unsigned int at, uint32_t value, unsigned int size)
{
	memcpy(pci->initial + at, &value, size);
}

static uint32_t pci_get(const struct pci_function *pci, unsigned int at, unsigned int size)
{
	uint32_t value = 0;

	memcpy(&value, pci->config + at, size);
	return value;
}

struct pci_function *pci_add(uint16_t device, uint32_t class, void *owner)
{
	struct pci_function *pci = calloc(1, sizeof(*pci));

	/* The first number is a host bridge's, as a rule. */
	if (!pci || ++count == DEVICES)
		die("no room for another PCI device");
	pci->number = count;
	pci->owner = owner;
	pci->link = PCI_CAPABILITY_LIST;
	pci->free = FIRST_CAPABILITY;
	pthread_mutex_init(&pci->lock, NULL);
	pci_put(pci, PCI_VENDOR_ID, VENDOR, 2);
	pci_put(pci, PCI_DEVICE_ID, device, 2);
	pci_put(pci, PCI_SUBSYSTEM_VENDOR_ID, VENDOR, 2);
	pci_put(pci, PCI_SUBSYSTEM_ID, device, 2);
	pci_put(pci, PCI_CLASS_REVISION, class << 8 | 1, 4);
	pci_put(pci, PCI_STATUS, PCI_STATUS_CAP_LIST, 2);
	pci->writable[PCI_COMMAND] = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	pci->writable[PCI_COMMAND + 1] = PCI_COMMAND_INTX_DISABLE >> 8;
	pci->writable[PCI_INTERRUPT_LINE] = 0xff;
	devices[count] = pci;
	return pci;
}

/* A power of two of 32-bit memory: its size shows in the bits of the address that stay 0. */
void pci_add_bar(struct pci_function *pci, unsigned int bar, uint32_t size, const struct pci_bar_ops *ops)
{
	uint32_t writable = ~(size - 1);

	pci->bar_size[bar] = size;
	pci->bar_ops[bar] = ops;
	memcpy(pci->writable + PCI_BASE_ADDRESS_0 + 4 * bar, &writable, sizeof(writable));
}

/* Returns where its contents go. */
uint8_t *pci_add_capability(struct pci_function *pci, uint8_t id, unsigned int size)
{
	unsigned int at = pci->free;

	pci->initial[pci->link] = at;
	pci->initial[at] = id;
	pci->link = at + PCI_CAP_LIST_NEXT;
	pci->free += (size + 3) & ~3U;
	return pci->initial + at;
}

void pci_power_on(struct pci_function *pci)
{
	memcpy(pci->config, pci->initial, sizeof(pci->config));
}

uint16_t pci_requester(const struct pci_function *pci)
{
	return pci->number * FUNCTIONS;
}

uint64_t pci_bar_address(const struct pci_function *pci, unsigned int bar)
{
	if (!(pci_get(pci, PCI_COMMAND, 2) & PCI_COMMAND_MEMORY))
		return 0;
	return pci_get(pci, PCI_BASE_ADDRESS_0 + 4 * bar, 4) & PCI_BASE_ADDRESS_MEM_MASK;
}

static void config_write(struct pci_function *pci, unsigned int at, uint64_t value, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++) {
		uint8_t *byte = &pci->config[at + i], mask = pci->writable[at + i];

		*byte = (*byte & ~mask) | (value >> 8 * i & mask);
	}
	pci->written(pci);
}

/* The kernel serialises accesses to configuration space, and a device's driver those to its registers. */
static void ecam_access(uint64_t offset, uint64_t *value, unsigned int size, bool write)
{
	unsigned int number = offset / PCI_CONFIG_SIZE, at = offset % PCI_CONFIG_SIZE;
	struct pci_function *pci = number % FUNCTIONS ? NULL : devices[number / FUNCTIONS];

	if (!pci) {
		*value = ~0UL;
		return;
	}
	if (at + size > PCI_CONFIG_SIZE)
		return;
	if (write)
		config_write(pci, at, *value, size);
	else
		*value = pci_get(pci, at, size);
}

static bool bar_access(struct pci_function *pci, unsigned int bar, uint64_t ipa, uint64_t *value,
		       unsigned int size, bool write)
{
	uint64_t base = pci->bar_size[bar] ? pci_bar_address(pci, bar) : 0;

	if (!base || ipa < base || ipa - base + size > pci->bar_size[bar])
		return false;
	if (write)
		pci->bar_ops[bar]->write(pci, ipa - base, *value, size);
	else
		*value = pci->bar_ops[bar]->read(pci, ipa - base, size);
	return true;
}

/* False: no device has that address. */
bool pci_access(uint64_t ipa, uint64_t *value, unsigned int size, bool write)
{
	if (ipa >= PCI_ECAM_BASE && ipa - PCI_ECAM_BASE < PCI_ECAM_SIZE) {
		ecam_access(ipa - PCI_ECAM_BASE, value, size, write);
		return true;
	}
	for (unsigned int i = 1; i <= count; i++) {
		for (unsigned int bar = 0; bar < PCI_BARS; bar++) {
			if (bar_access(devices[i], bar, ipa, value, size, write))
				return true;
		}
	}
	return false;
}
