// SPDX-License-Identifier: GPL-2.0-only
/*
 * Split virtqueues. Rings and buffers are the guest's: each access may find
 * that it is private, which is reported with its address, and stops the queue.
 */
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <string.h>

#include "virtio.h"
#include "vmm.h"

static void blame_guest(struct queue *queue, const char *what, uint64_t ipa, enum access how)
{
	report_private(queue->device->ops->name, queue->index, what, ipa, how);
}

/* A ring that cannot be read makes the device useless until it is reset; DEVICE_NEEDS_RESET says so to the guest. */
static void give_up(struct queue *queue, const char *what, uint64_t ipa, enum access how)
{
	blame_guest(queue, what, ipa, how);
	queue->broken = true;
	queue->device->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	queue->device->transport->config_interrupt(queue->device);
}

static bool ring_get(struct queue *queue, const char *what, uint64_t ipa, void *to, size_t size)
{
	enum access how = memory_get(to, ipa, size);

	if (how)
		give_up(queue, what, ipa, how);
	return !how;
}

static bool ring_put(struct queue *queue, const char *what, uint64_t ipa, const void *from, size_t size)
{
	enum access how = memory_put(ipa, from, size);

	if (how)
		give_up(queue, what, ipa, how);
	return !how;
}

static bool add_buffer(struct queue *queue, struct chain *chain, const struct vring_desc *desc)
{
	unsigned int at = chain->outs + chain->ins;
	bool in = desc->flags & VRING_DESC_F_WRITE;

	if (at == CHAIN_MAX || (!in && chain->ins)) {
		give_up(queue, "a chain that is none", desc->addr, ACCESS_OUTSIDE);
		return false;
	}
	chain->ipa[at] = desc->addr;
	chain->iov[at].iov_base = memory_at(desc->addr, desc->len);
	chain->iov[at].iov_len = desc->len;
	if (!chain->iov[at].iov_base) {
		give_up(queue, "buffer", desc->addr, ACCESS_OUTSIDE);
		return false;
	}
	chain->outs += !in;
	chain->ins += in;
	*(in ? &chain->in_bytes : &chain->out_bytes) += desc->len;
	return true;
}

/* One table of descriptors: the queue's own, or an indirect one. */
static bool walk_chain(struct queue *queue, struct chain *chain, uint64_t table, uint32_t size, uint32_t index,
		 bool indirect)
{
	struct vring_desc desc;

	for (uint32_t steps = 0; steps < size; steps++) {
		if (index >= size) {
			give_up(queue, "descriptor index", index, ACCESS_OUTSIDE);
			return false;
		}
		if (!ring_get(queue, "descriptor", table + index * sizeof(desc), &desc, sizeof(desc)))
			return false;
		if (desc.flags & VRING_DESC_F_INDIRECT) {
			chain->indirect = desc.addr;
			return !indirect && walk_chain(queue, chain, desc.addr, desc.len / sizeof(desc), 0, true);
		}
		if (!add_buffer(queue, chain, &desc))
			return false;
		if (!(desc.flags & VRING_DESC_F_NEXT))
			return true;
		index = desc.next;
	}
	give_up(queue, "a chain without end", table, ACCESS_OUTSIDE);
	return false;
}

bool queue_pop(struct queue *queue, struct chain *chain)
{
	uint64_t avail = queue->avail;
	uint16_t index, head;

	if (!queue->ready || queue->broken)
		return false;
	if (!ring_get(queue, "avail index", avail + offsetof(struct vring_avail, idx), &index, sizeof(index)))
		return false;
	if (index == queue->seen)
		return false;
	if ((uint16_t)(index - queue->seen) > queue->size) {
		say("%s, queue %u: the guest has taken requests back", queue->device->ops->name, queue->index);
		queue->broken = true;
		return false;
	}
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	avail += offsetof(struct vring_avail, ring) + queue->seen % queue->size * sizeof(head);
	if (!ring_get(queue, "avail ring", avail, &head, sizeof(head)))
		return false;
	queue->seen++;

	chain->head = head;
	chain->indirect = 0;
	chain->outs = chain->ins = 0;
	chain->out_bytes = chain->in_bytes = 0;
	queue->device->requests++;
	return walk_chain(queue, chain, queue->desc, queue->size, head, false);
}

