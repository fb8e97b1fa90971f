// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kinds of devices that lie: what a host says in each one's language, and what a guest
 * does with it meanwhile. Without the first most answers would be dropped by the first check
 * of the driver.
 *
 * device_files.c has those with files. Source of what devices say: OASIS virtio 1.3 and
 * include/uapi/linux/virtio_*.h.
 */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/falloc.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/if_vlan.h>
#include <linux/input.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/poll.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/unaligned.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_console.h>
#include <linux/virtio_gpu.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>
#include <linux/virtio_ring.h>
#include <linux/virtio_scsi.h>
#include <linux/virtio_vsock.h>
#include <linux/vm_sockets.h>
#include <drm/drm_client.h>
#include <drm/drm_crtc.h>
#include <drm/drm_fourcc.h>
#include <drm/drm_modes.h>
#include <scsi/scsi_proto.h>

#include <compat/virtio.h>

#include "device_fuzz.h"

#define INDIRECT	BIT_ULL(VIRTIO_RING_F_INDIRECT_DESC)

static unsigned int queue_index(struct fuzz *f, const struct queue *q)
{
	return q - f->queues;
}

static bool is_queue(const struct queue *q, const char *name)
{
	return q->vq && !strncmp(q->vq->name, name, strlen(name));
}

/* A disk's last byte says mostly that the request succeeded. */
static u32 answer_success(struct fuzz *f, struct queue *q, struct chain *c, u32 len)
{
	if (c->nr && !one_in(f, 8))
		c->pieces[c->nr - 1].at[c->pieces[c->nr - 1].len - 1] = 0;
	return len;
}

/* As a program does it: what sysfs says and takes, and sectors that are not needed any more */
static void use_attribute(const struct device *disk, const char *name, const char *value)
{
	char path[64], text[64];
	struct file *file;
	loff_t at = 0;

	snprintf(path, sizeof(path), "/sys/block/%s/%s", dev_name(disk), name);
	file = filp_open(path, value ? O_WRONLY : O_RDONLY, 0);
	if (IS_ERR(file))
		return;
	if (value)
		kernel_write(file, value, strlen(value), &at);
	else
		kernel_read(file, text, sizeof(text), &at);
	fput(file);
}

static int use_disk_of(struct device *disk, void *data)
{
	struct fuzz *f = data;
	char path[64];
	struct file *file;

	if (!disk->class || strcmp(disk->class->name, "block"))
		return 0;
	use_attribute(disk, "serial", NULL);
	use_attribute(disk, "cache_type", NULL);
	use_attribute(disk, "cache_type", one_in(f, 2) ? "write back" : "write through");
	snprintf(path, sizeof(path), "/dev/%s", dev_name(disk));
	file = filp_open(path, O_RDWR | O_NONBLOCK, 0);
	if (!IS_ERR(file)) {
		vfs_fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, SZ_64K);
		vfs_fallocate(file, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 0, SZ_64K);
		fput(file);
	}
	return 1;
}

static void use_disk(struct fuzz *f)
{
	device_for_each_child(&f->vdev.dev, f, use_disk_of);
}

/*
 * A request that is larger than its ring is refused with a WARN_ON_ONCE(). Hardly any zones
 * that are made up pass the driver's checks.
 */
const struct fuzz_kind fuzz_disk = {
	.id = VIRTIO_ID_BLOCK,
	.least = 2,
	.always = INDIRECT,
	.often = BIT_ULL(VIRTIO_BLK_F_DISCARD) | BIT_ULL(VIRTIO_BLK_F_WRITE_ZEROES),
	.rare = BIT_ULL(VIRTIO_BLK_F_ZONED),
	.answer = answer_success,
	.use = use_disk,
};

static void send_frames(struct fuzz *f, struct net_device *dev)
{
	unsigned int i, len = ETH_HLEN + random_below(f, 1400);

	for (i = 0; i < 4; i++) {
		struct sk_buff *skb = netdev_alloc_skb(dev, SZ_2K);

		if (!skb)
			return;
		put_garbage(f, skb_put(skb, len), len);
		skb_reset_mac_header(skb);
		skb->protocol = htons(ETH_P_802_3);
		dev_queue_xmit(skb);
	}
}

