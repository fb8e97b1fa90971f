// SPDX-License-Identifier: GPL-2.0-only
/*
 * A disk: a file or a block device of the host's. Data goes straight between
 * its page cache and the guest's buffer, in a system call, which says -EFAULT
 * for private memory. (O_DIRECT would pin the page and take it from the guest.)
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_ids.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "virtio.h"
#include "vmm.h"

#define SECTOR		512
#define SEGMENTS	126

static ssize_t blk_move(int fd, const struct chain *chain, bool in, size_t offset, size_t size, off_t at)
{
	struct iovec iov[CHAIN_MAX];
	unsigned int n = chain_slice(chain, in, offset, size, iov);

	return in ? preadv(fd, iov, n, at) : pwritev(fd, iov, n, at);
}

/* Everything, or the reason why not. */
static int blk_transfer(struct queue *queue, const struct chain *chain, bool in, uint64_t sector)
{
	size_t offset = in ? 0 : sizeof(struct virtio_blk_outhdr);
	size_t size = in ? chain->in_bytes - 1 : chain->out_bytes - offset;
	off_t at = sector * SECTOR;
	int fd = (intptr_t)queue->device->state;

	while (size) {
		ssize_t n = blk_move(fd, chain, in, offset, size, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n < 0 && errno == EFAULT)
				chain_blame(queue, chain, in);
			return VIRTIO_BLK_S_IOERR;
		}
		offset += n;
		at += n;
		size -= n;
		queue->device->bytes += n;
	}
	return VIRTIO_BLK_S_OK;
}

static int blk_identify(struct queue *queue, const struct chain *chain)
{
	char id[VIRTIO_BLK_ID_BYTES] = "pguest-vmm";

	return chain_write(queue, chain, 0, id, sizeof(id)) ? VIRTIO_BLK_S_OK : VIRTIO_BLK_S_IOERR;
}

static int carry_out(struct queue *queue, const struct chain *chain, const struct virtio_blk_outhdr *request)
{
	switch (request->type) {
	case VIRTIO_BLK_T_IN:
		return blk_transfer(queue, chain, true, request->sector);
	case VIRTIO_BLK_T_OUT:
		return blk_transfer(queue, chain, false, request->sector);
	case VIRTIO_BLK_T_FLUSH:
		return fdatasync((intptr_t)queue->device->state) ? VIRTIO_BLK_S_IOERR : VIRTIO_BLK_S_OK;
	case VIRTIO_BLK_T_GET_ID:
		return blk_identify(queue, chain);
	default:
		return VIRTIO_BLK_S_UNSUPP;
	}
}

static void blk_work(struct device *device)
{
	struct queue *queue = &device->queue[0];
	struct virtio_blk_outhdr request;
	struct chain chain;
	bool any = false;

	while (queue_pop(queue, &chain)) {
		uint8_t status = VIRTIO_BLK_S_IOERR;

		if (!chain.in_bytes)
			break;
		if (!attack_skips_data(queue)) {
			if (chain_read(queue, &chain, 0, &request, sizeof(request)))
				status = carry_out(queue, &chain, &request);
			chain_write(queue, &chain, chain.in_bytes - 1, &status, 1);
		}
		queue_push(queue, &chain, chain.in_bytes);
		any = true;
	}
	if (any)
		queue_notify(queue);
}

static const struct device_ops blk = {
	.name = "disk",
	.type = VIRTIO_ID_BLOCK,
	.queues = 1,
	.work = blk_work,
};

void blk_add(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct virtio_blk_config config = { .seg_max = SEGMENTS };
	struct device *device;
	struct stat file;
	uint64_t size;

	if (fd < 0 || fstat(fd, &file))
		die_errno("disk %s", path);
	size = file.st_size;
	if (S_ISBLK(file.st_mode) && ioctl(fd, BLKGETSIZE64, &size))
		die_errno("disk %s", path);
	config.capacity = size / SECTOR;
	device = virtio_add(&blk, 1UL << VIRTIO_BLK_F_SEG_MAX | 1UL << VIRTIO_BLK_F_FLUSH, -1,
			    (void *)(intptr_t)fd);
	memcpy(device->config, &config, sizeof(config));
}
