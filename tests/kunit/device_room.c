// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drivers and a full bounce pool: a mapping fails then, and a driver that does not look, or
 * that drops what it wanted to send, has to wait for room. The devices are honest, and
 * their host (device_fuzz_kunit.c) has taken all of the pool for another device.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/jiffies.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <asm/pguest.h>

#include <compat/device.h>
#include <compat/kunit.h>

#include "device_fuzz.h"

static bool room;
module_param(room, bool, 0600);

#define GIVE_BACK	(HZ / 2)
#define WAIT_MS		5000

/* All that a device can have of the bounce pool, in mappings of falling sizes */
struct hoard {
	struct delayed_work work;
	u8 *buffer;
	unsigned int nr;
	struct { dma_addr_t addr; u32 len; } held[SZ_16K];
	unsigned int kicks;
};

static bool hold_one(struct hoard *h, u32 len)
{
	dma_addr_t addr;

	if (h->nr == ARRAY_SIZE(h->held))
		return false;
	addr = dma_map_single(fuzz_parent, h->buffer, len, DMA_TO_DEVICE);
	if (dma_mapping_error(fuzz_parent, addr))
		return false;
	h->held[h->nr].addr = addr;
	h->held[h->nr++].len = len;
	return true;
}

/* The pool may grow meanwhile: small pieces of what is new would be too many. */
static void hold_what_is_there(struct hoard *h)
{
	u32 len = SZ_256K;

	while (len >= SZ_64)
		len = hold_one(h, len) ? min_t(u32, 2 * len, SZ_256K) : len / 2;
}

/* The pool grows while it is filled. */
static void hold_all(struct kunit *test, struct hoard *h)
{
	unsigned int before;

	do {
		before = h->nr;
		hold_what_is_there(h);
		msleep(100);
	} while (h->nr > before);
	/* It is the pool that has no more, and not the list. */
	KUNIT_EXPECT_LT(test, h->nr, ARRAY_SIZE(h->held));
}

static void give_one_back(struct hoard *h, unsigned int i)
{
	dma_unmap_single(fuzz_parent, h->held[i].addr, h->held[i].len, DMA_TO_DEVICE);
	h->held[i] = h->held[--h->nr];
}

static void give_all_back(struct work_struct *work)
{
	struct hoard *h = container_of(to_delayed_work(work), struct hoard, work);

	while (h->nr)
		give_one_back(h, h->nr - 1);
}

/* What the driver has in a queue that nobody serves */
static unsigned int nr_chains(struct fuzz *f, unsigned int queue)
{
	unsigned int nr;

	mutex_lock(&f->life);
	if (f->queues[queue].vq)
		fuzz_take_chains(f, &f->queues[queue]);
	nr = f->queues[queue].nr;
	mutex_unlock(&f->life);
	return nr;
}

static void begin(struct kunit *test, struct fuzz *f)
{
	KUNIT_EXPECT_EQ(test, register_virtio_device(&f->vdev), 0);
	KUNIT_EXPECT_TRUE(test, device_is_bound(&f->vdev.dev));
}

static void end(struct fuzz *f, struct hoard *h)
{
	flush_delayed_work(&h->work);
	unregister_virtio_device(&f->vdev);
}

/* A device whose driver has to have buffers in its first queue when it has begun */
static void device_without_room(struct kunit *test, struct fuzz *f, struct hoard *h)
{
	hold_all(test, h);
	schedule_delayed_work(&h->work, GIVE_BACK);
	begin(test, f);
	KUNIT_EXPECT_GT(test, nr_chains(f, 0), 0);
	end(f, h);
}

/* The buffers that the host's messages go to, then the driver's message that it is there */
static void console_without_room(struct kunit *test, struct fuzz *f, struct hoard *h)
{
	hold_all(test, h);
	schedule_delayed_work(&h->work, GIVE_BACK);
	begin(test, f);
	KUNIT_EXPECT_EQ(test, f->lies, 1);
	end(f, h);
}

/* The last buffer of the queue has been added: the message comes next. */
static void take_the_rest(struct fuzz *f, struct virtqueue *vq)
{
	struct hoard *h = f->private;

	if (strcmp(vq->name, "control-i") || ++h->kicks < f->kind->least)
		return;
	hold_what_is_there(h);
	schedule_delayed_work(&h->work, GIVE_BACK);
}

static void message_without_room(struct kunit *test, struct fuzz *f, struct hoard *h)
{
	hold_all(test, h);
	give_one_back(h, 0);
	h->kicks = 0;
	f->private = h;
	f->kicked = take_the_rest;
	begin(test, f);
	KUNIT_EXPECT_EQ(test, h->kicks, f->kind->least);
	KUNIT_EXPECT_EQ(test, f->lies, 1);
	end(f, h);
}

static void share_without_room(struct kunit *test, struct fuzz *f, struct hoard *h)
{
	struct fuzz_mount m;
	unsigned int waited = 0;

	begin(test, f);
	hold_all(test, h);
	schedule_delayed_work(&h->work, GIVE_BACK);
	if (!fuzz_mount(test, &m, f))
		complete_all(&m.done);
	for (; !nr_chains(f, 0) && waited < WAIT_MS; waited += 20)
		msleep(20);
	KUNIT_EXPECT_EQ(test, f->queues[0].nr, 1);
	while (!wait_for_completion_timeout(&m.done, HZ / 10))
		fuzz_refuse_9p(f);
	fuzz_mount_put(&m);
	end(f, h);
}

static void without_room(struct kunit *test, const struct fuzz_kind *kind,
			 void (*run)(struct kunit *test, struct fuzz *f, struct hoard *h))
{
	struct hoard *h = kvzalloc(sizeof(*h), GFP_KERNEL);
	struct fuzz *f = fuzz_new_device(kind, NULL, false);

	KUNIT_EXPECT_NOT_NULL(test, h);
	KUNIT_EXPECT_NOT_NULL(test, f);
	if (h && f) {
		INIT_DELAYED_WORK(&h->work, give_all_back);
		h->buffer = kmalloc(SZ_256K, GFP_KERNEL);
		KUNIT_EXPECT_NOT_NULL(test, h->buffer);
		if (h->buffer)
			run(test, f, h);
		kfree(h->buffer);
	}
	kvfree(h);
}

static void skip_unless_wanted(struct kunit *test)
{
	if (!room || !pguest_active() || num_online_cpus() < 2)
		kunit_skip(test, "device_room.room=1 asks for it, with two CPUs");
}

/* Its driver takes it that an empty queue has room, and waits for the answer in any case. */
void random_source_waits_for_room(struct kunit *test)
{
	skip_unless_wanted(test);
	without_room(test, &fuzz_random_source, device_without_room);
}

/* Its driver drops a message of a port, which then never comes up. */
void console_waits_for_room(struct kunit *test)
{
	skip_unless_wanted(test);
	without_room(test, &honest_console, console_without_room);
	without_room(test, &honest_console, message_without_room);
}

/* Its driver looks for buffers to receive in when some have been used: without any it is deaf. */
void socket_waits_for_room(struct kunit *test)
{
	skip_unless_wanted(test);
	without_room(test, &honest_socket, device_without_room);
}

/* Its driver fails the request of a program. */
void share_waits_for_room(struct kunit *test)
{
	skip_unless_wanted(test);
	without_room(test, &honest_share, share_without_room);
}
