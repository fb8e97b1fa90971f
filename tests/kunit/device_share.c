// SPDX-License-Identifier: GPL-2.0-only
/*
 * When a mount of 9P ends while its host still has requests, or has just answered one. The
 * host here (device_fuzz_kunit.c) does nothing but what each test has it do.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/moduleparam.h>
#include <linux/panic.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include <net/9p/9p.h>
#include <net/9p/client.h>
#include <net/9p/transport.h>

#include <asm/pguest.h>

#include <compat/device.h>
#include <compat/kunit.h>

#include "device_fuzz.h"

static bool ends;
module_param(ends, bool, 0600);

#define WAIT_MS		5000
/* Longer than a host may take for the requests that are left */
#define END_MS		15000

/* 9P2000.L: size, type and tag, the request's; then what depends on the type */
#define HEAD		7

static const u8 version[] = { 0, 0x10, 0, 0, 8, 0, '9', 'P', '2', '0', '0', '0', '.', 'L' };
static const u8 io_error[] = { 5, 0, 0, 0 };

static int mount_it(void *data)
{
	struct fuzz_mount *m = data;

	allow_signal(SIGKILL);
	m->f->kind->use(m->f);
	complete_all(&m->done);
	return 0;
}

/* On the second CPU; @m stays until it has ended, and fuzz_mount_put(). */
bool fuzz_mount(struct kunit *test, struct fuzz_mount *m, struct fuzz *f)
{
	m->f = f;
	init_completion(&m->done);
	m->thread = kthread_create(mount_it, m, "fuzz-mount");
	KUNIT_EXPECT_FALSE(test, IS_ERR(m->thread));
	if (IS_ERR(m->thread))
		return false;
	get_task_struct(m->thread);
	kthread_bind(m->thread, 1);
	wake_up_process(m->thread);
	return true;
}

void fuzz_mount_put(struct fuzz_mount *m)
{
	if (!IS_ERR(m->thread))
		put_task_struct(m->thread);
}

/* Any request for @type 0 */
static struct chain *find_request(struct fuzz *f, u8 type)
{
	struct queue *q = &f->queues[0];
	unsigned int i;

	if (q->vq)
		fuzz_take_chains(f, q);
	for (i = 0; i < q->nr; i++) {
		struct chain *c = &q->pending[i];

		if (!c->asked.at || c->asked.len < HEAD || (type && c->asked.at[4] != type))
			continue;
		if (c->nr && c->pieces[0].len >= HEAD + sizeof(version))
			return c;
	}
	return NULL;
}

static bool request_comes(struct fuzz *f, u8 type)
{
	unsigned int waited;
	bool is_there;

	for (waited = 0; waited < WAIT_MS; waited += 20) {
		mutex_lock(&f->life);
		is_there = find_request(f, type);
		mutex_unlock(&f->life);
		if (is_there)
			return true;
		msleep(20);
	}
	return false;
}

/* Answer a request that is there. */
static bool answer_now(struct fuzz *f, u8 type, u8 reply, const u8 *body, u8 len)
{
	struct queue *q = &f->queues[0];
	struct chain *c;

	mutex_lock(&f->life);
	c = find_request(f, type);
	if (c) {
		u8 *at = c->pieces[0].at;

		put_unaligned_le32(HEAD + len, at);
		at[4] = reply;
		memcpy(at + 5, c->asked.at + 5, HEAD - 5);
		memcpy(at + HEAD, body, len);
		fuzz_put_used(f, q, c->id, HEAD + len, c->slots);
		*c = q->pending[--q->nr];
		fuzz_interrupt(f, q);
	}
	mutex_unlock(&f->life);
	return c;
}

/* Refuse any request that is there, with EIO. */
void fuzz_refuse_9p(struct fuzz *f)
{
	answer_now(f, 0, P9_RLERROR, io_error, sizeof(io_error));
}

static void answer(struct kunit *test, struct fuzz *f, u8 type, u8 reply, const u8 *body, u8 len)
{
	KUNIT_EXPECT_TRUE(test, request_comes(f, type));
	KUNIT_EXPECT_TRUE(test, answer_now(f, type, reply, body, len));
}

static void refuse(struct kunit *test, struct fuzz *f, u8 type)
{
	answer(test, f, type, P9_RLERROR, io_error, sizeof(io_error));
}

static bool ends_within(struct fuzz_mount *m, unsigned int ms)
{
	return wait_for_completion_timeout(&m->done, msecs_to_jiffies(ms));
}

static struct task_struct *answering;
static unsigned int delayed;

/* The callback has woken who waits for the answer, and is about to put its reference. */
static int delay_put(struct kprobe *p, struct pt_regs *regs)
{
	if (current == answering) {
		delayed++;
		mdelay(100);
	}
	return 0;
}

