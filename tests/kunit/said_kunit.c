// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a virtio device says of itself, and its driver has believed: each of these has ended
 * in a BUG_ON() or a warning. The host here (device_fuzz_kunit.c) does nothing else.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/netdevice.h>
#include <linux/panic.h>
#include <linux/path.h>
#include <linux/rtnetlink.h>
#include <linux/string.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_byteorder.h>
#include <linux/virtio_console.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>

#include <asm/pguest.h>

#include <compat/device.h>

#include "device_fuzz.h"

#define WAIT_MS		5000
/* Devices since virtio 1.0 are little-endian. */
#define LE16(x)		__cpu_to_virtio16(true, x)
#define LE32(x)		__cpu_to_virtio32(true, x)
#define LE64(x)		__cpu_to_virtio64(true, x)
#define CONTROL_IN	2
#define HEAD		sizeof(struct virtio_console_control)

static void set_up_disk(struct fuzz *f)
{
	memset(f->config, 0, sizeof(f->config));
	f->config[offsetof(struct virtio_blk_config, wce)] = 7;
}

/* Without a sector, so that nothing is read of it */
static const struct fuzz_kind disk = {
	.id = VIRTIO_ID_BLOCK,
	.honest = true,
	.least = 16,
	.always = BIT_ULL(VIRTIO_BLK_F_CONFIG_WCE) | BIT_ULL(VIRTIO_BLK_F_FLUSH),
	.set_up = set_up_disk,
};

/* A disk's status, and a network's, is 0 then. */
static void succeed(struct chain *c)
{
	unsigned int i;

	for (i = 0; i < c->nr; i++)
		memset(c->pieces[i].at, 0, c->pieces[i].len);
}

/* When the driver notifies the device, which has no thread here */
static void answer_each(struct fuzz *f, struct virtqueue *vq, void (*how)(struct chain *c))
{
	struct queue *q = &f->queues[vq->index];

	if (q->vq != vq)
		return;
	fuzz_take_chains(f, q);
	while (q->nr) {
		struct chain *c = &q->pending[--q->nr];

		how(c);
		fuzz_put_used(f, q, c->id, c->nr ? c->pieces[0].len : 0, c->slots);
	}
	fuzz_interrupt(f, q);
}

static void take_commands(struct fuzz *f, struct virtqueue *vq)
{
	if (!strcmp(vq->name, "control"))
		answer_each(f, vq, succeed);
}

#ifndef VIRTIO_BLK_F_ZONED
/* Linux before 6.3 drives it as a disk like any other. */
static const struct fuzz_kind disk_with_zones = {
	.id = VIRTIO_ID_BLOCK,
	.honest = true,
	.least = 16,
	.always = BIT_ULL(17),
	.set_up = set_up_disk,
};

static void answer_requests(struct fuzz *f, struct virtqueue *vq)
{
	answer_each(f, vq, succeed);
}
#else
#define ZONE_SECTORS	128
#define ZONES		1000	/* a report has one page */

static void set_up_zones(struct fuzz *f)
{
	struct virtio_blk_config *config = (void *)f->config;

	memset(f->config, 0, sizeof(f->config));
	config->capacity = LE64(ZONES * ZONE_SECTORS);
	config->zoned.zone_sectors = LE32(ZONE_SECTORS);
	config->zoned.max_append_sectors = LE32(8);
	config->zoned.write_granularity = LE32(SZ_4K);
	config->zoned.model = VIRTIO_BLK_Z_HM;
}

static const struct fuzz_kind disk_with_zones = {
	.id = VIRTIO_ID_BLOCK,
	.honest = true,
	.least = 16,
	.always = BIT_ULL(VIRTIO_BLK_F_ZONED),
	.set_up = set_up_zones,
};

/* All zones that are left are in the report, by what it says; data are zeroes. */
static void answer_request(struct chain *c)
{
	struct virtio_blk_outhdr *request = (void *)c->asked.at;
	struct virtio_blk_zone_report *report = (void *)c->pieces[0].at;
	u64 first = __virtio64_to_cpu(true, request->sector) / ZONE_SECTORS;
	unsigned int i, n;

	succeed(c);
	if (__virtio32_to_cpu(true, request->type) != VIRTIO_BLK_T_ZONE_REPORT)
		return;
	n = (c->pieces[0].len - sizeof(*report)) / sizeof(report->zones[0]);
	report->nr_zones = LE64(ZONES - first);
	for (i = 0; i < min_t(u64, n, ZONES - first); i++) {
		report->zones[i].z_cap = LE64(ZONE_SECTORS);
		report->zones[i].z_start = LE64((first + i) * ZONE_SECTORS);
		report->zones[i].z_wp = report->zones[i].z_start;
		report->zones[i].z_type = VIRTIO_BLK_ZT_SWR;
		report->zones[i].z_state = VIRTIO_BLK_ZS_EMPTY;
	}
}