/* What ethtool asks for and sets */
static void use_ethtool(struct fuzz *f, struct net_device *dev)
{
	const struct ethtool_ops *ops = dev->ethtool_ops;
	struct kernel_ethtool_coalesce more = { };
	struct kernel_ethtool_ringparam ring = { };
	struct ethtool_coalesce coalesce = { };
	struct ethtool_ringparam rings = { };
	struct ethtool_channels channels = { };
	struct ethtool_drvinfo info = { };

	ops->get_drvinfo(dev, &info);
	ops->get_channels(dev, &channels);
	channels.combined_count = 1 + random_below(f, 4);
	ops->set_channels(dev, &channels);
	ops->get_ringparam(dev, &rings, &ring, NULL);
	rings.rx_pending = random_below(f, 2 * rings.rx_max_pending + 2);
	rings.tx_pending = random_below(f, 2 * rings.tx_max_pending + 2);
	ops->set_ringparam(dev, &rings, &ring, NULL);
	ops->get_coalesce(dev, &coalesce, &more, NULL);
	coalesce.rx_max_coalesced_frames = random_below(f, 2) ? 1 : random_number(f);
	coalesce.tx_coalesce_usecs = random_below(f, 1000);
	coalesce.use_adaptive_rx_coalesce = random_below(f, 2);
	ops->set_coalesce(dev, &coalesce, &more, NULL);
}

static void read_statistics(struct net_device *dev)
{
	const struct ethtool_ops *ops = dev->ethtool_ops;
	struct ethtool_stats stats = { };
	int n = ops->get_sset_count(dev, ETH_SS_STATS);
	u64 *values = n > 0 ? kvcalloc(n, sizeof(*values) + ETH_GSTRING_LEN, GFP_KERNEL) : NULL;

	if (!values)
		return;
	stats.n_stats = n;
	ops->get_strings(dev, ETH_SS_STATS, (u8 *)(values + n));
	ops->get_ethtool_stats(dev, &stats, values);
	kvfree(values);
}

static void configure_network(struct fuzz *f, struct net_device *dev)
{
	struct sockaddr_storage address = { .ss_family = dev->type };
	struct rtnl_link_stats64 stats;
	u16 vid = random_below(f, VLAN_N_VID);

	put_garbage(f, ((struct sockaddr *)&address)->sa_data, ETH_ALEN);
	((struct sockaddr *)&address)->sa_data[0] &= ~1;
	dev_set_mac_address(dev, (void *)&address, NULL);
	dev_set_mtu(dev, 68 + random_below(f, SZ_64K));
	dev_set_promiscuity(dev, 1);
	dev_set_allmulti(dev, 1);
	if (dev->features & NETIF_F_HW_VLAN_CTAG_FILTER &&
	    !dev->netdev_ops->ndo_vlan_rx_add_vid(dev, htons(ETH_P_8021Q), vid))
		dev->netdev_ops->ndo_vlan_rx_kill_vid(dev, htons(ETH_P_8021Q), vid);
	dev->wanted_features ^= NETIF_F_LRO | NETIF_F_GRO_HW | NETIF_F_RXHASH;
	netdev_update_features(dev);
	use_ethtool(f, dev);
	read_statistics(dev);
	dev_get_stats(dev, &stats);
}

/* A failover device has the same parent, and other operations. */
static bool is_of(const struct net_device *dev, const struct fuzz *f)
{
	const struct ethtool_ops *ops = dev->ethtool_ops;

	return dev->dev.parent == &f->vdev.dev && ops && ops->set_channels;
}

static void open_network(struct fuzz *f)
{
	struct net_device *dev;

	rtnl_lock();
	for_each_netdev(&init_net, dev) {
		if (!is_of(dev, f))
			continue;
		if (!dev_open(dev, NULL)) {
			send_frames(f, dev);
			if (one_in(f, 2))
				configure_network(f, dev);
			send_frames(f, dev);
		}
		break;
	}
	rtnl_unlock();
}

