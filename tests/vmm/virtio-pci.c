// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtio-pci transport, modern alone: a BAR with a page for each of its four
 * structures, and MSI-X with a vector for each queue. There are no pins.
 */
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_pci.h>
#include <linux/pci_regs.h>
#include <stddef.h>
#include <string.h>

#include "pci.h"
#include "virtio.h"
#include "vmm.h"

#define VIRTIO_PCI_ISR_QUEUE 1
#define DEVICE_ID	0x1040		/* and the type of the device */
#define CLASS_DISK	0x010000
#define CLASS_NET	0x020000
#define CLASS_OTHER	0xff0000

enum { BAR, BAR_MSIX };
enum { COMMON, ISR, CONFIG, NOTIFY, PAGES };

static void write_queue(struct queue *queue, uint64_t offset, uint32_t value)
{
	switch (offset) {
	case VIRTIO_PCI_COMMON_Q_SIZE:
		virtio_set_queue_size(queue, value);
		break;
	case VIRTIO_PCI_COMMON_Q_MSIX:
		queue->vector = value;
		break;
	case VIRTIO_PCI_COMMON_Q_ENABLE:
		queue->ready = value & 1 && queue->size;
		attack_ready(queue);
		break;
	case VIRTIO_PCI_COMMON_Q_DESCLO:
	case VIRTIO_PCI_COMMON_Q_DESCHI:
		queue->desc = virtio_with_half(queue->desc, value, offset & 4);
		break;
	case VIRTIO_PCI_COMMON_Q_AVAILLO:
	case VIRTIO_PCI_COMMON_Q_AVAILHI:
		queue->avail = virtio_with_half(queue->avail, value, offset & 4);
		break;
	case VIRTIO_PCI_COMMON_Q_USEDLO:
	case VIRTIO_PCI_COMMON_Q_USEDHI:
		queue->used = virtio_with_half(queue->used, value, offset & 4);
		break;
	}
}

static void write_common(struct device *device, uint64_t offset, uint32_t value)
{
	struct queue *queue = virtio_selected(device);

	switch (offset) {
	case VIRTIO_PCI_COMMON_DFSELECT:
		device->feature_word = value;
		break;
	case VIRTIO_PCI_COMMON_GFSELECT:
		device->driver_feature_word = value;
		break;
	case VIRTIO_PCI_COMMON_GF:
		virtio_accept(device, value);
		break;
	case VIRTIO_PCI_COMMON_MSIX:
		device->config_vector = value;
		break;
	case VIRTIO_PCI_COMMON_STATUS:
		virtio_set_status(device, value);
		break;
	case VIRTIO_PCI_COMMON_Q_SELECT:
		device->selected = value;
		break;
	default:
		if (queue)
			write_queue(queue, offset, value);
	}
}

static uint32_t read_common(struct device *device, uint64_t offset)
{
	struct queue *queue = virtio_selected(device);

	switch (offset) {
	case VIRTIO_PCI_COMMON_DFSELECT:	return device->feature_word;
	case VIRTIO_PCI_COMMON_DF:		return virtio_offer(device);
	case VIRTIO_PCI_COMMON_MSIX:		return device->config_vector;
	case VIRTIO_PCI_COMMON_NUMQ:		return device->ops->queues;
	case VIRTIO_PCI_COMMON_STATUS:		return device->status;
	case VIRTIO_PCI_COMMON_CFGGENERATION:	return device->generation & 0xff;
	case VIRTIO_PCI_COMMON_Q_SELECT:	return device->selected;
	case VIRTIO_PCI_COMMON_Q_SIZE:		return queue ? queue->size : 0;
	case VIRTIO_PCI_COMMON_Q_MSIX:		return queue ? queue->vector : VIRTIO_MSI_NO_VECTOR;
	case VIRTIO_PCI_COMMON_Q_ENABLE:	return queue && queue->ready;
	default:				return 0;	/* all queues are kicked at one place */
	}
}

/* Reading it acknowledges. */
static uint32_t read_isr(struct device *device)
{
	return __atomic_exchange_n(&device->interrupts, 0, __ATOMIC_SEQ_CST);
}

static uint64_t bar_read(struct pci_function *pci, uint64_t offset, unsigned int size)
{
	struct device *device = pci->owner;
	uint64_t value = 0;

	switch (offset / PAGE) {
	case COMMON:
		pthread_mutex_lock(&device->lock);
		value = read_common(device, offset);
		pthread_mutex_unlock(&device->lock);
		return value;
	case ISR:
		return read_isr(device);
	case CONFIG:
		return virtio_config_read(device, offset % PAGE, size);
	default:
		return 0;
	}
}

