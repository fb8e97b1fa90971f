// SPDX-License-Identifier: GPL-2.0-only
/*
 * A network card: the guest's frames are those of an interface of the host's
 * that has no address of its own, through a packet socket, which speaks the
 * same header as virtio.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "virtio.h"
#include "vmm.h"

#define HEADER	sizeof(struct virtio_net_hdr_v1)

/* Newer than the headers of a stable distribution. */
#ifndef PACKET_VNET_HDR_SZ
#define PACKET_VNET_HDR_SZ	24
#endif

/* The host's kernel cuts and joins segments: each frame costs an exit or two. */
#define FEATURES	(1UL << VIRTIO_NET_F_MAC | 1UL << VIRTIO_NET_F_MRG_RXBUF | \
			 1UL << VIRTIO_NET_F_CSUM | 1UL << VIRTIO_NET_F_HOST_TSO4 | \
			 1UL << VIRTIO_NET_F_GUEST_CSUM | 1UL << VIRTIO_NET_F_GUEST_TSO4)

enum { RX, TX };

/* Enough for the largest frame that GRO makes, in the smallest buffers that Linux gives: 1.5 KiB. */
#define MERGED	64
#define IOVS	(4 * MERGED)

/* How long the next frame is, header and all; 0 if there is none. */
static size_t next_frame(int fd)
{
	uint8_t header[HEADER];
	ssize_t size = recv(fd, header, sizeof(header), MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);

	return size > 0 ? size : 0;
}

/* Buffers for `size` bytes, as one list; their number, or 0 if the guest has not given enough. */
static unsigned int net_gather(struct queue *queue, size_t size, struct chain *chains, struct iovec *iov,
			   unsigned int *iovs)
{
	unsigned int n = 0;

	*iovs = 0;
	while (size) {
		struct chain *chain = &chains[n];
		size_t part;

		if (n == MERGED || *iovs > IOVS || !queue_pop(queue, chain)) {
			queue_unpop(queue, n);
			return 0;
		}
		n++;
		part = chain->in_bytes < size ? chain->in_bytes : size;
		*iovs += chain_slice(chain, true, 0, part, iov + *iovs);
		size -= part;
	}
	return n;
}

static void net_give(struct queue *queue, struct chain *chains, unsigned int n, size_t size)
{
	const uint16_t buffers = n;

	if (size)
		chain_write(queue, &chains[0], offsetof(struct virtio_net_hdr_v1, num_buffers), &buffers,
			    sizeof(buffers));
	for (unsigned int i = 0; i < n; i++) {
		size_t part = chains[i].in_bytes < size ? chains[i].in_bytes : size;

		queue_fill(queue, &chains[i], part);
		size -= part;
	}
	queue_publish(queue);
}

/* The frame that waits gets buffers; without enough, wait for the guest's next kick. */
static void net_receive(struct device *device)
{
	/* Too much for a stack; each card has a thread. */
	static __thread struct chain chains[MERGED];
	static __thread struct iovec iov[IOVS + CHAIN_MAX];
	struct queue *queue = &device->queue[RX];
	unsigned int n, iovs;
	bool any = false;
	size_t size;

	while ((size = next_frame(device->backend))) {
		ssize_t got;

		n = net_gather(queue, size, chains, iov, &iovs);
		if (!n) {
			device->want_backend = false;
			break;
		}
		got = readv(device->backend, iov, iovs);
		if (got < 0 && errno == EFAULT)
			chain_blame(queue, &chains[0], true);
		net_give(queue, chains, n, got < 0 ? 0 : got);
		device->bytes += got < 0 ? 0 : got;
		any = true;
	}
	if (any)
		queue_notify(queue);
}

static void net_transmit(struct device *device)
{
	struct queue *queue = &device->queue[TX];
	struct iovec iov[CHAIN_MAX];
	struct chain chain;
	bool any = false;

	while (queue_pop(queue, &chain)) {
		unsigned int n = chain_slice(&chain, false, 0, chain.out_bytes, iov);
		ssize_t sent = writev(device->backend, iov, n);

		if (sent < 0 && errno == EFAULT)
			chain_blame(queue, &chain, false);
		if (sent > 0)
			device->bytes += sent;
		queue_push(queue, &chain, 0);
		any = true;
	}
	if (any)
		queue_notify(queue);
}

static void net_work(struct device *device)
{
	net_transmit(device);
	net_receive(device);
}

static const struct device_ops net = {
	.name = "net",
	.type = VIRTIO_ID_NET,
	.queues = 2,
	.work = net_work,
};

void net_add(const char *name)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	int on = 1, buffer = 4 * MIB, header = HEADER;
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	struct ifreq interface = { 0 };
	struct device *device;

	strncpy(interface.ifr_name, name, sizeof(interface.ifr_name) - 1);
	address.sll_ifindex = if_nametoindex(name);
	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR_SZ, &header, sizeof(header)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) || ioctl(fd, SIOCGIFHWADDR, &interface))
		die_errno("network %s", name);

	device = virtio_add(&net, FEATURES, fd, NULL);
	memcpy(device->config, interface.ifr_hwaddr.sa_data, ETH_ALEN);
}
