// SPDX-License-Identifier: GPL-2.0-only
/* The virtio-mmio transport, version 2: a page of registers and a level-triggered SPI for each device. */
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>

#include "virtio.h"
#include "vmm.h"

#define MAGIC		0x74726976
#define VENDOR		0x74736775	/* ours to choose */

static uint64_t kick_address(const struct device *device)
{
	return VIRTIO_BASE + device->slot * VIRTIO_STRIDE + VIRTIO_MMIO_QUEUE_NOTIFY;
}

static void virtio_mmio_add(struct device *device)
{
	(void)device;
}

static void virtio_mmio_start(struct device *device)
{
	vm_kick_to_eventfd(kick_address(device), 4, device->kick);
}

/* The line is high while a cause is left: level triggered, so none is lost. */
static void change_interrupts(struct device *device, uint32_t set, uint32_t clear)
{
	uint32_t before;

	pthread_mutex_lock(&device->irq_lock);
	before = device->interrupts;
	device->interrupts = (before | set) & ~clear;
	if (!before != !device->interrupts)
		vm_set_spi(SPI_VIRTIO + device->slot, device->interrupts);
	pthread_mutex_unlock(&device->irq_lock);
}

static void queue_interrupt(struct queue *queue)
{
	change_interrupts(queue->device, VIRTIO_MMIO_INT_VRING, 0);
}

static void config_interrupt(struct device *device)
{
	change_interrupts(device, VIRTIO_MMIO_INT_CONFIG, 0);
}

static void virtio_mmio_reset(struct device *device)
{
	change_interrupts(device, 0, ~0U);
}

static void write_queue(struct queue *queue, uint64_t offset, uint32_t value)
{
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		virtio_set_queue_size(queue, value);
		break;
	case VIRTIO_MMIO_QUEUE_READY:
		queue->ready = value & 1 && queue->size;
		attack_ready(queue);
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		queue->desc = virtio_with_half(queue->desc, value, offset & 4);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
		queue->avail = virtio_with_half(queue->avail, value, offset & 4);
		break;
	case VIRTIO_MMIO_QUEUE_USED_LOW:
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		queue->used = virtio_with_half(queue->used, value, offset & 4);
		break;
	}
}

static void write_register(struct device *device, uint64_t offset, uint32_t value)
{
	struct queue *queue = virtio_selected(device);

	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		device->feature_word = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		device->driver_feature_word = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		virtio_accept(device, value);
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		device->selected = value;
		break;
	case VIRTIO_MMIO_STATUS:
		virtio_set_status(device, value);
		break;
	default:
		if (queue)
			write_queue(queue, offset, value);
	}
}

static uint32_t read_register(struct device *device, uint64_t offset)
{
	struct queue *queue = virtio_selected(device);

	switch (offset) {
	case VIRTIO_MMIO_MAGIC_VALUE:		return MAGIC;
	case VIRTIO_MMIO_VERSION:		return 2;
	case VIRTIO_MMIO_DEVICE_ID:		return device->ops->type;
	case VIRTIO_MMIO_VENDOR_ID:		return VENDOR;
	case VIRTIO_MMIO_DEVICE_FEATURES:	return virtio_offer(device);
	case VIRTIO_MMIO_QUEUE_NUM_MAX:		return queue ? virtio_queue_max(device) : 0;
	case VIRTIO_MMIO_QUEUE_READY:		return queue && queue->ready;
	case VIRTIO_MMIO_STATUS:		return device->status;
	case VIRTIO_MMIO_CONFIG_GENERATION:	return device->generation;
	default:				return 0;
	}
}

uint64_t virtio_mmio_read(uint64_t offset, unsigned int size)
{
	struct device *device = virtio_device(offset / VIRTIO_STRIDE);
	uint64_t value;

	offset %= VIRTIO_STRIDE;
	if (!device)
		return 0;
	/* No lock: an interrupt handler must not wait for a request that is under way. */
	if (offset == VIRTIO_MMIO_INTERRUPT_STATUS)
		return __atomic_load_n(&device->interrupts, __ATOMIC_SEQ_CST);
	if (offset >= VIRTIO_MMIO_CONFIG)
		return virtio_config_read(device, offset - VIRTIO_MMIO_CONFIG, size);
	pthread_mutex_lock(&device->lock);
	value = read_register(device, offset);
	pthread_mutex_unlock(&device->lock);
	return value;
}

void virtio_mmio_write(uint64_t offset, uint64_t value, unsigned int size)
{
	struct device *device = virtio_device(offset / VIRTIO_STRIDE);

	offset %= VIRTIO_STRIDE;
	if (!device)
		return;
	if (offset == VIRTIO_MMIO_INTERRUPT_ACK) {
		change_interrupts(device, 0, value);
		return;
	}
	if (offset >= VIRTIO_MMIO_CONFIG) {
		virtio_config_write(device, offset - VIRTIO_MMIO_CONFIG, value, size);
		return;
	}
	pthread_mutex_lock(&device->lock);
	write_register(device, offset, value);
	pthread_mutex_unlock(&device->lock);
}

const struct transport virtio_mmio = {
	.add = virtio_mmio_add,
	.start = virtio_mmio_start,
	.reset = virtio_mmio_reset,
	.queue_interrupt = queue_interrupt,
	.config_interrupt = config_interrupt,
};
