// SPDX-License-Identifier: GPL-2.0-only
/*
 * virtio devices of a host that lies, by the thousand: a transport whose other side is
 * here. It has what a host has: rings, tables and buffers in shared memory, configuration,
 * features, interrupts and unplugging. Each case is a device from its discovery to its
 * removal, with other lies; the same seed gives the same choices, though not the same
 * timing. device_kinds.c has what is special about each kind, device_plan.c how devices
 * after the first ones are chosen, device_room.c what drivers do when the bounce pool is
 * full.
 *
 * device_fuzz_kunit.cases= devices of each kind and ring, .seed= another choice, .only= a
 * mask of the lies in complete_one(), to find out which one did something. The suite can
 * be run again from debugfs, or by .again=, when drivers that are modules are there.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/debug_locks.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/file.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/moduleparam.h>
#include <linux/panic.h>
#include <linux/platform_device.h>
#include <linux/prandom.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_ring.h>

#include <asm/pguest.h>

#include <compat/device.h>
#include <compat/kunit.h>
#include <compat/virtio.h>

#include "device_fuzz.h"

static unsigned int cases;
module_param(cases, uint, 0600);
static unsigned int seed = 1;
module_param(seed, uint, 0600);
static unsigned int only = ~0U;
module_param(only, uint, 0600);
static bool guided = true;
module_param(guided, bool, 0600);

#define LONGEST		64		/* descriptors of a chain */
#define MOST_SECONDS	60		/* a case of 120 is a hung task; devices may take 20 */
#define AVAIL_BIT	BIT(VRING_PACKED_DESC_F_AVAIL)
#define USED_BIT	BIT(VRING_PACKED_DESC_F_USED)

/* Rings as a host reads them: little-endian, as this guest is */
struct split_entry {
	u64 addr;
	u32 len;
	u16 flags, next;
};

struct packed_entry {
	u64 addr;
	u32 len;
	u16 id, flags;
};

struct given_ring {
	u16 flags, idx, ring[];
};

struct taken_ring {
	u16 flags, idx;
	struct { u32 id, len; } ring[];
};

struct tried {
	unsigned int devices;		/* that a driver took */
	unsigned long lies;
	unsigned int blocks, plans;	/* since boot */
};

struct device *fuzz_parent;

static struct fuzz *fuzz_of(struct virtio_device *vdev)
{
	return container_of(vdev, struct fuzz, vdev);
}

/* Memory at an address of the device's, if the host has all of it. */
static void *shared_memory(u64 addr, u64 len)
{
	phys_addr_t phys = dma_to_phys(fuzz_parent, addr), at;

	if (!len || len > SZ_1M || phys + len < phys || !pfn_is_map_memory(PHYS_PFN(phys)))
		return NULL;
	for (at = ALIGN_DOWN(phys, SZ_4K); at < phys + len; at += SZ_4K) {
		if (!pguest_space_shared(&pguest_memory, at))
			return NULL;
	}
	return phys_to_virt(phys);
}

static void add_piece(struct chain *c, u64 addr, u32 len, u16 flags)
{
	struct piece piece = { shared_memory(addr, len), len };

	if (!piece.at)
		return;
	if (!(flags & VRING_DESC_F_WRITE) && !c->asked.at)
		c->asked = piece;
	if (flags & VRING_DESC_F_WRITE && c->nr < PIECES)
		c->pieces[c->nr++] = piece;
}

/* Entries of either ring's tables have address and length in the same place. */
static void add_table(struct fuzz *f, struct chain *c, u64 addr, u32 len)
{
	struct split_entry *table = shared_memory(addr, len);
	struct packed_entry *packed = (void *)table;
	u32 i;

	if (!table)
		return;
	c->table = (u8 *)table;
	c->table_len = len;
	for (i = 0; i < min_t(u32, len / sizeof(*table), LONGEST); i++)
		add_piece(c, table[i].addr, table[i].len,
			  f->packed ? packed[i].flags : table[i].flags);
}

static void add_desc(struct fuzz *f, struct chain *c, u64 addr, u32 len, u16 flags)
{
	if (flags & VRING_DESC_F_INDIRECT)
		add_table(f, c, addr, len);
	else
		add_piece(c, addr, len, flags);
}

