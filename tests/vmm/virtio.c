// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtio-mmio transport, version 2. Each device has a thread, which waits
 * for kicks (an eventfd that KVM writes) and for its backend.
 */
#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "virtio.h"
#include "vmm.h"

#define MAGIC		0x74726976
#define VENDOR		0x74736775	/* ours to choose */

static struct device *devices[MAX_DEVICES];
static unsigned int count;
static int stopping = -1;

unsigned int virtio_devices(void)
{
	return count;
}

struct device *virtio_device(unsigned int slot)
{
	return slot < count ? devices[slot] : NULL;
}

struct device *virtio_add(const struct device_ops *ops, uint64_t features, int backend, void *state)
{
	struct device *device = calloc(1, sizeof(*device));

	if (!device || count == MAX_DEVICES)
		die("no room for another device (%s)", ops->name);
	device->ops = ops;
	device->features = features | 1UL << VIRTIO_F_VERSION_1 | 1UL << VIRTIO_RING_F_INDIRECT_DESC;
	if (opt.access_platform)
		device->features |= 1UL << VIRTIO_F_ACCESS_PLATFORM;
	device->backend = backend;
	device->want_backend = true;
	device->state = state;
	device->slot = count;
	pthread_mutex_init(&device->lock, NULL);
	pthread_mutex_init(&device->irq_lock, NULL);
	for (unsigned int i = 0; i < QUEUES; i++) {
		device->queue[i].index = i;
		device->queue[i].device = device;
	}
	devices[count++] = device;
	return device;
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

void virtio_interrupt(struct device *device, uint32_t cause)
{
	change_interrupts(device, cause, 0);
}

void virtio_config_changed(struct device *device)
{
	device->generation++;
	virtio_interrupt(device, VIRTIO_MMIO_INT_CONFIG);
}

static void reset(struct device *device)
{
	device->status = 0;
	device->accepted = 0;
	for (unsigned int i = 0; i < QUEUES; i++) {
		struct queue *queue = &device->queue[i];

		*queue = (struct queue){ .index = i, .device = device };
	}
	change_interrupts(device, 0, ~0U);
	if (device->ops->reset)
		device->ops->reset(device);
}

/* FEATURES_OK stays clear for a driver that would use the device in a way that we do not have. */
static bool acceptable(const struct device *device)
{
	uint64_t must = 1UL << VIRTIO_F_VERSION_1;

	/* Linux's balloon driver never takes it: that device gets addresses, not data. */
	if (opt.access_platform && device->ops->type != VIRTIO_ID_BALLOON)
		must |= 1UL << VIRTIO_F_ACCESS_PLATFORM;
	return (device->accepted & must) == must && !(device->accepted & ~device->features);
}

static void set_status(struct device *device, uint32_t status)
{
	if (!status) {
		reset(device);
		return;
	}
	if ((status & VIRTIO_CONFIG_S_FEATURES_OK) && !acceptable(device)) {
		say("%s: features %#lx refused", device->ops->name, device->accepted);
		status &= ~VIRTIO_CONFIG_S_FEATURES_OK;
	}
	device->status = status;
	/* The backend may have something to say already. */
	if (status & VIRTIO_CONFIG_S_DRIVER_OK && eventfd_write(device->kick, 1))
		die_errno("eventfd");
}

static uint64_t with_half(uint64_t address, uint32_t value, bool high)
{
	return high ? (address & 0xffffffff) | (uint64_t)value << 32
		    : (address & ~0xffffffffUL) | value;
}

static void write_queue(struct device *device, uint64_t offset, uint32_t value)
{
	struct queue *queue = &device->queue[device->selected];

	if (device->selected >= device->ops->queues)
		return;
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		queue->size = value <= QUEUE_MAX && !(value & (value - 1)) ? value : 0;
		break;
	case VIRTIO_MMIO_QUEUE_READY:
		queue->ready = value & 1 && queue->size;
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		queue->desc = with_half(queue->desc, value, offset & 4);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
		queue->avail = with_half(queue->avail, value, offset & 4);
		break;
	case VIRTIO_MMIO_QUEUE_USED_LOW:
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		queue->used = with_half(queue->used, value, offset & 4);
		break;
	}
}

static void write_register(struct device *device, uint64_t offset, uint32_t value)
{
	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		device->feature_word = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		device->driver_feature_word = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		if (device->driver_feature_word < 2)
			device->accepted = with_half(device->accepted, value, device->driver_feature_word);
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		device->selected = value;
		break;
	case VIRTIO_MMIO_STATUS:
		set_status(device, value);
		break;
	default:
		write_queue(device, offset, value);
	}
}