/* A frame that is what it says, mostly, and may have more buffers than this one */
static u32 answer_network(struct fuzz *f, struct queue *q, struct chain *c, u32 len)
{
	struct virtio_net_hdr_mrg_rxbuf *header = (void *)c->pieces[0].at;

	if (!is_queue(q, "input") || !c->nr || c->pieces[0].len < SZ_64 || one_in(f, 8))
		return answer_success(f, q, c, len);
	if (one_in(f, 2)) {
		header->hdr.flags = random_below(f, 4);
		header->hdr.gso_type = random_below(f, 6);
		if (one_in(f, 4))
			header->hdr.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	} else {
		memset(&header->hdr, 0, sizeof(header->hdr));
	}
	header->num_buffers = cpu_to_virtio16(&f->vdev, one_in(f, 2) ? 1 : random_below(f, 20));
	eth_broadcast_addr((u8 *)(header + 1));
	return one_in(f, 4) ? len : min_t(u32, len, random_below(f, 2000));
}

/* The number of queues */
static void bound_network(unsigned int offset, u8 *value, unsigned int len)
{
	if (offset == 8 && len == 2)
		value[1] = 0;
}

/* Many features depend on the control queue. */
const struct fuzz_kind fuzz_network = {
	.id = VIRTIO_ID_NET,
	.least = 32,
	.often = BIT_ULL(VIRTIO_NET_F_CTRL_VQ),
	.bound = bound_network,
	.answer = answer_network,
	.use = open_network,
};

#define PORTS		3		/* of a console: each takes two queues of QUEUES */

/* A console: hvc0 to hvc7 are there always, and the one that has a port can be opened. */
static void write_text(struct fuzz *f)
{
	char name[] = "/dev/hvc0", text[64];
	unsigned int i;

	for (; name[8] < '8'; name[8]++) {
		struct file *file = filp_open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK, 0);

		if (IS_ERR(file))
			continue;
		for (i = 0; i < 8; i++) {
			put_garbage(f, text, sizeof(text));
			kernel_write(file, text, sizeof(text), NULL);
		}
		/* To be closed now it would wait ten seconds for what a broken ring cannot take. */
		f->held = file;
		return;
	}
}

/* A port that is no console: what a program does with it */
static void use_port(struct fuzz *f, unsigned int port)
{
	char name[32], text[64];
	struct file *file;
	unsigned int i;

	snprintf(name, sizeof(name), "/dev/vport%up%u", f->vdev.index, port);
	file = filp_open(name, O_RDWR | O_NONBLOCK, 0);
	if (IS_ERR(file))
		return;
	for (i = 0; i < 4; i++) {
		loff_t at = 0;

		put_garbage(f, text, sizeof(text));
		kernel_write(file, text, random_below(f, sizeof(text)), &at);
		kernel_read(file, text, random_below(f, sizeof(text)), &at);
		vfs_poll(file, NULL);
	}
	fput(file);
}

static void use_console(struct fuzz *f)
{
	unsigned int i;

	write_text(f);
	/* The host adds ports, or has not yet. */
	for (i = 0; i < 8; i++) {
		usleep_range(100, 1000);
		use_port(f, random_below(f, PORTS));
	}
}

/* struct virtio_console_control, and a size or name behind it: too short, sometimes */
static u32 answer_console(struct fuzz *f, struct queue *q, struct chain *c, u32 len)
{
	struct virtio_console_control *message = (void *)c->pieces[0].at;

	if (!is_queue(q, "control-i") || !c->nr || c->pieces[0].len < SZ_64 || one_in(f, 8))
		return answer_success(f, q, c, len);
	message->id = cpu_to_virtio32(&f->vdev, one_in(f, 8) ? random_number(f) :
						random_below(f, PORTS));
	message->event = cpu_to_virtio16(&f->vdev, random_below(f, VIRTIO_CONSOLE_PORT_NAME + 2));
	message->value = cpu_to_virtio16(&f->vdev, random_below(f, 2));
	return one_in(f, 4) ? random_below(f, sizeof(*message)) :
			      sizeof(*message) + random_below(f, 32);
}

static void bound_console(unsigned int offset, u8 *value, unsigned int len)
{
	if (offset == offsetof(struct virtio_console_config, max_nr_ports) && len == 4)
		put_unaligned_le32(1 + value[0] % PORTS, value);
}

const struct fuzz_kind fuzz_console = {
	.id = VIRTIO_ID_CONSOLE,
	.least = 2,
	.spins = { "output", "control-o" },
	.often = BIT_ULL(VIRTIO_CONSOLE_F_MULTIPORT),
	.bound = bound_console,
	.answer = answer_console,
	.use = use_console,
};

