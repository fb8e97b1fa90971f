// SPDX-License-Identifier: GPL-2.0-only
/*
 * A balloon, whose size in MiB comes as lines of a FIFO. The pages of a
 * protected VM are pinned until its end, so what it gives is only counted.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_balloon.h>
#include <linux/virtio_ids.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "virtio.h"
#include "vmm.h"

enum { INFLATE, DEFLATE };

/* Without protection the page goes back to the host. Under pKVM the guest would keep the old one. */
static void give_back(uint32_t pfn)
{
	uint64_t ipa = (uint64_t)pfn << VIRTIO_BALLOON_PFN_SHIFT;

	if (!opt.protected && memory_at(ipa, PAGE))
		fallocate(vm.ram_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, ipa - RAM_BASE, PAGE);
}

static void balloon_take(struct device *device, unsigned int index)
{
	struct queue *queue = &device->queue[index];
	struct chain chain;
	uint32_t pfn;
	bool any = false;

	while (queue_pop(queue, &chain)) {
		for (size_t at = 0; at + sizeof(pfn) <= chain.out_bytes; at += sizeof(pfn)) {
			if (!chain_read(queue, &chain, at, &pfn, sizeof(pfn)))
				break;
			if (index == INFLATE)
				give_back(pfn);
			device->bytes += index == INFLATE ? PAGE : -PAGE;
		}
		queue_push(queue, &chain, 0);
		any = true;
	}
	if (any)
		queue_notify(queue);
}

static void new_size(struct device *device)
{
	struct virtio_balloon_config *config = (void *)device->config;
	char text[32] = "";

	if (read(device->backend, text, sizeof(text) - 1) <= 0)
		return;
	config->num_pages = strtoul(text, NULL, 0) * MIB / PAGE;
	virtio_config_changed(device);
}

static void balloon_work(struct device *device)
{
	new_size(device);
	balloon_take(device, INFLATE);
	balloon_take(device, DEFLATE);
}

static const struct device_ops balloon = {
	.name = "balloon",
	.type = VIRTIO_ID_BALLOON,
	.queues = 2,
	.work = balloon_work,
};

void balloon_add(const char *path)
{
	int fd;

	if (mkfifo(path, 0600) && errno != EEXIST)
		die_errno("balloon %s", path);
	/* Writing too, or it would be at its end whenever there is no other writer. */
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		die_errno("balloon %s", path);
	virtio_add(&balloon, 0, fd, NULL);
}
