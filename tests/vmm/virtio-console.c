// SPDX-License-Identifier: GPL-2.0-only
/* A console that goes to a file, and from which nothing comes. */
#include <fcntl.h>
#include <linux/virtio_ids.h>
#include <unistd.h>

#include "virtio.h"
#include "vmm.h"

enum { RX, TX };

static void work(struct device *device)
{
	struct queue *queue = &device->queue[TX];
	struct chain chain;
	char text[512];
	bool any = false;

	while (queue_pop(queue, &chain)) {
		for (size_t at = 0; at < chain.out_bytes; ) {
			size_t part = chain.out_bytes - at < sizeof(text) ? chain.out_bytes - at : sizeof(text);

			if (!chain_read(queue, &chain, at, text, part) ||
			    write((intptr_t)device->state, text, part) < 0)
				break;
			at += part;
			device->bytes += part;
		}
		queue_push(queue, &chain, 0);
		any = true;
	}
	if (any)
		queue_notify(queue);
}

static const struct device_ops console = {
	.name = "console",
	.type = VIRTIO_ID_CONSOLE,
	.queues = 2,
	.work = work,
};

void console_add(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		die_errno("console %s", path);
	virtio_add(&console, 0, -1, (void *)(intptr_t)fd);
}