/* One port, and the queues of its messages: each of them is counted as a lie. */
static void one_port(unsigned int offset, u8 *value, unsigned int len)
{
	if (offset == offsetof(struct virtio_console_config, max_nr_ports) && len == 4)
		put_unaligned_le32(1, value);
}

const struct fuzz_kind honest_console = {
	.id = VIRTIO_ID_CONSOLE,
	.honest = true,
	.least = 4,
	.spins = { "control-o" },
	.always = BIT_ULL(VIRTIO_CONSOLE_F_MULTIPORT),
	.bound = one_port,
};

const struct fuzz_kind fuzz_random_source = {
	.id = VIRTIO_ID_RNG,
	.least = 2,
	.answer = answer_success,
};

const struct fuzz_kind honest_random_source = {
	.id = VIRTIO_ID_RNG,
	.honest = true,
	.least = 2,
};

/* A host may take all memory. */
static void bound_balloon(unsigned int offset, u8 *value, unsigned int len)
{
	if (len == 4)
		memset(value + 1, 0, 3);
}

const struct fuzz_kind fuzz_balloon = {
	.id = VIRTIO_ID_BALLOON,
	.least = 2,
	.bound = bound_balloon,
	.answer = answer_success,
};

/* A host can stop the VM by a keyboard: by SysRq, and by Ctrl-Alt-Del. It types anything else. */
static bool is_dangerous(u16 key)
{
	return key == KEY_SYSRQ || key == KEY_DELETE || key == KEY_KPDOT || key == KEY_SCROLLLOCK;
}

/* struct virtio_input_event: events that there are, mostly */
static u32 answer_event(struct fuzz *f, struct queue *q, struct chain *c, u32 len)
{
	u16 code = random_below(f, KEY_CNT);

	if (!c->nr || c->pieces[0].len < 8 || one_in(f, 8))
		return len;
	put_unaligned_le16(random_below(f, EV_CNT), c->pieces[0].at);
	put_unaligned_le16(is_dangerous(code) ? KEY_A : code, c->pieces[0].at + 2);
	if (one_in(f, 2))
		put_unaligned_le32(random_below(f, 4), c->pieces[0].at + 4);
	return len;
}

static int switch_lights(struct device *dev, void *data)
{
	unsigned int i;

	if (!IS_ENABLED(CONFIG_VIRTIO_INPUT) || !dev->class || strcmp(dev->class->name, "input"))
		return 0;
	for (i = 0; i < LED_CNT; i++)
		input_event(to_input_dev(dev), EV_LED, i, random_below(data, 2));
	return 1;
}

static void use_input(struct fuzz *f)
{
	device_for_each_child(&f->vdev.dev, f, switch_lights);
}

const struct fuzz_kind fuzz_input = {
	.id = VIRTIO_ID_INPUT,
	.driver = "virtio_input",
	.least = 2,
	.always = INDIRECT,
	.answer = answer_event,
	.use = use_input,
};

/*
 * Sockets, of streams or of packets: the guest listens to a port, and has asked for a
 * connection from the next one.
 */
#define PORT		1024
#define GUEST_CID	3
#define ACCEPTED	4
#define OF_PACKETS	255		/* in what no driver reads of the configuration */

/* What may come next for a port; any other in one case of four */
static u16 next_op(struct fuzz *f, unsigned int port)
{
	static const u8 likely[] = { VIRTIO_VSOCK_OP_RW, VIRTIO_VSOCK_OP_RW,
				     VIRTIO_VSOCK_OP_CREDIT_UPDATE };

	if (one_in(f, 4))
		return random_below(f, VIRTIO_VSOCK_OP_CREDIT_REQUEST + 2);
	if (one_in(f, 3))
		return port ? VIRTIO_VSOCK_OP_RESPONSE : VIRTIO_VSOCK_OP_REQUEST;
	return likely[random_below(f, ARRAY_SIZE(likely))];
}