static void answer_requests(struct fuzz *f, struct virtqueue *vq)
{
	answer_each(f, vq, answer_request);
}
#endif

/* Hardware GRO can be switched, by a queue that there is not. */
static const struct fuzz_kind network = {
	.id = VIRTIO_ID_NET,
	.honest = true,
	.least = 64,
	.always = BIT_ULL(VIRTIO_NET_F_CTRL_GUEST_OFFLOADS) | BIT_ULL(VIRTIO_NET_F_GUEST_CSUM) |
		  BIT_ULL(VIRTIO_NET_F_GUEST_TSO4) | BIT_ULL(VIRTIO_NET_F_GUEST_TSO6) |
		  BIT_ULL(VIRTIO_NET_F_MRG_RXBUF),
};

static void set_up_queues(struct fuzz *f)
{
	struct virtio_net_config *config = (void *)f->config;

	memset(f->config, 0, sizeof(f->config));
	config->max_virtqueue_pairs = LE16(VIRTIO_NET_CTRL_MQ_VQ_PAIRS_MAX);
}

static const struct fuzz_kind network_with_queues = {
	.id = VIRTIO_ID_NET,
	.honest = true,
	.least = 64,
	.always = BIT_ULL(VIRTIO_NET_F_CTRL_VQ) | BIT_ULL(VIRTIO_NET_F_MQ),
	.set_up = set_up_queues,
};

#ifdef VIRTIO_NET_F_DEVICE_STATS
#define STATISTICS	VIRTIO_NET_F_DEVICE_STATS
#else
#define STATISTICS	50
#endif

/* Its driver would ask for them while it is probed, and wait for the answer without end. */
static const struct fuzz_kind network_with_statistics = {
	.id = VIRTIO_ID_NET,
	.honest = true,
	.least = 64,
	.always = BIT_ULL(VIRTIO_NET_F_CTRL_VQ) | BIT_ULL(STATISTICS),
};

static struct fuzz *begin_with(struct kunit *test, const struct fuzz_kind *kind,
			       void (*kicked)(struct fuzz *f, struct virtqueue *vq))
{
	struct fuzz *f;

	if (!pguest_active())
		kunit_skip(test, "this takes a protected VM");
	f = fuzz_new_device(kind, NULL, false);
	KUNIT_ASSERT_NOT_NULL(test, f);
	f->kicked = kicked;
	KUNIT_ASSERT_EQ(test, register_virtio_device(&f->vdev), 0);
	KUNIT_EXPECT_TRUE(test, device_is_bound(&f->vdev.dev));
	return f;
}

static int read_file(const struct path *root, const char *name, char *text, size_t size)
{
	struct file *file = file_open_root(root, name, O_RDONLY, 0);
	loff_t at = 0;
	int n;

	if (IS_ERR(file))
		return PTR_ERR(file);
	n = kernel_read(file, text, size, &at);
	fput(file);
	return n;
}

static struct fuzz *begin(struct kunit *test, const struct fuzz_kind *kind)
{
	return begin_with(test, kind, NULL);
}

/* A file of sysfs, before anything is mounted */
static int read_sysfs(const char *name, char *text, size_t size)
{
	struct file_system_type *fs = get_fs_type("sysfs");
	struct vfsmount *mnt;
	struct path root;
	int n;

	if (!fs)
		return -ENODEV;
	mnt = vfs_kern_mount(fs, 0, "sysfs", NULL);
	module_put(fs->owner);
	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	root = (struct path){ .mnt = mnt, .dentry = mnt->mnt_root };
	n = read_file(&root, name, text, size);
	mntput(mnt);
	return n;
}

static void status_stays_after_a_reset(struct kunit *test)
{
	unsigned long taint = get_taint();
	struct fuzz *f = begin(test, &honest_random_source);

	f->stubborn = true;
	unregister_virtio_device(&f->vdev);
	KUNIT_EXPECT_EQ(test, get_taint(), taint);
}

static int read_cache_mode(struct device *child, void *data)
{
	char name[64], *text = data;

	if (!child->class || strcmp(child->class->name, "block"))
		return 0;
	snprintf(name, sizeof(name), "class/block/%s/cache_type", dev_name(child));
	return read_sysfs(name, text, 32);
}

static void cache_mode_is_neither_of_two(struct kunit *test)
{
	struct fuzz *f = begin(test, &disk);
	char text[32] = "";

	KUNIT_EXPECT_GT(test, device_for_each_child(&f->vdev.dev, text, read_cache_mode), 0);
	KUNIT_EXPECT_STREQ(test, text, "write back\n");
	unregister_virtio_device(&f->vdev);
}

