// SPDX-License-Identifier: GPL-2.0-only
/*
 * What all virtio devices have in common, whatever the transport. Each has a
 * thread, which waits for kicks (an eventfd that KVM writes) and for its backend.
 */
#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_ring.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "virtio.h"
#include "vmm.h"

static struct device *devices[MAX_DEVICES];
static unsigned int count;
static int stopping = -1;
static const struct transport *used;

unsigned int virtio_devices(void)
{
	return count;
}

struct device *virtio_device(unsigned int slot)
{
	return slot < count ? devices[slot] : NULL;
}

void virtio_use(const struct transport *transport)
{
	used = transport;
}

struct device *virtio_add(const struct device_ops *ops, uint64_t features, int backend, void *state)
{
	struct device *device = calloc(1, sizeof(*device));

	if (!device || count == MAX_DEVICES)
		die("no room for another device (%s)", ops->name);
	device->ops = ops;
	device->transport = used;
	device->features = features | 1UL << VIRTIO_F_VERSION_1 | 1UL << VIRTIO_RING_F_INDIRECT_DESC;
	if (opt.access_platform)
		device->features |= 1UL << VIRTIO_F_ACCESS_PLATFORM;
	device->backend = backend;
	device->want_backend = true;
	device->state = state;
	device->slot = count;
	device->kick = eventfd(0, EFD_CLOEXEC);
	if (device->kick < 0)
		die_errno("eventfd");
	pthread_mutex_init(&device->lock, NULL);
	pthread_mutex_init(&device->irq_lock, NULL);
	for (unsigned int i = 0; i < QUEUES; i++) {
		device->queue[i].index = i;
		device->queue[i].device = device;
	}
	attack_add(device);
	device->transport->add(device);
	devices[count++] = device;
	return device;
}

uint32_t virtio_queue_max(const struct device *device)
{
	return device->ops->queue_size ?: QUEUE_MAX;
}

static void reset_device(struct device *device)
{
	device->status = 0;
	device->accepted = 0;
	for (unsigned int i = 0; i < QUEUES; i++) {
		struct queue *queue = &device->queue[i];

		*queue = (struct queue){ .index = i, .device = device, .size = virtio_queue_max(device) };
	}
	device->transport->reset(device);
	if (device->ops->reset)
		device->ops->reset(device);
}

/* FEATURES_OK stays clear for a driver that would use the device in a way that we do not have. */
static bool is_acceptable(const struct device *device)
{
	uint64_t must = 1UL << VIRTIO_F_VERSION_1;

	/* Linux's balloon driver never takes it: that device gets addresses, not data. */
	if (opt.access_platform && device->ops->type != VIRTIO_ID_BALLOON)
		must |= 1UL << VIRTIO_F_ACCESS_PLATFORM;
	return (device->accepted & must) == must && !(device->accepted & ~device->features);
}

void virtio_set_status(struct device *device, uint32_t status)
{
	if (!status) {
		reset_device(device);
		return;
	}
	if ((status & VIRTIO_CONFIG_S_FEATURES_OK) && !is_acceptable(device)) {
		say("%s: features %#lx refused", device->ops->name, device->accepted);
		status &= ~VIRTIO_CONFIG_S_FEATURES_OK;
	}
	device->status = status;
	/* The backend may have something to say already. */
	if (status & VIRTIO_CONFIG_S_DRIVER_OK && eventfd_write(device->kick, 1))
		die_errno("eventfd");
}

uint64_t virtio_with_half(uint64_t address, uint32_t value, bool high)
{
	return high ? (address & 0xffffffff) | (uint64_t)value << 32
		    : (address & ~0xffffffffUL) | value;
}

uint32_t virtio_offer(const struct device *device)
{
	return device->feature_word < 2 ? device->features >> 32 * device->feature_word : 0;
}

void virtio_accept(struct device *device, uint32_t word)
{
	if (device->driver_feature_word < 2)
		device->accepted = virtio_with_half(device->accepted, word, device->driver_feature_word);
}

struct queue *virtio_selected(struct device *device)
{
	return device->selected < device->ops->queues ? &device->queue[device->selected] : NULL;
}

void virtio_set_queue_size(struct queue *queue, uint32_t size)
{
	queue->size = size <= virtio_queue_max(queue->device) && !(size & (size - 1)) ? size : 0;
}

/* No lock: it is the device's, and written whole when it changes. */
uint64_t virtio_config_read(struct device *device, uint64_t offset, unsigned int size)
{
	uint64_t value = 0;

	if (offset + size <= sizeof(device->config))
		memcpy(&value, device->config + offset, size);
	return value;
}

void virtio_config_write(struct device *device, uint64_t offset, uint64_t value, unsigned int size)
{
	if (offset + size > sizeof(device->config))
		return;
	pthread_mutex_lock(&device->lock);
	memcpy(device->config + offset, &value, size);
	if (device->ops->configured)
		device->ops->configured(device);
	pthread_mutex_unlock(&device->lock);
}

static void *serve_device(void *argument)
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

/* Devices as after power on: also those of a machine that was there before. */
void virtio_start(void)
{
	stopping = eventfd(0, EFD_CLOEXEC);
	for (unsigned int i = 0; i < count; i++) {
		struct device *device = devices[i];

		reset_device(device);
		device->transport->start(device);
		if (pthread_create(&device->thread, NULL, serve_device, device))
			die("no thread for %s", device->ops->name);
	}
}

void virtio_stop(void)
{
	if (eventfd_write(stopping, 1))
		die_errno("eventfd");
	for (unsigned int i = 0; i < count; i++)
		pthread_join(devices[i]->thread, NULL);
	close(stopping);
}