static void take_split(struct fuzz *f, struct queue *q)
{
	struct given_ring *avail = q->driver;

	while (q->nr < PENDING && q->next != READ_ONCE(avail->idx)) {
		struct chain *c = &q->pending[q->nr];
		u16 i = avail->ring[q->next++ % q->num];
		unsigned int steps = 0;

		*c = (struct chain){ .id = i };
		while (i < q->num && steps++ < LONGEST) {
			add_desc(f, c, q->desc[i].addr, q->desc[i].len, q->desc[i].flags);
			if (!(q->desc[i].flags & VRING_DESC_F_NEXT))
				break;
			i = q->desc[i].next;
		}
		q->nr += !!steps;
	}
}

static bool is_available(const struct queue *q, u16 flags)
{
	return !!(flags & AVAIL_BIT) == q->next_wrap && !!(flags & USED_BIT) != q->next_wrap;
}

static void take_packed(struct fuzz *f, struct queue *q)
{
	struct packed_entry *desc = (void *)q->desc;

	while (q->nr < PENDING && is_available(q, READ_ONCE(desc[q->next].flags))) {
		struct chain *c = &q->pending[q->nr++];
		struct packed_entry *d;

		*c = (struct chain){ };
		rmb();	/* the rest of a descriptor is there before its flags */
		do {
			d = &desc[q->next++];
			add_desc(f, c, d->addr, d->len, d->flags);
			c->id = d->id;
			c->slots++;
			if (q->next == q->num) {
				q->next = 0;
				q->next_wrap = !q->next_wrap;
			}
		} while (d->flags & VRING_DESC_F_NEXT && c->slots < q->num);
	}
}

static void put_split(struct queue *q, u32 id, u32 len)
{
	struct taken_ring *used = q->device;

	used->ring[q->used % q->num].id = id;
	used->ring[q->used % q->num].len = len;
	wmb();	/* an entry is there before the index says so */
	WRITE_ONCE(used->idx, ++q->used);
}

static void put_packed(struct queue *q, u32 id, u32 len, u16 slots)
{
	struct packed_entry *desc = (void *)q->desc;

	desc[q->used].id = id;
	desc[q->used].len = len;
	wmb();	/* the rest of a descriptor is there before its flags */
	WRITE_ONCE(desc[q->used].flags, q->used_wrap ? AVAIL_BIT | USED_BIT : 0);
	q->used += slots;
	if (q->used >= q->num) {
		q->used -= q->num;
		q->used_wrap = !q->used_wrap;
	}
}

void fuzz_put_used(struct fuzz *f, struct queue *q, u32 id, u32 len, u16 slots)
{
	if (f->packed)
		put_packed(q, id, len, min(slots, q->num));
	else
		put_split(q, id, len);
}

/* Data that make no sense, but for what the kind makes of them. */
static u32 fill_chain(struct fuzz *f, struct queue *q, struct chain *c)
{
	u32 i, sum = 0;

	for (i = 0; i < c->nr; i++) {
		u32 len = min_t(u32, c->pieces[i].len, SZ_4K);

		put_garbage(f, c->pieces[i].at, len);
		sum += c->pieces[i].len;
	}
	return f->kind ? f->kind->answer(f, q, c, sum) : sum;
}

static void config_lies(struct fuzz *f)
{
	unsigned int at = random_below(f, sizeof(f->config));

	put_garbage(f, f->config + at,
		    min_t(size_t, 1 + random_below(f, 8), sizeof(f->config) - at));
	virtio_config_changed(&f->vdev);
}

static void ring_lies(struct fuzz *f, struct queue *q)
{
	struct packed_entry *desc = (void *)q->desc;
	struct taken_ring *used = q->device;

	if (f->packed)
		desc[random_below(f, q->num)].flags = random_number(f);
	else
		WRITE_ONCE(used->idx, q->used += random_below(f, 2 * q->num) - q->num);
}

/* The first means to a driver that waits that there is no answer. */
static const u32 lengths[] = { 0, 1, 4095, 4097, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff };

static u32 any_length(struct fuzz *f)
{
	u32 first = f->kind->waits;

	return lengths[first + random_below(f, ARRAY_SIZE(lengths) - first)];
}

/* After some lies the driver uses its ring no more. There is room for more of the others. */
static u32 choose_lie(struct fuzz *f)
{
	static const u32 harmless[] = { 1, 5, 8, 11 };

	if (!f->kind->waits && one_in(f, 4))
		return random_below(f, 12);
	return harmless[random_below(f, ARRAY_SIZE(harmless))];
}