static u32 answer_packet(struct fuzz *f, struct queue *q, struct chain *c, u32 len)
{
	struct virtio_vsock_hdr *h = (void *)c->pieces[0].at;
	unsigned int port = random_below(f, 2);
	u16 type = f->config[OF_PACKETS] ? VIRTIO_VSOCK_TYPE_SEQPACKET : VIRTIO_VSOCK_TYPE_STREAM;

	if (queue_index(f, q) || !c->nr || c->pieces[0].len < sizeof(*h) || one_in(f, 8))
		return len;
	h->src_cid = cpu_to_le64(VMADDR_CID_HOST);
	memcpy(&h->dst_cid, f->config, sizeof(h->dst_cid));
	/* The guest has asked the first one. */
	h->src_port = cpu_to_le32(PORT + (port && !one_in(f, 4) ? 0 : random_below(f, 4)));
	h->dst_port = cpu_to_le32(PORT + port);
	h->len = cpu_to_le32(one_in(f, 8) ? random_number(f) :
			     random_below(f, len - sizeof(*h) + 1));
	h->type = cpu_to_le16(one_in(f, 8) ? 3 - type : type);
	h->op = cpu_to_le16(next_op(f, port));
	if (one_in(f, 2))
		h->flags = cpu_to_le32(random_below(f, 4));
	/* With any other two of them there is no room to send to. */
	if (!one_in(f, 8)) {
		h->buf_alloc = cpu_to_le32(SZ_64K);
		h->fwd_cnt = 0;
	}
	return len;
}

static struct socket *new_socket(struct fuzz *f, u32 port)
{
	int type = f->config[OF_PACKETS] ? SOCK_SEQPACKET : SOCK_STREAM;
	struct sockaddr_vm at = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_ANY,
		.svm_port = port,
	};
	struct socket *sock;

	if (sock_create_kern(&init_net, AF_VSOCK, type, 0, &sock))
		return NULL;
	if (!kernel_bind(sock, (void *)&at, sizeof(at)))
		return sock;
	sock_release(sock);
	return NULL;
}

static void exchange(struct fuzz *f, struct socket *sock)
{
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT };
	u8 data[256];
	struct kvec part = { data, 1 + random_below(f, sizeof(data)) };

	kernel_recvmsg(sock, &msg, &part, 1, part.iov_len, MSG_DONTWAIT);
	part = (struct kvec){ data, 1 + random_below(f, sizeof(data)) };
	memset(data, 0, sizeof(data));
	kernel_sendmsg(sock, &msg, &part, 1, part.iov_len);
	sock->ops->poll(NULL, sock, NULL);
	if (one_in(f, 8))
		kernel_sock_shutdown(sock, random_below(f, 3));
}

static void talk(struct fuzz *f, struct socket *listens, struct socket *connects)
{
	struct sockaddr_vm host = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_HOST,
		.svm_port = PORT,
	};
	struct socket *accepted[ACCEPTED];
	unsigned int i, nr = 0;

	kernel_listen(listens, ACCEPTED);
	kernel_connect(connects, (void *)&host, sizeof(host), O_NONBLOCK);
	for (i = 0; i < 16; i++) {
		usleep_range(100, 400);
		if (nr < ACCEPTED && !kernel_accept(listens, &accepted[nr], O_NONBLOCK))
			nr++;
		exchange(f, nr ? accepted[random_below(f, nr)] : connects);
		exchange(f, connects);
	}
	while (nr)
		sock_release(accepted[--nr]);
}

static void use_socket(struct fuzz *f)
{
	struct socket *listens = new_socket(f, PORT), *connects = new_socket(f, PORT + 1);

	if (listens && connects)
		talk(f, listens, connects);
	if (listens)
		sock_release(listens);
	if (connects)
		sock_release(connects);
}

static void set_up_socket(struct fuzz *f)
{
	if (!one_in(f, 8))
		put_unaligned_le64(GUEST_CID, f->config);
	f->config[OF_PACKETS] = random_below(f, 2);
}

const struct fuzz_kind fuzz_socket = {
	.id = VIRTIO_ID_VSOCK,
	.driver = "vmw_vsock_virtio_transport",
	.least = 2,
	.always = INDIRECT,
	.often = BIT_ULL(VIRTIO_VSOCK_F_SEQPACKET),
	.set_up = set_up_socket,
	.answer = answer_packet,
	.use = use_socket,
};

