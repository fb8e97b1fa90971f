// SPDX-License-Identifier: GPL-2.0-only
/*
 * What devices that lie do, by what it reaches. The compiler calls __sanitizer_cov_trace_pc()
 * in each block of the drivers that are tried (scripts/pguest/coverage.py has their list), as
 * it does for kcov. But kcov counts for one task, and drivers do the most of their work in
 * interrupts, softirqs and workers: so this has a collector of its own.
 *
 * A plan says how a device presents itself and what it answers. One that reaches a block which
 * no plan of its kind and ring has reached is kept, and the next ones are made of those.
 * device_fuzz_kunit.guided=0 takes each plan by chance.
 */
#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/hash.h>
#include <linux/init.h>
#include <linux/jhash.h>
#include <linux/kallsyms.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include <asm/sections.h>

#include "device_fuzz.h"

#define ORDER		13
#define BLOCKS		BIT(ORDER)
#define FULL		(BLOCKS / 4 * 3)	/* no walk over the table is long */
#define KEPT		128

struct fuzz_kept {
	struct list_head node;
	u32 id;
	bool packed;
	unsigned int nr;
	struct fuzz_plan plans[KEPT];
	atomic_t nr_blocks;
	u32 blocks[BLOCKS];	/* distances from _text, of which none is 0 */
};

static LIST_HEAD(all_kept);
static struct fuzz_kept *watched;
static u32 *seen;

/* From any context: it takes no lock and calls nothing. */
void notrace fuzz_reach(struct fuzz_kept *k, unsigned long address)
{
	u32 block = address - (unsigned long)_text, slot = hash_32(block, ORDER);

	if (atomic_read(&k->nr_blocks) >= FULL)
		return;
	for (;; slot = (slot + 1) % BLOCKS) {
		u32 old = READ_ONCE(k->blocks[slot]);

		if (!old)
			old = cmpxchg(&k->blocks[slot], 0, block);
		if (!old)
			atomic_inc(&k->nr_blocks);
		if (!old || old == block)
			return;
	}
}

void notrace __sanitizer_cov_trace_pc(void)
{
	struct fuzz_kept *k = READ_ONCE(watched);

	if (k)
		fuzz_reach(k, _RET_IP_);
}
EXPORT_SYMBOL_GPL(__sanitizer_cov_trace_pc);

/* What has been kept of a kind and ring since boot. NULL without memory. */
struct fuzz_kept *fuzz_kept(u32 id, bool packed)
{
	struct fuzz_kept *k;

	list_for_each_entry(k, &all_kept, node) {
		if (k->id == id && k->packed == packed)
			return k;
	}
	k = kvzalloc(sizeof(*k), GFP_KERNEL);
	if (!k)
		return NULL;
	k->id = id;
	k->packed = packed;
	list_add_tail(&k->node, &all_kept);
	return k;
}

/* Blocks count for @k from now on, until they count for another, or for none. */
void fuzz_watch(struct fuzz_kept *k)
{
	WRITE_ONCE(watched, k);
}

unsigned int fuzz_blocks(struct fuzz_kept *k)
{
	return atomic_read(&k->nr_blocks);
}

unsigned int fuzz_plans(const struct fuzz_kept *k)
{
	return k->nr;
}

static u32 below(struct rnd_state *rnd, u32 n)
{
	return prandom_u32_state(rnd) % n;
}

static const struct fuzz_plan *any_kept(const struct fuzz_kept *k, struct rnd_state *rnd)
{
	return &k->plans[below(rnd, k->nr)];
}

static void change_answer(struct fuzz_plan *plan, struct rnd_state *rnd)
{
	unsigned int n = plan->nr < FUZZ_CHANGES ? plan->nr++ : below(rnd, FUZZ_CHANGES);

	plan->changes[n] = (struct fuzz_change){
		.queue = below(rnd, 1 + below(rnd, 4)),
		.answer = below(rnd, 2 << below(rnd, 6)),
		.seed = prandom_u32_state(rnd),
	};
}

/* A plan by chance, or made of what is kept: one time in four and seven, if @guided. */
void fuzz_choose_plan(const struct fuzz_kept *k, struct rnd_state *rnd, bool guided,
		      struct fuzz_plan *plan)
{
	*plan = (struct fuzz_plan){ .setup = prandom_u32_state(rnd),
				    .answers = prandom_u32_state(rnd) };
	if (!guided || !k->nr)
		return;
	switch (below(rnd, 8)) {
	case 0:
	case 1:
		return;
	case 2:
		plan->setup = any_kept(k, rnd)->setup;
		return;
	case 3:
		plan->answers = any_kept(k, rnd)->answers;
		return;
	case 4:
		plan->setup = any_kept(k, rnd)->setup;
		plan->answers = any_kept(k, rnd)->answers;
		return;
	default:
		*plan = *any_kept(k, rnd);
		change_answer(plan, rnd);
	}
}

/* Keep @plan if there are more blocks than @before it. */
bool fuzz_keep_plan(struct fuzz_kept *k, struct rnd_state *rnd, const struct fuzz_plan *plan,
		    unsigned int before)
{
	if (fuzz_blocks(k) <= before)
		return false;
	k->plans[k->nr < KEPT ? k->nr++ : below(rnd, KEPT)] = *plan;
	return true;
}

/*
 * What the choices of an answer begin with: they do not depend on what happens in other queues,
 * nor on how often the device has looked.
 */
u32 fuzz_answer_seed(const struct fuzz_plan *plan, unsigned int queue, unsigned int answer)
{
	unsigned int i;

	for (i = plan->nr; i--;) {
		if (plan->changes[i].queue == queue && plan->changes[i].answer == answer)
			return plan->changes[i].seed;
	}
	return jhash_3words(plan->answers, queue, answer, 0);
}

static int compare_blocks(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

#define IN_LINE		64		/* of blocks: a record of /dev/kmsg has 1000 bytes */

/* All blocks of a kind and ring: functions, each with where its blocks are. */
static void show_blocks(struct seq_file *file, const struct fuzz_kept *k)
{
	char name[KSYM_SYMBOL_LEN], last[KSYM_SYMBOL_LEN] = "";
	unsigned int i, nr = 0, in_line = 0;

	for (i = 0; i < BLOCKS; i++) {
		if (k->blocks[i])
			seen[nr++] = k->blocks[i];
	}
	sort(seen, nr, sizeof(*seen), compare_blocks, NULL);
	for (i = 0; i < nr; i++) {
		char *plus;

		/* Modules are below the kernel. */
		sprint_symbol(name, (unsigned long)_text + (s32)seen[i]);
		plus = strchr(name, '+');
		if (!plus)
			continue;
		*plus++ = '\0';
		if (strcmp(name, last) || in_line++ == IN_LINE) {
			seq_printf(file, "%s%s", i ? "\n" : "", name);
			in_line = 1;
		}
		strscpy(last, name, sizeof(last));
		seq_printf(file, " %.*s", (int)strcspn(plus, "/"), plus);
	}
	seq_putc(file, '\n');
}

static int blocks_show(struct seq_file *file, void *unused)
{
	struct fuzz_kept *k;

	list_for_each_entry(k, &all_kept, node)
		show_blocks(file, k);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(blocks);

static int __init show_all_blocks(void)
{
	seen = kvcalloc(BLOCKS, sizeof(*seen), GFP_KERNEL);
	if (seen)
		debugfs_create_file("pguest_blocks", 0400, NULL, NULL, &blocks_fops);
	return 0;
}
late_initcall(show_all_blocks);