/* The mount ends with this answer, and before the callback does. */
static void end_in_callback(struct kunit *test, struct fuzz_mount *m)
{
	struct kprobe probe = { .symbol_name = "p9_req_put", .pre_handler = delay_put };
	int err = register_kprobe(&probe);

	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(0)), 0);
	delayed = 0;
	WRITE_ONCE(answering, current);
	refuse(test, m->f, P9_TATTACH);
	WRITE_ONCE(answering, NULL);
	KUNIT_EXPECT_EQ(test, delayed, 1);
	KUNIT_EXPECT_TRUE(test, ends_within(m, END_MS));
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	if (!err)
		unregister_kprobe(&probe);
}

/* Who mounts is killed. The host says that it has cancelled the request. */
static void kill_mount(struct kunit *test, struct fuzz_mount *m)
{
	KUNIT_EXPECT_TRUE(test, request_comes(m->f, P9_TATTACH));
	send_sig(SIGKILL, m->thread, 1);
	answer(test, m->f, P9_TFLUSH, P9_RFLUSH, NULL, 0);
}

static void answer_cancelled(struct kunit *test, struct fuzz_mount *m)
{
	kill_mount(test, m);
	KUNIT_EXPECT_FALSE(test, ends_within(m, 200));
	refuse(test, m->f, P9_TATTACH);
	KUNIT_EXPECT_TRUE(test, ends_within(m, WAIT_MS));
}

/* The host says by a length of 0 that the request is cancelled; nothing else puts its reference. */
static void answer_empty(struct kunit *test, struct fuzz_mount *m)
{
	struct fuzz *f = m->f;
	struct chain *c;

	kill_mount(test, m);
	KUNIT_EXPECT_FALSE(test, ends_within(m, 200));
	mutex_lock(&f->life);
	c = find_request(f, P9_TATTACH);
	KUNIT_EXPECT_NOT_NULL(test, c);
	if (c) {
		fuzz_put_used(f, &f->queues[0], c->id, 0, c->slots);
		*c = f->queues[0].pending[--f->queues[0].nr];
		fuzz_interrupt(f, &f->queues[0]);
	}
	mutex_unlock(&f->life);
	KUNIT_EXPECT_TRUE(test, ends_within(m, WAIT_MS));
}

/* Pages of who is killed are not the host's to write to: none are given to it. */
static void expect_copies(struct kunit *test)
{
#if IS_BUILTIN(CONFIG_NET_9P)
	struct p9_trans_module *trans = v9fs_get_trans_by_name("virtio");

	KUNIT_ASSERT_NOT_NULL(test, trans);
	KUNIT_EXPECT_NULL(test, trans->zc_request);
	v9fs_put_trans(trans);
#endif
}

static void answer_too_late(struct kunit *test, struct fuzz_mount *m)
{
	kill_mount(test, m);
	KUNIT_EXPECT_TRUE(test, ends_within(m, END_MS));
	refuse(test, m->f, P9_TATTACH);
	fuzz_mount_put(m);
	/* There is no such share until the driver is bound again. */
	if (fuzz_mount(test, m, m->f))
		KUNIT_EXPECT_TRUE(test, ends_within(m, WAIT_MS));
}

static void mount_ends(struct kunit *test, bool packed,
		       void (*how)(struct kunit *test, struct fuzz_mount *m))
{
	struct fuzz *f = fuzz_new_device(&honest_share, NULL, packed);
	unsigned long taint = get_taint();
	struct fuzz_mount m;

	KUNIT_ASSERT_NOT_NULL(test, f);
	KUNIT_ASSERT_EQ(test, register_virtio_device(&f->vdev), 0);
	KUNIT_EXPECT_TRUE(test, device_is_bound(&f->vdev.dev));
	if (fuzz_mount(test, &m, f)) {
		answer(test, f, P9_TVERSION, P9_RVERSION, version, sizeof(version));
		how(test, &m);
		/* @m and the device are in use until then. */
		while (!completion_done(&m.done) && !ends_within(&m, WAIT_MS))
			fuzz_refuse_9p(f);
		fuzz_mount_put(&m);
	}
	unregister_virtio_device(&f->vdev);
	KUNIT_EXPECT_EQ(test, get_taint(), taint);
}

/* The last reference of a request is the ring's, and no one else puts that. */
void mount_waits_for_its_ring(struct kunit *test)
{
	if (!ends || !pguest_active() || num_online_cpus() < 2)
		kunit_skip(test, "device_share.ends=1 asks for it, with two CPUs");
	mount_ends(test, false, end_in_callback);
	mount_ends(test, true, end_in_callback);
	mount_ends(test, false, answer_cancelled);
	mount_ends(test, true, answer_cancelled);
	mount_ends(test, false, answer_empty);
	mount_ends(test, true, answer_empty);
	mount_ends(test, true, answer_too_late);
	expect_copies(test);
}
