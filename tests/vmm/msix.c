// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSI-X: the guest writes into a table where a message goes and what it says.
 * There it is the ITS, so the message is sent with the number of the device.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <linux/pci_regs.h>
#include <string.h>
#include <sys/ioctl.h>

#include "pci.h"
#include "vmm.h"

#define TABLE		0
#define PBA		0x800
#define BAR_SIZE	4096

struct entry {
	uint32_t low, high, data, control;
};

static struct entry entry_of(const struct pci_function *pci, unsigned int vector)
{
	struct entry entry;

	memcpy(&entry, pci->table + vector * sizeof(entry), sizeof(entry));
	return entry;
}

static uint16_t msix_control(const struct pci_function *pci)
{
	uint16_t value;

	memcpy(&value, pci->config + pci->msix + PCI_MSIX_FLAGS, sizeof(value));
	return value;
}

static bool msix_masked(const struct pci_function *pci, const struct entry *entry)
{
	return msix_control(pci) & PCI_MSIX_FLAGS_MASKALL || entry->control & PCI_MSIX_ENTRY_CTRL_MASKBIT;
}

static void signal_msi(const struct pci_function *pci, const struct entry *entry)
{
	struct kvm_msi msi = {
		.address_lo = entry->low,
		.address_hi = entry->high,
		.data = entry->data,
		.flags = KVM_MSI_VALID_DEVID,
		.devid = pci_requester(pci),
	};

	/* 0: the guest's ITS has it masked, or not mapped. */
	if (ioctl(vm.fd, KVM_SIGNAL_MSI, &msi) < 0)
		say("PCI device %u: message %#x is lost: %s", pci->number, entry->data, strerror(errno));
}

/* With the lock. */
static void send_locked(struct pci_function *pci, unsigned int vector)
{
	struct entry entry = entry_of(pci, vector);

	if (!(msix_control(pci) & PCI_MSIX_FLAGS_ENABLE))
		return;
	pci->pending[vector] = msix_masked(pci, &entry);
	if (!pci->pending[vector])
		signal_msi(pci, &entry);
}

void msix_send(struct pci_function *pci, unsigned int vector)
{
	if (vector >= pci->vectors)
		return;
	pthread_mutex_lock(&pci->lock);
	send_locked(pci, vector);
	pthread_mutex_unlock(&pci->lock);
}

void msix_unmasked(struct pci_function *pci)
{
	pthread_mutex_lock(&pci->lock);
	for (unsigned int i = 0; i < pci->vectors; i++) {
		if (pci->pending[i])
			send_locked(pci, i);
	}
	pthread_mutex_unlock(&pci->lock);
}

static uint64_t read_table(struct pci_function *pci, uint64_t offset, unsigned int size)
{
	uint64_t value = 0;

	if (offset + size <= sizeof(pci->table))
		memcpy(&value, pci->table + offset, size);
	for (unsigned int i = 0; offset == PBA && i < pci->vectors; i++)
		value |= (uint64_t)pci->pending[i] << i;
	return value;
}

static void write_table(struct pci_function *pci, uint64_t offset, uint64_t value, unsigned int size)
{
	if (offset + size > sizeof(pci->table))
		return;
	pthread_mutex_lock(&pci->lock);
	memcpy(pci->table + offset, &value, size);
	pthread_mutex_unlock(&pci->lock);
	msix_unmasked(pci);
}

static const struct pci_bar_ops table_ops = { read_table, write_table };

void msix_power_on(struct pci_function *pci)
{
	memset(pci->table, 0, sizeof(pci->table));
	memset(pci->pending, 0, sizeof(pci->pending));
	for (unsigned int i = 0; i < pci->vectors; i++)
		pci->table[i * sizeof(struct entry) + PCI_MSIX_ENTRY_VECTOR_CTRL] = PCI_MSIX_ENTRY_CTRL_MASKBIT;
}

void msix_add(struct pci_function *pci, unsigned int bar, unsigned int vectors)
{
	uint8_t *capability = pci_add_capability(pci, PCI_CAP_ID_MSIX, PCI_CAP_MSIX_SIZEOF);
	uint32_t table = TABLE | bar, pba = PBA | bar;
	uint16_t flags = vectors - 1;

	pci->msix = capability - pci->initial;
	pci->vectors = vectors;
	memcpy(capability + PCI_MSIX_FLAGS, &flags, sizeof(flags));
	memcpy(capability + PCI_MSIX_TABLE, &table, sizeof(table));
	memcpy(capability + PCI_MSIX_PBA, &pba, sizeof(pba));
	pci->writable[pci->msix + PCI_MSIX_FLAGS + 1] = (PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL) >> 8;
	pci_add_bar(pci, bar, BAR_SIZE, &table_ops);
}