/* Complete a chain, or not, with a lie or without. */
static void complete_one(struct fuzz *f, struct queue *q)
{
	u32 id, len, kind;
	struct chain c;
	unsigned int n;
	bool is_true;

	prandom_seed_state(&f->answer, fuzz_answer_seed(&f->plan, q - f->queues, q->answers++));
	n = random_below(f, q->nr);
	c = q->pending[n];
	q->pending[n] = q->pending[--q->nr];
	id = c.id;
	len = fill_chain(f, q, &c);
	kind = choose_lie(f);
	/* A driver that waits for each answer goes no further after the first that it refuses. */
	is_true = f->kind->waits ? !one_in(f, 4) : one_in(f, 4);
	if (is_true || !(only & BIT(kind))) {
		fuzz_put_used(f, q, id, len, c.slots);
		return;
	}
	f->lies++;
	switch (kind) {
	case 0:
		id = one_in(f, 2) ? random_number(f) : random_below(f, q->num);
		break;
	case 1:
		len = any_length(f);
		break;
	case 2:
		fuzz_put_used(f, q, id, len, c.slots);
		break;
	case 3:
		ring_lies(f, q);
		break;
	case 4:
		put_garbage(f, (u8 *)q->desc + 16 * random_below(f, q->num), 16);
		break;
	case 5:
		if (c.table)
			put_garbage(f, c.table, c.table_len);
		break;
	case 6:
		put_garbage(f, q->driver, 4);
		break;
	case 7:
		put_garbage(f, q->device, 2);
		break;
	case 8:
		config_lies(f);
		break;
	case 9:
		f->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
		virtio_config_changed(&f->vdev);
		break;
	case 10:
		return;
	default:
		len = random_number(f) | 1;
		break;
	}
	fuzz_put_used(f, q, id, len, c.slots);
	if (one_in(f, 4))
		fill_chain(f, q, &c);
}

/* All that waits for this device ends: what it says can only be a broken ring. */
static void flood_ring(struct fuzz *f, struct queue *q)
{
	struct packed_entry *desc = (void *)q->desc;
	struct taken_ring *used = q->device;
	u16 i;

	q->used_wrap = !q->used_wrap;
	for (i = 0; i < q->num; i++) {
		if (f->packed) {
			desc[i].id = 0xffff;
			WRITE_ONCE(desc[i].flags, q->used_wrap ? AVAIL_BIT | USED_BIT : 0);
		} else {
			used->ring[i].id = ~0U;
		}
	}
	if (!f->packed) {
		wmb();	/* as put_split() */
		WRITE_ONCE(used->idx, ++q->used);
	}
}

void fuzz_interrupt(struct fuzz *f, struct queue *q)
{
	unsigned long flags;

	local_irq_save(flags);
	vring_interrupt(0, q->vq);
	local_irq_restore(flags);
}

void fuzz_take_chains(struct fuzz *f, struct queue *q)
{
	if (f->packed)
		take_packed(f, q);
	else
		take_split(f, q);
}

static void serve_queue(struct fuzz *f, struct queue *q)
{
	bool ends = READ_ONCE(f->ends);
	unsigned int n;

	if (ends && !f->kind->waits) {
		flood_ring(f, q);
		fuzz_interrupt(f, q);
		return;
	}
	fuzz_take_chains(f, q);
	if (!q->nr && prandom_u32_state(&f->pause) % 8)
		return;
	for (n = ends ? q->nr : prandom_u32_state(&f->pause) % 8; n && q->nr; n--)
		complete_one(f, q);
	fuzz_interrupt(f, q);
}

/*
 * The driver spins with interrupts off until this text has been taken, or until the ring is
 * broken: the thread may never run until then.
 */
static void serve_spinner(struct fuzz *f, struct queue *q)
{
	struct taken_ring *used = q->device;
	struct chain c;

	fuzz_take_chains(f, q);
	/* The driver says when there is more than that. */
	if (!f->packed)
		WRITE_ONCE(*(u16 *)&used->ring[q->num], q->next);
	while (q->nr) {
		c = q->pending[--q->nr];
		fuzz_put_used(f, q, c.id, one_in(f, 2) ? 0 : random_number(f), c.slots);
	}
}

static bool is_spinners(struct fuzz *f, struct virtqueue *vq)
{
	unsigned int i;

	for (i = 0; f->kind && i < ARRAY_SIZE(f->kind->spins); i++) {
		if (f->kind->spins[i] && !strcmp(vq->name, f->kind->spins[i]))
			return true;
	}
	return false;
}