static void bar_write(struct pci_function *pci, uint64_t offset, uint64_t value, unsigned int size)
{
	struct device *device = pci->owner;

	if (offset / PAGE == COMMON) {
		pthread_mutex_lock(&device->lock);
		write_common(device, offset, value);
		pthread_mutex_unlock(&device->lock);
	} else if (offset / PAGE == CONFIG) {
		virtio_config_write(device, offset % PAGE, value, size);
	}
}

/* Kicks go where the BAR goes. */
static void move_kick(struct pci_function *pci)
{
	struct device *device = pci->owner;
	uint64_t base = pci_bar_address(pci, BAR), at = base ? base + NOTIFY * PAGE : 0;

	if (at == device->kick_at)
		return;
	if (device->kick_at)
		vm_no_kick(device->kick_at, sizeof(uint16_t), device->kick);
	device->kick_at = at;
	if (at)
		vm_kick_to_eventfd(at, sizeof(uint16_t), device->kick);
}

/* Address or decoding of a BAR may have changed, and vectors may be unmasked. */
static void config_written(struct pci_function *pci)
{
	move_kick(pci);
	msix_unmasked(pci);
}

static void add_structure(struct pci_function *pci, uint8_t type, unsigned int page, unsigned int size)
{
	bool notify = type == VIRTIO_PCI_CAP_NOTIFY_CFG;
	struct virtio_pci_notify_cap cap = {
		.cap = {
			.cap_len = notify ? sizeof(cap) : sizeof(cap.cap),
			.cfg_type = type,
			.bar = BAR,
			.offset = page * PAGE,
			.length = size,
		},
	};
	uint8_t *at = pci_add_capability(pci, PCI_CAP_ID_VNDR, cap.cap.cap_len);
	unsigned int head = offsetof(struct virtio_pci_cap, cap_len);

	memcpy(at + head, (uint8_t *)&cap + head, cap.cap.cap_len - head);
}

static uint32_t class_of(const struct device *device)
{
	switch (device->ops->type) {
	case VIRTIO_ID_BLOCK:	return CLASS_DISK;
	case VIRTIO_ID_NET:	return CLASS_NET;
	default:		return CLASS_OTHER;
	}
}

static const struct pci_bar_ops bar_ops = { bar_read, bar_write };

static void virtio_pci_add(struct device *device)
{
	struct pci_function *pci = pci_add(DEVICE_ID + device->ops->type, class_of(device), device);

	device->pci = pci;
	pci->written = config_written;
	msix_add(pci, BAR_MSIX, device->ops->queues + 1);
	add_structure(pci, VIRTIO_PCI_CAP_COMMON_CFG, COMMON, sizeof(struct virtio_pci_common_cfg));
	add_structure(pci, VIRTIO_PCI_CAP_ISR_CFG, ISR, 1);
	add_structure(pci, VIRTIO_PCI_CAP_DEVICE_CFG, CONFIG, CONFIG_SIZE);
	add_structure(pci, VIRTIO_PCI_CAP_NOTIFY_CFG, NOTIFY, sizeof(uint16_t));
	pci_add_bar(pci, BAR, PAGES * PAGE, &bar_ops);
}

static void virtio_pci_start(struct device *device)
{
	device->kick_at = 0;
	pci_power_on(device->pci);
	msix_power_on(device->pci);
}

static void virtio_pci_reset(struct device *device)
{
	device->interrupts = 0;
	device->config_vector = VIRTIO_MSI_NO_VECTOR;
	for (unsigned int i = 0; i < QUEUES; i++)
		device->queue[i].vector = VIRTIO_MSI_NO_VECTOR;
}

static void queue_interrupt(struct queue *queue)
{
	__atomic_or_fetch(&queue->device->interrupts, VIRTIO_PCI_ISR_QUEUE, __ATOMIC_SEQ_CST);
	msix_send(queue->device->pci, queue->vector);
}

static void config_interrupt(struct device *device)
{
	__atomic_or_fetch(&device->interrupts, VIRTIO_PCI_ISR_CONFIG, __ATOMIC_SEQ_CST);
	msix_send(device->pci, device->config_vector);
}

const struct transport virtio_pci = {
	.add = virtio_pci_add,
	.start = virtio_pci_start,
	.reset = virtio_pci_reset,
	.queue_interrupt = queue_interrupt,
	.config_interrupt = config_interrupt,
};
