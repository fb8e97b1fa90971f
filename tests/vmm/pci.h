/* SPDX-License-Identifier: GPL-2.0-only */
/* A PCI host with one bus, as pci-host-ecam-generic drives it. Its functions are virtio devices with MSI-X. */
#ifndef VMM_PCI_H
#define VMM_PCI_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define PCI_CONFIG_SIZE	4096
#define PCI_BARS	2
#define MSIX_MAX	8

struct pci_function;

struct pci_bar_ops {
	uint64_t (*read)(struct pci_function *pci, uint64_t offset, unsigned int size);
	void (*write)(struct pci_function *pci, uint64_t offset, uint64_t value, unsigned int size);
};

struct pci_function {
	unsigned int number;			/* of the device on the bus */
	void *owner;
	uint8_t config[PCI_CONFIG_SIZE];
	uint8_t initial[PCI_CONFIG_SIZE];	/* as after power on */
	uint8_t writable[PCI_CONFIG_SIZE];	/* which bits the guest may change */
	uint32_t bar_size[PCI_BARS];
	const struct pci_bar_ops *bar_ops[PCI_BARS];
	unsigned int link, free;		/* the end of the list of capabilities, and what is behind it */
	void (*written)(struct pci_function *pci);	/* the guest has written to its configuration space */
	pthread_mutex_t lock;			/* of all below */
	unsigned int msix, vectors;
	uint8_t table[MSIX_MAX * 16];
	bool pending[MSIX_MAX];
};

/* pci.c */
struct pci_function *pci_add(uint16_t device, uint32_t class, void *owner);
void pci_add_bar(struct pci_function *pci, unsigned int bar, uint32_t size, const struct pci_bar_ops *ops);
uint8_t *pci_add_capability(struct pci_function *pci, uint8_t id, unsigned int size);
void pci_power_on(struct pci_function *pci);
/* Where a BAR is in the guest's address space; 0: nowhere */
uint64_t pci_bar_address(const struct pci_function *pci, unsigned int bar);
uint16_t pci_requester(const struct pci_function *pci);
bool pci_access(uint64_t ipa, uint64_t *value, unsigned int size, bool write);

/* msix.c */
void msix_add(struct pci_function *pci, unsigned int bar, unsigned int vectors);
void msix_send(struct pci_function *pci, unsigned int vector);
void msix_power_on(struct pci_function *pci);
void msix_unmasked(struct pci_function *pci);	/* some may be: send what waits */

#endif