/* What was taken last goes back: it is not enough, and the guest will add to it. */
void queue_unpop(struct queue *queue, unsigned int chains)
{
	queue->seen -= chains;
	queue->device->requests -= chains;
}

void queue_fill(struct queue *queue, const struct chain *chain, uint32_t written)
{
	struct vring_used_elem element = { .id = chain->head, .len = written };
	uint64_t used = queue->used + offsetof(struct vring_used, ring);
	unsigned int times;

	if (queue->broken)
		return;
	times = attack_completion(queue, chain, &element.id, &element.len);
	for (unsigned int i = 0; i < times; i++) {
		if (!ring_put(queue, "used ring", used + queue->given % queue->size * sizeof(element),
			      &element, sizeof(element)))
			return;
		queue->given++;
	}
}

void queue_publish(struct queue *queue)
{
	if (queue->broken)
		return;
	attack_index(queue);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	ring_put(queue, "used index", queue->used + offsetof(struct vring_used, idx),
		 &queue->given, sizeof(queue->given));
}

void queue_push(struct queue *queue, const struct chain *chain, uint32_t written)
{
	queue_fill(queue, chain, written);
	queue_publish(queue);
}

void queue_notify(struct queue *queue)
{
	uint16_t flags;

	if (queue->broken)
		return;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (ring_get(queue, "avail flags", queue->avail, &flags, sizeof(flags)) &&
	    !(flags & VRING_AVAIL_F_NO_INTERRUPT))
		queue->device->transport->queue_interrupt(queue);
	attack_afterwards(queue);
}

unsigned int chain_slice(const struct chain *chain, bool in, size_t offset, size_t size, struct iovec *out)
{
	unsigned int first = in ? chain->outs : 0, last = first + (in ? chain->ins : chain->outs);
	unsigned int n = 0;

	for (unsigned int i = first; i < last && size; i++) {
		const struct iovec *iov = &chain->iov[i];
		size_t part;

		if (offset >= iov->iov_len) {
			offset -= iov->iov_len;
			continue;
		}
		part = iov->iov_len - offset < size ? iov->iov_len - offset : size;
		out[n++] = (struct iovec){ (uint8_t *)iov->iov_base + offset, part };
		size -= part;
		offset = 0;
	}
	return n;
}

static uint64_t ipa_of(const void *host)
{
	return RAM_BASE + ((const uint8_t *)host - vm.ram);
}

static bool chain_copy(struct queue *queue, const struct chain *chain, bool in, size_t offset, uint8_t *bytes,
		       size_t size)
{
	struct iovec iov[CHAIN_MAX];
	unsigned int n = chain_slice(chain, in, offset, size, iov);

	for (unsigned int i = 0; i < n; i++) {
		void *guest = iov[i].iov_base;
		enum access how = in ? memory_copy(guest, bytes, iov[i].iov_len)
				     : memory_copy(bytes, guest, iov[i].iov_len);

		if (how) {
			blame_guest(queue, "buffer", ipa_of(guest), how);
			return false;
		}
		bytes += iov[i].iov_len;
		size -= iov[i].iov_len;
	}
	return !size;
}

bool chain_read(struct queue *queue, const struct chain *chain, size_t offset, void *to, size_t size)
{
	return chain_copy(queue, chain, false, offset, to, size);
}

bool chain_write(struct queue *queue, const struct chain *chain, size_t offset, const void *from, size_t size)
{
	return chain_copy(queue, chain, true, offset, (uint8_t *)from, size);
}

/* Looks at a byte of each page until one is refused. */
void chain_blame(struct queue *queue, const struct chain *chain, bool in)
{
	unsigned int first = in ? chain->outs : 0, last = first + (in ? chain->ins : chain->outs);
	uint8_t byte;

	for (unsigned int i = first; i < last; i++) {
		for (uint64_t ipa = chain->ipa[i]; ipa < chain->ipa[i] + chain->iov[i].iov_len;
		     ipa = (ipa | (PAGE - 1)) + 1) {
			if (memory_get(&byte, ipa, 1)) {
				blame_guest(queue, "buffer", ipa, ACCESS_PRIVATE);
				return;
			}
		}
	}
}