static bool is_silent(struct fuzz *f, struct virtqueue *vq)
{
	return f->kind && f->kind->silent && !strcmp(vq->name, f->kind->silent);
}

/* In a packed ring every second flood is of the wrap counter that the driver waits for. */
static void break_ring(struct fuzz *f, struct queue *q)
{
	flood_ring(f, q);
	if (f->packed)
		flood_ring(f, q);
}

static bool notify_device(struct virtqueue *vq)
{
	struct fuzz *f = fuzz_of(vq->vdev);
	struct queue *q = &f->queues[vq->index];

	if (f->kicked)
		f->kicked(f, vq);
	if (!is_spinners(f, vq) || q->vq != vq)
		return true;
	f->lies++;
	/* A text is left in the ring when that breaks. */
	if (READ_ONCE(f->ends) || (!f->kind->honest && one_in(f, 8)))
		break_ring(f, q);
	else
		serve_spinner(f, q);
	return true;
}

static int device_thread(void *data)
{
	unsigned long end = jiffies + HZ / 5;
	struct fuzz *f = data;
	unsigned int i;

	while (!kthread_should_stop()) {
		/* A driver may wait for a request that a lie has lost. */
		if (time_after(jiffies, end))
			WRITE_ONCE(f->ends, true);
		mutex_lock(&f->life);
		for (i = 0; i < QUEUES; i++) {
			struct virtqueue *vq = f->queues[i].vq;

			if (vq && !is_spinners(f, vq) && !is_silent(f, vq))
				serve_queue(f, &f->queues[i]);
		}
		mutex_unlock(&f->life);
		usleep_range(20, 100);
	}
	return 0;
}

static void config_get(struct virtio_device *vdev, unsigned int offset, void *buf, unsigned int len)
{
	struct fuzz *f = fuzz_of(vdev);
	unsigned int i;
	u8 *to = buf;

	for (i = 0; i < len; i++)
		to[i] = f->config[(offset + i) % sizeof(f->config)];
	if (f->kind && f->kind->bound)
		f->kind->bound(offset, buf, len);
}

static void config_set(struct virtio_device *vdev, unsigned int offset, const void *buf,
		       unsigned int len)
{
}

static u8 get_status(struct virtio_device *vdev)
{
	return fuzz_of(vdev)->status;
}

static void set_status(struct virtio_device *vdev, u8 status)
{
	struct fuzz *f = fuzz_of(vdev);

	f->status = status;
	f->driven |= status & VIRTIO_CONFIG_S_DRIVER;
}

static void reset_device(struct virtio_device *vdev)
{
	struct fuzz *f = fuzz_of(vdev);

	f->status = f->stubborn ? VIRTIO_CONFIG_S_NEEDS_RESET : 0;
}

static void delete_queues(struct virtio_device *vdev)
{
	struct fuzz *f = fuzz_of(vdev);
	struct virtqueue *vq, *next;

	mutex_lock(&f->life);
	memset(f->queues, 0, sizeof(f->queues));
	list_for_each_entry_safe(vq, next, &vdev->vqs, list)
		vring_del_virtqueue(vq);
	mutex_unlock(&f->life);
}

static void *ring_memory(dma_addr_t addr)
{
	return phys_to_virt(dma_to_phys(fuzz_parent, addr));
}

static void show_queue(struct fuzz *f, unsigned int i, struct virtqueue *vq)
{
	struct queue *q = &f->queues[i];

	mutex_lock(&f->life);
	q->desc = ring_memory(virtqueue_get_desc_addr(vq));
	q->driver = ring_memory(virtqueue_get_avail_addr(vq));
	q->device = ring_memory(virtqueue_get_used_addr(vq));
	q->num = virtqueue_get_vring_size(vq);
	q->next_wrap = true;
	q->used_wrap = true;
	q->vq = vq;
	mutex_unlock(&f->life);
}

static unsigned int entries(struct fuzz *f)
{
	return f->kind->honest ? f->kind->least : f->kind->least << random_below(f, 4);
}

static int find_queues(struct virtio_device *vdev, unsigned int nvqs, struct virtqueue *vqs[],
		       struct virtqueue_info info[], struct irq_affinity *desc)
{
	struct fuzz *f = fuzz_of(vdev);
	unsigned int i, n = 0;

