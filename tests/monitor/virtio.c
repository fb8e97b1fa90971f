// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU's virtio devices and the SMMU. A device without iommu_platform=on, and any virtio-mmio transport,
 * does its DMA past the SMMU: nothing would be enforced, so that such a machine is refused.
 *
 * A VMM that does not offer VIRTIO_F_ACCESS_PLATFORM is played here instead (hide_access_platform=1): the
 * device offers it and stays behind the SMMU, the guest does not see the bit, and we accept it for the guest.
 * Linux's balloon driver never accepts it, and QEMU's device insists: it is accepted for that one always.
 *
 * Source of capabilities and registers: OASIS virtio 1.2, 4.1.4 and 4.2.2.
 */
#include "device.h"
#include "host.h"
#include "options.h"

#define SLOTS			32
#define ECAM(slot, function)	(ECAM_BASE + ((slot) << 15) + ((function) << 12))

#define PCI_VENDOR		0x00
#define PCI_HEADER_TYPE		0x0e
#define PCI_BAR(n)		(0x10 + 4 * (n))
#define PCI_CAPABILITIES	0x34
#define CAP_VENDOR		0x09
#define NO_DEVICE		0xffff
#define VIRTIO_VENDOR		0x1af4
#define VIRTIO_FIRST		0x1000
#define VIRTIO_LAST		0x107f
#define VIRTIO_BALLOON		0x1045

#define CAP_TYPE		3		/* offsets in a virtio capability */
#define CAP_BAR			4
#define CAP_OFFSET		8
#define CAP_LENGTH		12
#define CAP_DATA		16
#define TYPE_COMMON		1
#define TYPE_NOTIFY		2
#define TYPE_DEVICE		4
#define TYPE_PCI_CFG		5

#define COMMON_SIZE		0x38
#define DEVICE_SELECT		0x00		/* in the common configuration */
#define DEVICE_FEATURE		0x04
#define DRIVER_SELECT		0x08
#define DRIVER_FEATURE		0x0c
#define QUEUE_SELECT		0x16
#define QUEUE_SIZE		0x18
#define QUEUE_DEVICE		0x30
#define ACCESS_PLATFORM_WORD	1		/* feature 33: bit 1 of word 1 */
#define ACCESS_PLATFORM_BIT	BIT(1)

#define MMIO_TRANSPORTS		32
#define MMIO_TRANSPORT_SIZE	0x200
#define MMIO_DEVICE_ID		8

static struct device {
	u64 config;			/* its page of configuration space */
	u32 bar, offset;		/* of the common configuration */
	u64 device_length;		/* where the guest reads how long its own configuration is, or 0 */
	u32 notify, notify_size;	/* in the same BAR: where it is told that a queue has something */
	bool hidden, accepted;		/* what becomes of ACCESS_PLATFORM */
} devices[SLOTS];
static u32 nr_devices;
static bool watching;

static u32 pci_capability(u64 config, u32 type)
{
	u32 at = device_read(config + PCI_CAPABILITIES, 0);

	for (int i = 0; at && i < 48; i++, at = device_read(config + at + 1, 0))
		if (device_read(config + at, 0) == CAP_VENDOR && device_read(config + at + CAP_TYPE, 0) == type)
			return at;
	return 0;
}

/* A register of the common configuration through configuration space: no BAR has an address yet. */
static void pci_aim(const struct device *d, u64 window, u32 reg)
{
	device_write(window + CAP_BAR, 0, d->bar);
	device_write(window + CAP_OFFSET, 2, d->offset + reg);
	device_write(window + CAP_LENGTH, 2, 4);
}

static bool offers_access_platform(const struct device *d)
{
	u64 window = d->config + pci_capability(d->config, TYPE_PCI_CFG);
	u32 features;

	if (window == d->config)
		return false;
	pci_aim(d, window, DEVICE_SELECT);
	device_write(window + CAP_DATA, 2, ACCESS_PLATFORM_WORD);
	pci_aim(d, window, DEVICE_FEATURE);
	features = device_read(window + CAP_DATA, 2);
	pci_aim(d, window, DEVICE_SELECT);
	device_write(window + CAP_DATA, 2, 0);
	device_write(window + CAP_LENGTH, 2, 0);
	return features & ACCESS_PLATFORM_BIT;
}

static void pci_bypass(const char *what, u64 where)
{
	if (protected_vm() && !opt.allow_bypass)
		fail("%s %lu: its DMA goes past the SMMU (iommu_platform=on; see hide_access_platform)", what,
		     where);
}