static uint32_t read_register(struct device *device, uint64_t offset)
{
	bool have_queue = device->selected < device->ops->queues;

	switch (offset) {
	case VIRTIO_MMIO_MAGIC_VALUE:		return MAGIC;
	case VIRTIO_MMIO_VERSION:		return 2;
	case VIRTIO_MMIO_DEVICE_ID:		return device->ops->type;
	case VIRTIO_MMIO_VENDOR_ID:		return VENDOR;
	case VIRTIO_MMIO_DEVICE_FEATURES:
		return device->feature_word < 2 ? device->features >> 32 * device->feature_word : 0;
	case VIRTIO_MMIO_QUEUE_NUM_MAX:		return have_queue ? QUEUE_MAX : 0;
	case VIRTIO_MMIO_QUEUE_READY:		return have_queue && device->queue[device->selected].ready;
	case VIRTIO_MMIO_STATUS:		return device->status;
	case VIRTIO_MMIO_CONFIG_GENERATION:	return device->generation;
	default:				return 0;
	}
}

uint64_t virtio_read(uint64_t offset, unsigned int size)
{
	struct device *device = virtio_device(offset / VIRTIO_STRIDE);
	uint64_t value = 0;

	offset %= VIRTIO_STRIDE;
	if (!device)
		return 0;
	/* No lock: an interrupt handler must not wait for a request that is under way. */
	if (offset == VIRTIO_MMIO_INTERRUPT_STATUS)
		return __atomic_load_n(&device->interrupts, __ATOMIC_SEQ_CST);
	if (offset >= VIRTIO_MMIO_CONFIG) {
		offset -= VIRTIO_MMIO_CONFIG;
		if (offset + size <= sizeof(device->config))
			memcpy(&value, device->config + offset, size);
		return value;
	}
	pthread_mutex_lock(&device->lock);
	value = read_register(device, offset);
	pthread_mutex_unlock(&device->lock);
	return value;
}

void virtio_write(uint64_t offset, uint64_t value, unsigned int size)
{
	struct device *device = virtio_device(offset / VIRTIO_STRIDE);

	offset %= VIRTIO_STRIDE;
	if (!device)
		return;
	if (offset == VIRTIO_MMIO_INTERRUPT_ACK) {
		change_interrupts(device, 0, value);
		return;
	}
	pthread_mutex_lock(&device->lock);
	if (offset < VIRTIO_MMIO_CONFIG) {
		write_register(device, offset, value);
	} else if (offset - VIRTIO_MMIO_CONFIG + size <= sizeof(device->config)) {
		memcpy(device->config + offset - VIRTIO_MMIO_CONFIG, &value, size);
		if (device->ops->configured)
			device->ops->configured(device);
	}
	pthread_mutex_unlock(&device->lock);
}

static void *serve(void *argument)
{
	struct device *device = argument;
	struct pollfd events[] = {
		{ .fd = stopping, .events = POLLIN },
		{ .fd = device->kick, .events = POLLIN },
		{ .fd = device->backend, .events = POLLIN },
	};
	uint64_t kicks;

	while (!(events[0].revents & POLLIN)) {
		events[2].fd = device->want_backend ? device->backend : -1;
		if (poll(events, 3, -1) < 0 && errno != EINTR)
			break;
		if (events[1].revents & POLLIN && read(device->kick, &kicks, sizeof(kicks)) > 0)
			device->want_backend = true;
		pthread_mutex_lock(&device->lock);
		if (device->status & VIRTIO_CONFIG_S_DRIVER_OK)
			device->ops->work(device);
		else
			device->want_backend = false;
		pthread_mutex_unlock(&device->lock);
	}
	return NULL;
}

void virtio_start(void)
{
	stopping = eventfd(0, EFD_CLOEXEC);
	for (unsigned int i = 0; i < count; i++) {
		struct device *device = devices[i];

		device->kick = eventfd(0, EFD_CLOEXEC);
		vm_kick_to_eventfd(VIRTIO_BASE + i * VIRTIO_STRIDE + VIRTIO_MMIO_QUEUE_NOTIFY, device->kick);
		if (pthread_create(&device->thread, NULL, serve, device))
			die("no thread for %s", device->ops->name);
	}
}

void virtio_stop(void)
{
	if (eventfd_write(stopping, 1))
		die_errno("eventfd");
	for (unsigned int i = 0; i < count; i++)
		pthread_join(devices[i]->thread, NULL);
}