	for (i = 0; i < nvqs; i++) {
		vqs[i] = NULL;
		if (!info[i].name)
			continue;
		if (n < QUEUES && (f->kind->honest || !one_in(f, 50)))
			vqs[i] = vring_create_virtqueue(n, entries(f),
							SMP_CACHE_BYTES, vdev, true, true,
							info[i].ctx, notify_device,
							info[i].callback, info[i].name);
		if (!vqs[i]) {
			delete_queues(vdev);
			return -ENOENT;
		}
		show_queue(f, n++, vqs[i]);
	}
	return 0;
}

COMPAT_DEFINE_FIND_VQS(fuzz, find_queues)

static u64 get_features(struct virtio_device *vdev)
{
	struct fuzz *f = fuzz_of(vdev);
	u64 always = BIT_ULL(VIRTIO_F_VERSION_1) | BIT_ULL(VIRTIO_F_ACCESS_PLATFORM);
	u64 any = GENMASK_ULL(23, 0) | BIT_ULL(VIRTIO_RING_F_INDIRECT_DESC) |
		  BIT_ULL(VIRTIO_RING_F_EVENT_IDX) | GENMASK_ULL(63, 50);

	if (f->packed)
		always |= BIT_ULL(VIRTIO_F_RING_PACKED);
	if (!f->kind)
		return always;
	always |= f->kind->always;
	if (f->kind->honest)
		return always;
	if (one_in(f, 2))
		always |= f->kind->often;
	if (!one_in(f, 8))
		any &= ~f->kind->rare;
	return always | (any & ((u64)random_number(f) << 32 | random_number(f)));
}

static int finalize_features(struct virtio_device *vdev)
{
	vring_transport_features(vdev);
	return 0;
}

static const char *bus_name(struct virtio_device *vdev)
{
	return "fuzz";
}

static const struct virtio_config_ops fuzz_ops = {
	.get = config_get,
	.set = config_set,
	.get_status = get_status,
	.set_status = set_status,
	.reset = reset_device,
	.find_vqs = fuzz_find_vqs,
	.del_vqs = delete_queues,
	.get_features = get_features,
	.finalize_features = finalize_features,
	.bus_name = bus_name,
};

static void release_device(struct device *dev)
{
	kvfree(fuzz_of(dev_to_virtio(dev)));
}

/* @plan: NULL for a device whose test says what it does */
struct fuzz *fuzz_new_device(const struct fuzz_kind *kind, const struct fuzz_plan *plan,
			     bool packed)
{
	struct fuzz *f = kvzalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return NULL;
	if (plan)
		f->plan = *plan;
	prandom_seed_state(&f->rnd, f->plan.setup);
	prandom_seed_state(&f->pause, f->plan.setup);
	put_garbage(f, f->config, sizeof(f->config));
	if (kind->set_up)
		kind->set_up(f);
	mutex_init(&f->life);
	f->kind = kind;
	f->packed = packed;
	f->vdev.id = (struct virtio_device_id){ kind->id, 0x1af4 };
	f->vdev.config = &fuzz_ops;
	f->vdev.dev.parent = fuzz_parent;
	f->vdev.dev.release = release_device;
	return f;
}

/* A device comes, is used for a while, and is unplugged. */
static void one_device(struct kunit *test, const struct fuzz_kind *kind,
		       const struct fuzz_plan *plan, bool packed, struct tried *tried)
{
	struct fuzz *f = fuzz_new_device(kind, plan, packed);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->thread = kthread_run(device_thread, f, "fuzz-device");
	KUNIT_ASSERT_FALSE(test, IS_ERR(f->thread));

	if (register_virtio_device(&f->vdev)) {
		kthread_stop(f->thread);
		put_device(&f->vdev.dev);
		return;
	}
	if (kind->use && f->driven)
		kind->use(f);
	/* At any moment, and sometimes when all has happened */
	usleep_range(1, 1 + random_below(f, one_in(f, 2) ? 20000 : 1000));
	WRITE_ONCE(f->ends, true);
	get_device(&f->vdev.dev);
	unregister_virtio_device(&f->vdev);
	kthread_stop(f->thread);
	if (f->held)
		fput(f->held);
	tried->devices += f->driven;
	tried->lies += f->lies;
	put_device(&f->vdev.dev);
}

/* A driver that is not on the list is the owner's to allow. */
static bool is_driven(struct kunit *test, const struct fuzz_kind *kind)
{
	struct tried tried = { };

	one_device(test, kind, NULL, false, &tried);
	return tried.devices;
}