static void set_up_honest_socket(struct fuzz *f)
{
	put_unaligned_le64(GUEST_CID, f->config);
	f->config[OF_PACKETS] = 0;
}

const struct fuzz_kind honest_socket = {
	.id = VIRTIO_ID_VSOCK,
	.driver = "vmw_vsock_virtio_transport",
	.honest = true,
	.least = 4,
	.set_up = set_up_honest_socket,
};

/* struct virtio_scsi_cmd_req has the command at 19. */
#define SCSI_COMMAND	19

/*
 * What the SCSI layer does not bear, and says so by a warning: more sense than there is room
 * for, and a list of LUNs that takes more memory than an allocation may have.
 */
static void scsi_body(struct fuzz *f, u8 command, struct piece *body)
{
	if (command == REPORT_LUNS && body->len >= 4)
		put_unaligned_be32(8 * random_below(f, 16), body->at);
	/* No driver of a disk: that waits for half a minute, again and again. */
	if (command == INQUIRY && body->len && !one_in(f, 8))
		body->at[0] = TYPE_SCANNER;
}

static u32 answer_scsi(struct fuzz *f, struct queue *q, struct chain *c, u32 len)
{
	struct virtio_scsi_cmd_resp *reply = (void *)c->pieces[0].at;

	if (queue_index(f, q) < 2 || !fuzz_is_request(c, SCSI_COMMAND + 1, sizeof(*reply)))
		return len;
	put_unaligned_le32(random_below(f, VIRTIO_SCSI_SENSE_DEFAULT_SIZE + 1), &reply->sense_len);
	if (!one_in(f, 8)) {
		reply->status = 0;
		reply->response = 0;
	}
	if (c->nr > 1)
		scsi_body(f, c->asked.at[SCSI_COMMAND], &c->pieces[1]);
	return len;
}

/* struct virtio_scsi_config */
static void bound_scsi(unsigned int offset, u8 *value, unsigned int len)
{
	if (offset == 4 || offset == 8)		/* pieces, sectors: too few are warned about */
		put_unaligned_le32(128 + value[0], value);
	if (offset == 30)			/* targets */
		put_unaligned_le16(value[0] % 2, value);
	if (offset == 32)			/* LUNs */
		put_unaligned_le32(value[0] % 4, value);
}

/*
 * No events: the driver initialises the work for one anew in that work, and a removal that
 * waits for it meanwhile warns.
 */
const struct fuzz_kind fuzz_scsi = {
	.id = VIRTIO_ID_SCSI,
	.driver = "virtio_scsi",
	.silent = "event",
	.least = 16,
	.waits = true,
	.always = INDIRECT,
	.bound = bound_scsi,
	.answer = answer_scsi,
};

/* Displays: a host that says nothing about one is no display. */
static u32 gpu_answer(u32 request)
{
	switch (request) {
	case VIRTIO_GPU_CMD_GET_DISPLAY_INFO:
		return VIRTIO_GPU_RESP_OK_DISPLAY_INFO;
	case VIRTIO_GPU_CMD_GET_EDID:
		return VIRTIO_GPU_RESP_OK_EDID;
	case VIRTIO_GPU_CMD_GET_CAPSET_INFO:
		return VIRTIO_GPU_RESP_OK_CAPSET_INFO;
	default:
		return VIRTIO_GPU_RESP_OK_NODATA;
	}
}

static void show_display(struct fuzz *f, struct piece *reply)
{
	struct virtio_gpu_resp_display_info *info = (void *)reply->at;

	if (reply->len < sizeof(*info))
		return;
	info->pmodes[0].enabled = cpu_to_le32(1);
	info->pmodes[0].r.width = cpu_to_le32(320 << random_below(f, 3));
	info->pmodes[0].r.height = cpu_to_le32(200 << random_below(f, 3));
}

/* VESA E-EDID: a first block with its signature and sum, and some that may follow it */
static void show_monitor(struct fuzz *f, struct piece *reply)
{
	static const u8 signature[] = { 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0 };
	struct virtio_gpu_resp_edid *edid = (void *)reply->at;
	unsigned int i;
	u8 sum = 0;

	if (reply->len < sizeof(*edid))
		return;
	if (!one_in(f, 4))
		edid->size = cpu_to_le32(128 << random_below(f, 5));
	memcpy(edid->edid, signature, sizeof(signature));
	edid->edid[18] = 1;
	edid->edid[19] = 3;
	/* Of each block that is wrong the driver prints all bytes. */
	edid->edid[126] = one_in(f, 8) ? random_below(f, 8) : 0;
	for (i = 0; i < 127; i++)
		sum += edid->edid[i];
	edid->edid[127] = -sum;
}

