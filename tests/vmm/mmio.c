// SPDX-License-Identifier: GPL-2.0-only
/* Which device an address belongs to. */
#include <string.h>

#include "doorbell.h"
#include "pci.h"
#include "virtio.h"
#include "vmm.h"

static bool is_within(uint64_t ipa, uint64_t base, uint64_t size)
{
	return ipa >= base && ipa - base < size;
}

static uint64_t device_load(uint64_t ipa, unsigned int size)
{
	uint64_t value = 0;

	if (is_within(ipa, PL011_BASE, PAGE))
		return pl011_read(ipa - PL011_BASE);
	if (is_within(ipa, VIRTIO_BASE, MAX_DEVICES * VIRTIO_STRIDE))
		return virtio_mmio_read(ipa - VIRTIO_BASE, size);
	if (opt.pci && pci_access(ipa, &value, size, false))
		return value;
	if (is_within(ipa, DOORBELL_IPA, PAGE))
		return doorbell_read(ipa - DOORBELL_IPA);
	say("a load of %u bytes from %#lx, where nothing is", size, ipa);
	return ~0UL;
}

static void device_store(uint64_t ipa, uint64_t value, unsigned int size)
{
	if (is_within(ipa, PL011_BASE, PAGE))
		pl011_write(ipa - PL011_BASE, value);
	else if (is_within(ipa, VIRTIO_BASE, MAX_DEVICES * VIRTIO_STRIDE))
		virtio_mmio_write(ipa - VIRTIO_BASE, value, size);
	else if (opt.pci && pci_access(ipa, &value, size, true))
		return;
	else if (is_within(ipa, DOORBELL_IPA, PAGE))
		doorbell_write(ipa - DOORBELL_IPA, value, size);
	else
		say("a store of %u bytes to %#lx, where nothing is", size, ipa);
}

void mmio_access(uint64_t ipa, uint8_t *data, unsigned int size, bool write)
{
	uint64_t value = 0;

	if (write) {
		memcpy(&value, data, size);
		device_store(ipa, value, size);
	} else {
		value = device_load(ipa, size);
		memcpy(data, &value, size);
	}
}