/* The next device of a kind and ring, and what it has reached */
static void next_device(struct kunit *test, const struct fuzz_kind *kind, struct rnd_state *rnd,
			bool packed, struct tried *tried)
{
	struct fuzz_kept *kept = fuzz_kept(kind->id, packed);
	struct fuzz_plan plan;
	unsigned int before;

	KUNIT_ASSERT_NOT_NULL(test, kept);
	fuzz_choose_plan(kept, rnd, guided, &plan);
	before = fuzz_blocks(kept);
	fuzz_watch(kept);
	one_device(test, kind, &plan, packed, tried);
	fuzz_watch(NULL);
	fuzz_keep_plan(kept, rnd, &plan, before);
	tried->blocks = fuzz_blocks(kept);
	tried->plans = fuzz_plans(kept);
}

static void fuzz_device(struct kunit *test, const struct fuzz_kind *kind)
{
	unsigned long taint = get_taint(), end = jiffies + MOST_SECONDS * HZ;
	struct tried tried[2] = { };
	struct rnd_state rnd[2];
	bool locks = debug_locks;
	unsigned int i;

	if (!cases)
		kunit_skip(test, "device_fuzz_kunit.cases= asks for it");
	if (!pguest_active() || num_online_cpus() < 2)
		kunit_skip(test, "this takes a protected VM of two CPUs");
	if (kind->driver && !is_driven(test, kind))
		kunit_skip(test, "pguest.devices=+virtio:%s allows them", kind->driver);
	for (i = 0; i < 2; i++)
		prandom_seed_state(&rnd[i], (u64)seed << 8 | kind->id << 1 | i);
	for (i = 0; i < 2 * cases && time_before(jiffies, end); i++)
		next_device(test, kind, &rnd[i & 1], i & 1, &tried[i & 1]);
	for (i = 0; i < 2; i++) {
		kunit_info(test, "%s ring: %u devices, %lu lies, %u blocks, %u plans, seed %u\n",
			   i ? "packed" : "split", tried[i].devices, tried[i].lies,
			   tried[i].blocks, tried[i].plans, seed);
		KUNIT_EXPECT_GT(test, tried[i].devices, 0);
	}
	KUNIT_EXPECT_EQ(test, get_taint(), taint);
	KUNIT_EXPECT_EQ(test, (bool)debug_locks, locks);
}

static void hostile_disks(struct kunit *test)
{
	fuzz_device(test, &fuzz_disk);
}

static void hostile_networks(struct kunit *test)
{
	fuzz_device(test, &fuzz_network);
}

static void hostile_consoles(struct kunit *test)
{
	fuzz_device(test, &fuzz_console);
}

static void hostile_random_sources(struct kunit *test)
{
	fuzz_device(test, &fuzz_random_source);
}

static void hostile_balloons(struct kunit *test)
{
	fuzz_device(test, &fuzz_balloon);
}

static void hostile_inputs(struct kunit *test)
{
	fuzz_device(test, &fuzz_input);
}

static void hostile_sockets(struct kunit *test)
{
	fuzz_device(test, &fuzz_socket);
}

static void hostile_shares(struct kunit *test)
{
	fuzz_device(test, &fuzz_share);
}

static void hostile_filesystems(struct kunit *test)
{
	fuzz_device(test, &fuzz_filesystem);
}

static void hostile_gpus(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_DRM_VIRTIO_GPU))
		kunit_skip(test, "CONFIG_DRM_VIRTIO_GPU is not set");
	fuzz_device(test, &fuzz_gpu);
}

static void hostile_scsi_hosts(struct kunit *test)
{
	fuzz_device(test, &fuzz_scsi);
}

static unsigned int called;

static void count_calls(struct virtqueue *vq)
{
	called++;
}

/* Give the device buffers, as completions of none are not heeded. */
static void give_buffers(struct kunit *test, struct fuzz *f, unsigned int nr)
{
	struct queue *q = &f->queues[0];
	struct scatterlist sg;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		void *buf = kunit_kzalloc(test, SZ_64, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, buf);
		sg_init_one(&sg, buf, SZ_64);
		KUNIT_EXPECT_EQ(test, virtqueue_add_inbuf(q->vq, &sg, 1, buf, GFP_KERNEL), 0);
	}
	fuzz_take_chains(f, q);
	KUNIT_EXPECT_EQ(test, q->nr, nr);
}