static void report_has_fewer_zones(struct kunit *test)
{
	unsigned long taint = get_taint();
	struct fuzz *f;

	if (!IS_ENABLED(CONFIG_BLK_DEV_ZONED))
		kunit_skip(test, "CONFIG_BLK_DEV_ZONED is not set");
	/* All zones are as they should be, in as many reports as it takes. */
	f = begin_with(test, &disk_with_zones, answer_requests);
	unregister_virtio_device(&f->vdev);
	KUNIT_EXPECT_EQ(test, get_taint(), taint);
}

static void control_queue_is_missing(struct kunit *test)
{
	struct fuzz *f = begin(test, &network);
	bool switched = false;
	struct net_device *dev;

	rtnl_lock();
	for_each_netdev(&init_net, dev) {
		if (dev->dev.parent != &f->vdev.dev)
			continue;
		switched = dev->features & NETIF_F_GRO_HW;
		dev->wanted_features &= ~NETIF_F_GRO_HW;
		netdev_update_features(dev);
		break;
	}
	rtnl_unlock();
	KUNIT_EXPECT_TRUE(test, switched);
	unregister_virtio_device(&f->vdev);
}

static void queues_are_too_many(struct kunit *test)
{
	unsigned long taint = get_taint();
	struct fuzz *f = begin_with(test, &network_with_queues, take_commands);

	unregister_virtio_device(&f->vdev);
	KUNIT_EXPECT_EQ(test, get_taint(), taint);
}

/* Where the driver writes them the device would say. */
static void statistics_are_not_asked_for(struct kunit *test)
{
	struct fuzz *f = begin(test, &network_with_statistics);

	KUNIT_EXPECT_TRUE(test, virtio_has_feature(&f->vdev, VIRTIO_NET_F_CTRL_VQ));
	KUNIT_EXPECT_FALSE(test, virtio_has_feature(&f->vdev, STATISTICS));
	unregister_virtio_device(&f->vdev);
}

/* Has the driver added its buffer again, behind all others? */
static bool waits_for_message(struct fuzz *f)
{
	struct queue *q = &f->queues[CONTROL_IN];

	fuzz_take_chains(f, q);
	return q->nr == f->kind->least;
}

static void send_message(struct kunit *test, struct fuzz *f, u16 event, u32 len)
{
	struct queue *q = &f->queues[CONTROL_IN];
	struct virtio_console_control *message;
	unsigned int waited;

	KUNIT_ASSERT_TRUE(test, waits_for_message(f));
	q->nr--;
	message = (void *)q->pending[q->nr].pieces[0].at;
	*message = (struct virtio_console_control){
		.event = LE16(event),
		.value = LE16(1),
	};
	strscpy((char *)(message + 1), "name", 8);
	fuzz_put_used(f, q, q->pending[q->nr].id, len, q->pending[q->nr].slots);
	fuzz_interrupt(f, q);
	for (waited = 0; !waits_for_message(f) && waited < WAIT_MS; waited += 20)
		msleep(20);
	KUNIT_EXPECT_TRUE(test, waits_for_message(f));
}

static void message_is_too_short(struct kunit *test)
{
	unsigned long taint = get_taint();
	struct fuzz *f = begin(test, &honest_console);
	char name[64], text[32] = "";
	unsigned int len;

	snprintf(name, sizeof(name), "class/virtio-ports/vport%up0/name", f->vdev.index);
	send_message(test, f, VIRTIO_CONSOLE_PORT_ADD, HEAD);
	for (len = 0; len < HEAD; len++)
		send_message(test, f, VIRTIO_CONSOLE_PORT_NAME, len);
	KUNIT_EXPECT_EQ(test, read_sysfs(name, text, sizeof(text)), -ENOENT);
	send_message(test, f, VIRTIO_CONSOLE_PORT_NAME, HEAD + 4);
	KUNIT_EXPECT_GT(test, read_sysfs(name, text, sizeof(text)), 0);
	KUNIT_EXPECT_STREQ(test, text, "name\n");
	unregister_virtio_device(&f->vdev);
	KUNIT_EXPECT_EQ(test, get_taint(), taint);
}

static struct kunit_case said_cases[] = {
	KUNIT_CASE(status_stays_after_a_reset),
	KUNIT_CASE(cache_mode_is_neither_of_two),
	KUNIT_CASE(report_has_fewer_zones),
	KUNIT_CASE(control_queue_is_missing),
	KUNIT_CASE(queues_are_too_many),
	KUNIT_CASE(statistics_are_not_asked_for),
	KUNIT_CASE(message_is_too_short),
	{ }
};

static struct kunit_suite said_suite = {
	.name = "pguest_said",
	.suite_init = fuzz_suite_init,
	.suite_exit = fuzz_suite_exit,
	.test_cases = said_cases,
};

kunit_test_suite(said_suite);