static u32 answer_gpu(struct fuzz *f, struct queue *q, struct chain *c, u32 len)
{
	struct virtio_gpu_ctrl_hdr *request = (void *)c->asked.at, *reply = (void *)c->pieces[0].at;

	if (!fuzz_is_request(c, sizeof(*request), sizeof(*reply)) || one_in(f, 16))
		return len;
	*reply = (struct virtio_gpu_ctrl_hdr){
		.type = cpu_to_le32(gpu_answer(le32_to_cpu(request->type))),
		.flags = request->flags,
		.fence_id = request->fence_id,
		.ctx_id = request->ctx_id,
	};
	if (one_in(f, 16))
		reply->type = cpu_to_le32(VIRTIO_GPU_RESP_ERR_UNSPEC + random_below(f, 8));
	if (one_in(f, 8))
		reply->fence_id = cpu_to_le64(random_number(f));
	if (le32_to_cpu(reply->type) == VIRTIO_GPU_RESP_OK_DISPLAY_INFO)
		show_display(f, &c->pieces[0]);
	if (le32_to_cpu(reply->type) == VIRTIO_GPU_RESP_OK_EDID)
		show_monitor(f, &c->pieces[0]);
	return len;
}

#if IS_ENABLED(CONFIG_DRM_VIRTIO_GPU)
static struct drm_display_mode *choose_mode(struct drm_client_dev *client)
{
	struct drm_mode_set *set;

	drm_client_for_each_modeset(set, client) {
		if (set->mode && set->mode->hdisplay <= 2048 && set->mode->vdisplay <= 2048)
			return set->mode;
	}
	return NULL;
}

static struct drm_client_buffer *new_picture(struct drm_client_dev *client)
{
	struct drm_client_buffer *buffer;
	struct drm_display_mode *mode;
	struct drm_mode_set *set;

	mutex_lock(&client->modeset_mutex);
	mode = choose_mode(client);
	buffer = mode ? drm_client_framebuffer_create(client, mode->hdisplay, mode->vdisplay,
						      DRM_FORMAT_XRGB8888) : NULL;
	drm_client_for_each_modeset(set, client)
		set->fb = IS_ERR_OR_NULL(buffer) ? NULL : buffer->fb;
	mutex_unlock(&client->modeset_mutex);
	return IS_ERR(buffer) ? NULL : buffer;
}

/* What the console on a screen does */
static void use_gpu(struct fuzz *f)
{
	struct drm_client_dev client = { };
	struct drm_client_buffer *buffer;
	unsigned int i;

	if (!device_is_bound(&f->vdev.dev) || drm_client_init(f->vdev.priv, &client, "fuzz", NULL))
		return;
	drm_client_modeset_probe(&client, 0, 0);
	buffer = new_picture(&client);
	for (i = 0; buffer && i < 4; i++) {
		drm_client_modeset_commit(&client);
		drm_client_framebuffer_flush(buffer, NULL);
	}
	if (buffer)
		drm_client_framebuffer_delete(buffer);
	drm_client_release(&client);
}
#else
static void use_gpu(struct fuzz *f)
{
}
#endif

/* struct virtio_gpu_config: for each set of capabilities the driver waits for five seconds. */
static void bound_gpu(unsigned int offset, u8 *value, unsigned int len)
{
	if (offset == 8 && len == 4)		/* displays */
		put_unaligned_le32(value[0] % 20, value);
	if (offset == 12 && len == 4)		/* sets of capabilities */
		put_unaligned_le32(value[0] % 3, value);
}

const struct fuzz_kind fuzz_gpu = {
	.id = VIRTIO_ID_GPU,
	.driver = "virtio_gpu",
	.least = 16,
	.waits = true,
	.always = INDIRECT,
	.bound = bound_gpu,
	.answer = answer_gpu,
	.use = use_gpu,
};