static void complete_and_interrupt(struct fuzz *f, unsigned int n)
{
	struct queue *q = &f->queues[0];

	fuzz_put_used(f, q, q->pending[n].id, SZ_64, q->pending[n].slots);
	fuzz_interrupt(f, q);
}

/* There is no driver for it: its ring is ours. */
static void register_driverless(struct kunit *test, struct fuzz *f, bool packed)
{
	prandom_seed_state(&f->rnd, seed);
	mutex_init(&f->life);
	f->packed = packed;
	f->vdev.id = (struct virtio_device_id){ 0xfffe, 0x1af4 };
	f->vdev.config = &fuzz_ops;
	f->vdev.dev.parent = fuzz_parent;
	f->vdev.dev.release = release_device;
	KUNIT_ASSERT_EQ(test, register_virtio_device(&f->vdev), 0);
	f->vdev.features = BIT_ULL(VIRTIO_F_VERSION_1) | BIT_ULL(VIRTIO_F_ACCESS_PLATFORM);
	if (packed)
		f->vdev.features |= BIT_ULL(VIRTIO_F_RING_PACKED);
}

/* A driver that has reset its device takes its buffers back, and no interrupt comes between. */
static void interrupt_after_reset(struct kunit *test, bool packed)
{
	struct fuzz *f = kvzalloc(sizeof(*f), GFP_KERNEL);
	struct virtqueue *vq;

	KUNIT_ASSERT_NOT_NULL(test, f);
	register_driverless(test, f, packed);
	vq = vring_create_virtqueue(0, 4, SMP_CACHE_BYTES, &f->vdev, true, true, false,
				    notify_device, count_calls, "q");
	KUNIT_EXPECT_NOT_NULL(test, vq);
	called = 0;
	if (vq) {
		show_queue(f, 0, vq);
		give_buffers(test, f, 2);
		complete_and_interrupt(f, 0);
		KUNIT_EXPECT_EQ(test, called, 1);
		virtio_reset_device(&f->vdev);
		complete_and_interrupt(f, 1);
		KUNIT_EXPECT_EQ(test, called, 1);
		while (virtqueue_detach_unused_buf(vq))
			;
		delete_queues(&f->vdev);
	}
	unregister_virtio_device(&f->vdev);
}

static void hostile_interrupts(struct kunit *test)
{
	if (!cases || !pguest_active())
		kunit_skip(test, "device_fuzz_kunit.cases= asks for it, in a protected VM");
	interrupt_after_reset(test, false);
	interrupt_after_reset(test, true);
}

/* A random source is removed, and its host answers when the removal waits for who reads from it. */
struct removal {
	struct fuzz *f;
	struct task_struct *remover;
	struct completion done, answered;
};

static int remove_it(void *data)
{
	struct removal *r = data;

	unregister_virtio_device(&r->f->vdev);
	complete_all(&r->done);
	return 0;
}

/* With less than the reader wants, so that it asks again */
static void answer_request(struct fuzz *f)
{
	struct queue *q = &f->queues[0];

	mutex_lock(&f->life);
	if (q->vq) {
		fuzz_take_chains(f, q);
		if (q->nr) {
			q->nr--;
			fuzz_put_used(f, q, q->pending[q->nr].id, 8, q->pending[q->nr].slots);
			fuzz_interrupt(f, q);
		}
	}
	mutex_unlock(&f->life);
}

/* No other thread of this CPU runs: the reader has been woken by the removal, and does not know. */
static int answer_late(void *data)
{
	unsigned long end = jiffies + HZ / 2;
	struct removal *r = data;

	wake_up_process(r->remover);
	while (time_before(jiffies, end))
		cpu_relax();
	answer_request(r->f);
	complete(&r->answered);
	return 0;
}

static struct task_struct *find_thread(const char *name)
{
	struct task_struct *t, *found = NULL;

	rcu_read_lock();
	for_each_process(t) {
		if (!strcmp(t->comm, name))
			found = t;
	}
	if (found)
		get_task_struct(found);
	rcu_read_unlock();
	return found;
}

static void remove_while_it_answers(struct kunit *test, struct removal *r,
				    struct task_struct *reader)
{
	struct task_struct *answers = kthread_create(answer_late, r, "fuzz-answers");

