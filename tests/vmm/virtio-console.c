// SPDX-License-Identifier: GPL-2.0-only
/*
 * A console that goes to a file, line by line, and from which nothing comes. For
 * the guest it is far cheaper than the PL011: an exit for a buffer, not for a byte.
 */
#include <fcntl.h>
#include <linux/virtio_ids.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "virtio.h"
#include "vmm.h"

enum { RX, TX };

struct line {
	int fd;
	unsigned int used;
	char text[1024];
};

static void console_flush(struct line *line)
{
	if (line->used && write(line->fd, line->text, line->used) < 0)
		say("a line of the guest's is lost");
	line->used = 0;
}

static void console_work(struct device *device)
{
	struct queue *queue = &device->queue[TX];
	struct line *line = device->state;
	struct chain chain;
	bool any = false;

	while (queue_pop(queue, &chain)) {
		for (size_t at = 0; at < chain.out_bytes; at++) {
			char *byte = &line->text[line->used];

			if (!chain_read(queue, &chain, at, byte, 1))
				break;
			line->used++;
			device->bytes++;
			if (*byte == '\n' || line->used == sizeof(line->text))
				console_flush(line);
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
	/* A guest gives a page for each entry of the first: 256 of them are all of upstream 7.3's pool. */
	.queue_size = 16,
	.work = console_work,
};

void console_add(const char *path)
{
	struct line *line = calloc(1, sizeof(*line));

	line->fd = strcmp(path, "-") ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644) : STDOUT_FILENO;
	if (line->fd < 0)
		die_errno("console %s", path);
	virtio_add(&console, 0, -1, line);
}