static void take_virtio(u64 config, u64 slot, u32 id)
{
	struct device *d = &devices[nr_devices++];
	u32 common = pci_capability(config, TYPE_COMMON), notify = pci_capability(config, TYPE_NOTIFY);
	u32 device = pci_capability(config, TYPE_DEVICE);

	d->config = config;
	d->hidden = opt.hide_access_platform;
	d->accepted = d->hidden || id == VIRTIO_BALLOON;
	watching |= d->accepted;
	if (common) {
		d->bar = device_read(config + common + CAP_BAR, 0);
		d->offset = device_read(config + common + CAP_OFFSET, 2);
	}
	if (notify) {
		d->notify = device_read(config + notify + CAP_OFFSET, 2);
		d->notify_size = device_read(config + notify + CAP_LENGTH, 2);
	}
	if (device)
		d->device_length = config + device + CAP_LENGTH;
	if (!common || !offers_access_platform(d))
		pci_bypass("virtio device in PCI slot", slot);
}

static void look_at_slot(u64 slot)
{
	u64 config = ECAM(slot, 0);
	u32 id = device_read(config + PCI_VENDOR, 2), device = id >> 16;

	if ((id & 0xffff) == NO_DEVICE)
		return;
	if (device_read(config + PCI_HEADER_TYPE, 0))
		pci_bypass("bridge or multifunction device, unchecked, in PCI slot", slot);
	if ((id & 0xffff) == VIRTIO_VENDOR && device >= VIRTIO_FIRST && device <= VIRTIO_LAST)
		take_virtio(config, slot, device);
}

void virtio_check(void)
{
	for (u64 slot = 0; slot < SLOTS; slot++)
		look_at_slot(slot);
	for (u64 n = 0; n < MMIO_TRANSPORTS; n++)
		if (device_read(VIRTIO_MMIO + n * MMIO_TRANSPORT_SIZE + MMIO_DEVICE_ID, 2))
			pci_bypass("virtio-mmio device", n);
}

/* Where the guest has put it; 0 when it has not. */
static u64 common_address(const struct device *d)
{
	u64 low = device_read(d->config + PCI_BAR(d->bar), 2), bar = low & ~15UL;

	if (low & 4)
		bar |= device_read(d->config + PCI_BAR(d->bar + 1), 2) << 32;
	return bar ? bar + d->offset : 0;
}

static enum mmio_result common_access(const struct device *d, struct mmio *m, u64 common)
{
	u64 reg = m->ipa - common;

	if (m->write && d->accepted && reg == DRIVER_FEATURE &&
	    device_read(common + DRIVER_SELECT, 2) == ACCESS_PLATFORM_WORD)
		m->value |= ACCESS_PLATFORM_BIT;
	if (m->write || !d->hidden || reg != DEVICE_FEATURE ||
	    device_read(common + DEVICE_SELECT, 2) != ACCESS_PLATFORM_WORD)
		return MMIO_PASS;
	m->value = device_read(m->ipa, m->log2_size) & ~ACCESS_PLATFORM_BIT;
	return MMIO_DONE;
}

/* Option break_queue=: the device does not hear of what it is asked for in that queue, and the driver gets nonsense. */
static bool break_queue(const struct device *d, const struct mmio *m)
{
	u64 common = common_address(d), notify = common - d->offset + d->notify, used;
	u32 selected;

	if (!common || m->value != opt.break_queue.value || m->ipa < notify || m->ipa >= notify + d->notify_size)
		return false;
	selected = device_read(common + QUEUE_SELECT, 1);
	device_write(common + QUEUE_SELECT, 1, opt.break_queue.value);
	used = device_read(common + QUEUE_DEVICE, 2) | device_read(common + QUEUE_DEVICE + 4, 2) << 32;
	host_break_ring(used, device_read(common + QUEUE_SIZE, 1));
	device_write(common + QUEUE_SELECT, 1, selected);
	return true;
}

/* Option device_config=: that is all the configuration that a device has, by what the guest reads of it. */
enum mmio_result pci_config_access(struct vcpu *vcpu, struct mmio *m)
{
	(void)vcpu;
	for (u32 i = 0; opt.device_config.told && !m->write && i < nr_devices; i++)
		if (devices[i].device_length == m->ipa) {
			m->value = opt.device_config.value;
			return MMIO_DONE;
		}
	return MMIO_PASS;
}

enum mmio_result pci_window_access(struct vcpu *vcpu, struct mmio *m)
{
	(void)vcpu;
	if (m->write && m->log2_size == 1)
		host_notified();
	for (u32 i = 0; opt.break_queue.told && m->write && m->log2_size == 1 && i < nr_devices; i++)
		if (break_queue(&devices[i], m))
			return MMIO_DONE;
	for (u32 i = 0; watching && m->log2_size == 2 && i < nr_devices; i++) {
		u64 common = common_address(&devices[i]);

		if (common && m->ipa >= common && m->ipa < common + COMMON_SIZE)
			return common_access(&devices[i], m, common);
	}
	return MMIO_PASS;
}