	r->remover = kthread_create(remove_it, r, "fuzz-remover");
	KUNIT_ASSERT_FALSE(test, IS_ERR(answers));
	KUNIT_ASSERT_FALSE(test, IS_ERR(r->remover));
	KUNIT_EXPECT_EQ(test, set_cpus_allowed_ptr(reader, cpumask_of(1)), 0);
	kthread_bind(answers, 1);
	kthread_bind(r->remover, 0);
	sched_set_fifo(answers);
	wake_up_process(answers);
	wait_for_completion(&r->answered);
	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&r->done, 5 * HZ));
	while (!completion_done(&r->done) && !wait_for_completion_timeout(&r->done, HZ / 10))
		answer_request(r->f);
}

static void removal_waits_for_no_answer(struct kunit *test)
{
	struct task_struct *reader;
	struct removal r = { };

	if (!cases || !pguest_active() || num_online_cpus() < 2)
		kunit_skip(test, "device_fuzz_kunit.cases= asks for it, with two CPUs");
	r.f = fuzz_new_device(&honest_random_source, NULL, false);
	KUNIT_ASSERT_NOT_NULL(test, r.f);
	init_completion(&r.done);
	init_completion(&r.answered);
	KUNIT_ASSERT_EQ(test, register_virtio_device(&r.f->vdev), 0);
	get_device(&r.f->vdev.dev);
	msleep(100);
	reader = find_thread("hwrng");
	KUNIT_EXPECT_NOT_NULL(test, reader);
	if (reader) {
		remove_while_it_answers(test, &r, reader);
		put_task_struct(reader);
	} else {
		unregister_virtio_device(&r.f->vdev);
	}
	put_device(&r.f->vdev.dev);
}

int fuzz_suite_init(struct kunit_suite *suite)
{
	struct platform_device *pdev;
	struct kunit_case *test_case;

	/* KUnit does not run a case again that it has skipped. */
	kunit_suite_for_each_test_case(suite, test_case)
		test_case->status = KUNIT_SUCCESS;
	pdev = platform_device_register_simple("pguest-fuzz", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	fuzz_parent = &pdev->dev;
	dev_set_dma_coherent(fuzz_parent);
	return dma_set_mask_and_coherent(fuzz_parent, DMA_BIT_MASK(64));
}

void fuzz_suite_exit(struct kunit_suite *suite)
{
	platform_device_unregister(to_platform_device(fuzz_parent));
}

static struct kunit_case fuzz_cases[] = {
	KUNIT_CASE(hostile_interrupts),
	KUNIT_CASE_SLOW(removal_waits_for_no_answer),
	KUNIT_CASE_SLOW(random_source_waits_for_room),
	KUNIT_CASE_SLOW(console_waits_for_room),
	KUNIT_CASE_SLOW(socket_waits_for_room),
	KUNIT_CASE_SLOW(share_waits_for_room),
	KUNIT_CASE_SLOW(mount_waits_for_its_ring),
	KUNIT_CASE_SLOW(hostile_disks),
	KUNIT_CASE_SLOW(hostile_networks),
	KUNIT_CASE_SLOW(hostile_consoles),
	KUNIT_CASE_SLOW(hostile_random_sources),
	KUNIT_CASE_SLOW(hostile_balloons),
	KUNIT_CASE_SLOW(hostile_inputs),
	KUNIT_CASE_SLOW(hostile_sockets),
	KUNIT_CASE_SLOW(hostile_shares),
	KUNIT_CASE_SLOW(hostile_filesystems),
	KUNIT_CASE_SLOW(hostile_scsi_hosts),
	KUNIT_CASE_SLOW(hostile_gpus),
	{ }
};

static struct kunit_suite fuzz_suite = {
	.name = "pguest_device_fuzz",
	.suite_init = fuzz_suite_init,
	.suite_exit = fuzz_suite_exit,
	.test_cases = fuzz_cases,
};

kunit_test_suite(fuzz_suite);

/*
 * device_fuzz_kunit.again= runs a case once more, or all of them, where KUnit has no file
 * in debugfs for that.
 */
static int run_again(const char *name, const struct kernel_param *param)
{
	struct kunit_case *test_case, one[2] = { };
	struct kunit_suite suite = fuzz_suite;

	kunit_suite_for_each_test_case((&fuzz_suite), test_case) {
		if (sysfs_streq(name, test_case->name)) {
			one[0] = *test_case;
			suite.test_cases = one;
		}
	}
	return kunit_run_tests(&suite);
}

static const struct kernel_param_ops again_ops = { .set = run_again };
module_param_cb(again, &again_ops, NULL, 0200);
