/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that lie: the transport (device_fuzz_kunit.c), their kinds (device_kinds.c and
 * device_files.c), which lies are next (device_plan.c), what drivers do when the bounce pool
 * is full (device_room.c) and when a mount of 9P ends (device_share.c), and what they believe
 * (said_kunit.c).
 */
#ifndef DEVICE_FUZZ_H
#define DEVICE_FUZZ_H

#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/virtio.h>

#define QUEUES		8
#define PENDING		32
#define PIECES		8

/* What the driver has given to the device, and where the device may write */
struct chain {
	u16 id, slots;
	unsigned int nr;
	struct piece { u8 *at; u32 len; } pieces[PIECES];
	struct piece asked;	/* the first that the device may only read */
	u8 *table;		/* of indirect descriptors */
	u32 table_len;
};

struct split_entry;

struct queue {
	struct virtqueue *vq;
	struct split_entry *desc;	/* or struct packed_entry */
	void *driver, *device;		/* avail and used rings, or event suppression */
	u16 num, next, used;
	bool next_wrap, used_wrap;
	struct chain pending[PENDING];
	unsigned int nr, answers;
};

struct fuzz;

#define FUZZ_CHANGES	8

struct fuzz_change { u16 queue, answer; u32 seed; };

/**
 * struct fuzz_plan - which lies a device tells
 * @setup: seed of its features, its configuration, and what the guest does with it
 * @answers: seed of the answers
 * @nr: how many of @changes there are
 * @changes: answers, each by its number in its queue, that have another seed
 */
struct fuzz_plan {
	u32 setup, answers;
	unsigned int nr;
	struct fuzz_change changes[FUZZ_CHANGES];
};

struct fuzz_kept;
struct fuzz_kept *fuzz_kept(u32 id, bool packed);
void fuzz_reach(struct fuzz_kept *k, unsigned long address);
void fuzz_watch(struct fuzz_kept *k);
unsigned int fuzz_blocks(struct fuzz_kept *k);
unsigned int fuzz_plans(const struct fuzz_kept *k);
void fuzz_choose_plan(const struct fuzz_kept *k, struct rnd_state *rnd, bool guided,
		      struct fuzz_plan *plan);
bool fuzz_keep_plan(struct fuzz_kept *k, struct rnd_state *rnd, const struct fuzz_plan *plan,
		    unsigned int before);
u32 fuzz_answer_seed(const struct fuzz_plan *plan, unsigned int queue, unsigned int answer);
void __sanitizer_cov_trace_pc(void);

/**
 * struct fuzz_kind - one kind of devices
 * @id: number of the virtio specification
 * @driver: its driver where that is not on the list of a protected VM, or NULL
 * @honest: it does what its test has it do, and nothing else
 * @least: entries of the smallest ring that it may have
 * @waits: its driver waits for each answer without end, so that none is lost and no ring breaks
 * @spins: the driver spins with interrupts off until the device has taken what is in these queues
 * @silent: nothing is ever said in this queue
 * @always: features that are always offered
 * @often: features that are offered by half of the devices at least
 * @rare: features that are offered by one device of eight at most
 * @set_up: makes a part of a new device's configuration make sense
 * @bound: limits what the host could offer without end in a part of the configuration
 * @answer: makes an answer of a chain that is full of garbage, and returns its length or @len
 * @use: what a guest does with such a device
 */
struct fuzz_kind {
	u32 id;
	const char *driver;
	bool honest;
	unsigned int least;
	bool waits;
	const char *spins[2], *silent;
	u64 always, often, rare;
	void (*set_up)(struct fuzz *f);
	void (*bound)(unsigned int offset, u8 *value, unsigned int len);
	u32 (*answer)(struct fuzz *f, struct queue *q, struct chain *c, u32 len);
	void (*use)(struct fuzz *f);
};

struct fuzz {
	struct virtio_device vdev;
	const struct fuzz_kind *kind;
	struct fuzz_plan plan;
	struct rnd_state rnd;		/* of the guest's threads */
	struct rnd_state answer, pause;	/* of the device's */
	struct mutex life;		/* queues do not go while the device looks at them */
	struct queue queues[QUEUES];
	struct task_struct *thread;
	struct file *held;		/* until the device is gone */
	void (*kicked)(struct fuzz *f, struct virtqueue *vq);	/* when the driver notifies it */
	void *private;			/* of a test */
	bool packed, ends, driven;
	bool stubborn;			/* keeps a status when it is reset */
	u8 status, config[256];
	unsigned long lies;
};

extern struct device *fuzz_parent;

struct fuzz *fuzz_new_device(const struct fuzz_kind *kind, const struct fuzz_plan *plan,
			     bool packed);
void fuzz_take_chains(struct fuzz *f, struct queue *q);
void fuzz_put_used(struct fuzz *f, struct queue *q, u32 id, u32 len, u16 slots);
void fuzz_interrupt(struct fuzz *f, struct queue *q);

/* A thread that mounts a share */
struct fuzz_mount {
	struct fuzz *f;
	struct task_struct *thread;
	struct completion done;
};

struct kunit;
struct kunit_suite;
int fuzz_suite_init(struct kunit_suite *suite);
void fuzz_suite_exit(struct kunit_suite *suite);
bool fuzz_mount(struct kunit *test, struct fuzz_mount *m, struct fuzz *f);
void fuzz_mount_put(struct fuzz_mount *m);
void fuzz_refuse_9p(struct fuzz *f);
void random_source_waits_for_room(struct kunit *test);
void console_waits_for_room(struct kunit *test);
void socket_waits_for_room(struct kunit *test);
void share_waits_for_room(struct kunit *test);
void mount_waits_for_its_ring(struct kunit *test);

/* Does it ask for something, and is there room for an answer? */
static inline bool fuzz_is_request(const struct chain *c, size_t request, size_t answer)
{
	return c->asked.len >= request && c->nr && c->pieces[0].len >= answer;
}

static inline struct rnd_state *fuzz_choices(struct fuzz *f)
{
	return current == f->thread ? &f->answer : &f->rnd;
}

static inline u32 random_number(struct fuzz *f)
{
	return prandom_u32_state(fuzz_choices(f));
}

static inline u32 random_below(struct fuzz *f, u32 n)
{
	return random_number(f) % n;
}

static inline bool one_in(struct fuzz *f, u32 n)
{
	return !random_below(f, n);
}

static inline void put_garbage(struct fuzz *f, void *at, size_t len)
{
	prandom_bytes_state(fuzz_choices(f), at, len);
}

extern const struct fuzz_kind fuzz_disk, fuzz_network, fuzz_console, fuzz_random_source;
extern const struct fuzz_kind fuzz_balloon, fuzz_input, fuzz_socket, fuzz_share, fuzz_scsi;
extern const struct fuzz_kind fuzz_filesystem, fuzz_gpu;
extern const struct fuzz_kind honest_console, honest_socket, honest_share, honest_random_source;

#endif
