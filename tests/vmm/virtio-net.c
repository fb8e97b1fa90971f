// SPDX-License-Identifier: GPL-2.0-only
/*
 * A network card: the guest's frames are those of an interface of the host's
 * that has no address of its own, through a packet socket.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
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

enum { RX, TX };

/* The frame that waits gets a buffer; without one, wait for the guest's next kick. */
static void receive(struct device *device)
{
	static const struct virtio_net_hdr_v1 header = { .num_buffers = 1 };
	struct queue *queue = &device->queue[RX];
	struct iovec iov[CHAIN_MAX];
	struct chain chain;
	uint8_t next;
	bool any = false;

	while (recv(device->backend, &next, 1, MSG_PEEK | MSG_DONTWAIT) > 0) {
		unsigned int n;
		ssize_t got;

		if (!queue_pop(queue, &chain)) {
			device->want_backend = false;
			break;
		}
		n = chain_slice(&chain, true, HEADER, chain.in_bytes - HEADER, iov);
		got = readv(device->backend, iov, n);
		if (got < 0 && errno == EFAULT)
			chain_blame(queue, &chain, true);
		if (got < 0 || !chain_write(queue, &chain, 0, &header, HEADER))
			got = 0;
		device->bytes += got;
		queue_push(queue, &chain, HEADER + got);
		any = true;
	}
	if (any)
		queue_notify(queue);
}

static void transmit(struct device *device)
{
	struct queue *queue = &device->queue[TX];
	struct iovec iov[CHAIN_MAX];
	struct chain chain;
	bool any = false;

	while (queue_pop(queue, &chain)) {
		unsigned int n = chain_slice(&chain, false, HEADER, chain.out_bytes, iov);
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

static void work(struct device *device)
{
	transmit(device);
	receive(device);
}

static const struct device_ops net = {
	.name = "net",
	.type = VIRTIO_ID_NET,
	.queues = 2,
	.work = work,
};

/* Frames as they were on the wire: what GRO puts together does not fit the guest's buffers. */
static void no_gro(int fd, struct ifreq *interface)
{
	struct ethtool_value off = { .cmd = ETHTOOL_SGRO };

	interface->ifr_data = (void *)&off;
	if (ioctl(fd, SIOCETHTOOL, interface))
		say("%s: GRO stays: %s", interface->ifr_name, strerror(errno));
}

void net_add(const char *name)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL)), on = 1, size = MIB;
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	struct ifreq interface = { 0 };
	struct device *device;

	strncpy(interface.ifr_name, name, sizeof(interface.ifr_name) - 1);
	address.sll_ifindex = if_nametoindex(name);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		die_errno("network %s", name);
	no_gro(fd, &interface);
	if (ioctl(fd, SIOCGIFHWADDR, &interface))
		die_errno("network %s", name);

	device = virtio_add(&net, 1UL << VIRTIO_NET_F_MAC, fd, NULL);
	memcpy(device->config, interface.ifr_hwaddr.sa_data, ETH_ALEN);
}
