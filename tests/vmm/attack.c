// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hostile device: wrong answers, one kind for each device, to every third
 * request, or before there is any. It also changes what the driver has given it, in memory that both see.
 */
#include <linux/virtio_blk.h>
#include <linux/virtio_ring.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "virtio.h"
#include "vmm.h"

enum kind {
	LONG_LENGTH, NO_LENGTH, WRONG_ID, HUGE_ID, TWICE, NEVER, SILENT, INDEX_AHEAD, INDEX_BACK,
	DESCRIPTORS, BUFFERS, CONFIG, EARLY,
};

struct attack {
	const char *name;
	enum kind kind;
};

static const struct attack attacks[] = {
	{ "long-length", LONG_LENGTH },		/* more was written than there was room for */
	{ "no-length", NO_LENGTH },		/* nothing was, though it was */
	{ "wrong-id", WRONG_ID },		/* completes what was not asked for */
	{ "huge-id", HUGE_ID },			/* an id beyond the ring */
	{ "twice", TWICE },			/* completes it, and completes it again */
	{ "never", NEVER },			/* does not complete it */
	{ "silent", SILENT },			/* completes it, and has not written a byte */
	{ "index-ahead", INDEX_AHEAD },		/* has completed more than the ring can hold */
	{ "index-back", INDEX_BACK },		/* has completed less than before */
	{ "descriptors", DESCRIPTORS },		/* overwrites the descriptors before it completes it */
	{ "buffers", BUFFERS },			/* writes into the buffers when it has completed it */
	{ "config", CONFIG },			/* has another capacity each time */
	{ "early", EARLY },			/* has completed something before there is a driver */
};

#define EVERY		3
#define AFTER		12	/* the guest has to find the disk first */
#define GARBAGE		0xa5
#define AFTERWARDS	20000		/* microseconds */
#define BUFFERS_KEPT	8

static const struct attack *chosen;

/* The buffers that one thread completed last. */
static __thread struct {
	unsigned int count;
	uint64_t ipa[BUFFERS_KEPT];
	size_t size[BUFFERS_KEPT];
} completed;

/* For the device that comes next on the command line. */
void attack_choose(const char *name)
{
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		if (!strcmp(attacks[i].name, name)) {
			chosen = &attacks[i];
			return;
		}
	}
	die("--attack %s: there is no such attack", name);
}

void attack_add(struct device *device)
{
	device->attack = chosen;
	chosen = NULL;
}

static bool is_time_for(const struct queue *queue, enum kind kind)
{
	const struct device *device = queue->device;

	return device->attack && device->attack->kind == kind &&
	       device->requests > AFTER && device->requests % EVERY == 0;
}

static void put_garbage(uint64_t ipa, size_t size)
{
	static const uint8_t garbage[PAGE] = { [0 ... PAGE - 1] = GARBAGE };

	for (size_t at = 0; at < size; at += PAGE)
		memory_put(ipa + at, garbage, size - at < PAGE ? size - at : PAGE);
}

/* An address of the guest's own, more than there is, and on to where no descriptor is. */
static void put_descriptors(const struct queue *queue, const struct chain *chain)
{
	const struct vring_desc desc = { RAM_BASE, 0xffffffff, VRING_DESC_F_NEXT, 0xffff };

	memory_put(queue->desc + chain->head * sizeof(desc), &desc, sizeof(desc));
	for (unsigned int i = 0; chain->indirect && i < chain->outs + chain->ins; i++)
		memory_put(chain->indirect + i * sizeof(desc), &desc, sizeof(desc));
}

static void keep_buffers(const struct chain *chain)
{
	for (unsigned int i = chain->outs; i < chain->outs + chain->ins; i++) {
		if (completed.count == BUFFERS_KEPT)
			return;
		completed.ipa[completed.count] = chain->ipa[i];
		completed.size[completed.count++] = chain->iov[i].iov_len;
	}
}

/* No bytes, all that there are, and more than any buffer has. */
static void change_capacity(struct device *device)
{
	struct virtio_blk_config *config = (void *)device->config;
	static uint64_t true_one;

	if (!true_one)
		true_one = config->capacity;
	config->capacity = device->attacks % 2 == 0 ? true_one : device->attacks % 4 == 1 ? 0 : ~0UL;
	virtio_config_changed(device);
}

unsigned int attack_completion(struct queue *queue, const struct chain *chain, uint32_t *id, uint32_t *written)
{
	struct device *device = queue->device;

	if (!device->attack || !is_time_for(queue, device->attack->kind))
		return 1;
	device->attacks++;
	switch (device->attack->kind) {
	case LONG_LENGTH:
		*written = 0x7fffffff;
		break;
	case NO_LENGTH:
		*written = 0;
		break;
	case WRONG_ID:
		*id = (chain->head + queue->size / 2) % queue->size;
		break;
	case HUGE_ID:
		*id = queue->size + 1;
		break;
	case DESCRIPTORS:
		put_descriptors(queue, chain);
		break;
	case BUFFERS:
		keep_buffers(chain);
		break;
	case CONFIG:
		change_capacity(device);
		break;
	case TWICE:
		return 2;
	case NEVER:
		return 0;
	default:
		break;
	}
	return 1;
}

bool attack_skips_data(struct queue *queue)
{
	return is_time_for(queue, SILENT);
}

void attack_index(struct queue *queue)
{
	if (is_time_for(queue, INDEX_AHEAD))
		queue->given += queue->size + queue->size / 2;
	else if (is_time_for(queue, INDEX_BACK))
		queue->given -= 2;
}

/* The driver has given the ring's address, and still reads the rest of the configuration. */
void attack_ready(struct queue *queue)
{
	const struct vring_used_elem element = { .id = 0, .len = 1 };
	const uint16_t index = 1;

	if (!queue->ready || !queue->device->attack || queue->device->attack->kind != EARLY)
		return;
	queue->device->attacks++;
	memory_put(queue->used + offsetof(struct vring_used, ring), &element, sizeof(element));
	memory_put(queue->used + offsetof(struct vring_used, idx), &index, sizeof(index));
	queue->device->transport->queue_interrupt(queue);
}

/* The guest has them back by now, and may have looked at them already. Or not. */
void attack_afterwards(struct queue *queue)
{
	if (!is_time_for(queue, BUFFERS))
		return;
	for (unsigned int slept = 0; slept < AFTERWARDS; slept += AFTERWARDS / 10) {
		for (unsigned int i = 0; i < completed.count; i++)
			put_garbage(completed.ipa[i], completed.size[i]);
		usleep(AFTERWARDS / 10);
	}
	completed.count = 0;
}
