// SPDX-License-Identifier: GPL-2.0-only
/* Random numbers of the host's. */
#include <linux/virtio_ids.h>
#include <sys/random.h>

#include "virtio.h"
#include "vmm.h"

static void rng_work(struct device *device)
{
	struct queue *queue = &device->queue[0];
	struct chain chain;
	uint8_t random[256];
	bool any = false;

	while (queue_pop(queue, &chain)) {
		size_t size = chain.in_bytes < sizeof(random) ? chain.in_bytes : sizeof(random);
		ssize_t got = getrandom(random, size, 0);

		if (got < 0 || !chain_write(queue, &chain, 0, random, got))
			got = 0;
		device->bytes += got;
		queue_push(queue, &chain, got);
		any = true;
	}
	if (any)
		queue_notify(queue);
}

static const struct device_ops rng = {
	.name = "rng",
	.type = VIRTIO_ID_RNG,
	.queues = 1,
	.work = rng_work,
};

void rng_add(void)
{
	virtio_add(&rng, 0, -1, NULL);
}
