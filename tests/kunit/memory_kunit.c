// SPDX-License-Identifier: GPL-2.0-only
/*
 * set_memory_decrypted() and set_memory_encrypted() on pages of this machine.
 *
 * In a protected VM these make hypercalls. On any other machine the same calls succeed
 * and do nothing.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/set_memory.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <asm/pguest.h>
#include <asm/sections.h>

#define OURS	0xa5		/* what we wrote before the page was shared */
#define LATER	0x5a		/* and while it was */

/* A few granules, of one page or more each */
struct block {
	unsigned long addr;
	unsigned int order;
	int pages;
	size_t size;
};

static phys_addr_t granule_size(void)
{
	return pguest_active() ? pguest_backend->granule : PAGE_SIZE;
}

static void get_block(struct kunit *test, struct block *block, unsigned int granules)
{
	block->size = max_t(size_t, granule_size(), PAGE_SIZE) * granules;
	block->order = get_order(block->size);
	block->pages = block->size >> PAGE_SHIFT;
	block->addr = __get_free_pages(GFP_KERNEL, block->order);
	KUNIT_ASSERT_NE(test, block->addr, 0);
	memset((void *)block->addr, OURS, block->size);
}

/* After a failed case the host may still see the pages: they are leaked. */
static void put_block(struct kunit *test, struct block *block)
{
	bool shared = pguest_active() &&
		      pguest_space_shared(&pguest_memory, virt_to_phys((void *)block->addr));

	KUNIT_EXPECT_FALSE(test, shared);
	if (!shared && test->status == KUNIT_SUCCESS)
		free_pages(block->addr, block->order);
}

static struct pguest_entry entry_at(unsigned long addr)
{
	return pguest_ledger_get(&pguest_memory.ledger, virt_to_phys((void *)addr));
}

static bool is_filled(const struct block *block, int with)
{
	return !memchr_inv((void *)block->addr, with, block->size);
}

static void expect_entries(struct kunit *test, const struct block *block,
			   enum pguest_state state, unsigned int refs)
{
	unsigned long addr;

	for (addr = block->addr; addr < block->addr + block->size; addr += granule_size()) {
		KUNIT_EXPECT_EQ(test, (int)entry_at(addr).state, (int)state);
		KUNIT_EXPECT_EQ(test, entry_at(addr).refs, refs);
		KUNIT_EXPECT_EQ(test, (int)entry_at(addr).owner, (int)PGUEST_OTHER);
	}
}

/* Drivers share and unshare at the same time, but not for PGUEST_OTHER. */
static unsigned long ours_shared(struct kunit *test)
{
	unsigned long flags, sum = 0, now, other;
	unsigned int i;

	spin_lock_irqsave(&pguest_memory.lock, flags);
	for (i = 0; i < PGUEST_NR_OWNERS; i++)
		sum += pguest_memory.ledger.by_owner[i];
	now = pguest_memory.ledger.now;
	other = pguest_memory.ledger.by_owner[PGUEST_OTHER];
	spin_unlock_irqrestore(&pguest_memory.lock, flags);

	KUNIT_EXPECT_EQ(test, sum, now);
	return other;
}

/* The one case whose results depend on whether the VM is protected. */
static void shared_page_is_cleared_counted_and_taken_back(struct kunit *test)
{
	bool active = pguest_active();
	unsigned long other = ours_shared(test);
	unsigned long lost = pguest_memory.ledger.lost;
	unsigned long granules;
	struct block block;

	get_block(test, &block, 3);
	granules = active ? block.size / granule_size() : 0;

	KUNIT_EXPECT_EQ(test, 0, set_memory_decrypted(block.addr, block.pages));
	KUNIT_EXPECT_TRUE(test, is_filled(&block, active ? 0 : OURS));
	expect_entries(test, &block, active ? PGUEST_SHARED : PGUEST_PRIVATE, active);
	KUNIT_EXPECT_EQ(test, ours_shared(test), other + granules);

	/* A second request is counted and makes no hypercall: the contents stay. */
	memset((void *)block.addr, LATER, block.size);
	KUNIT_EXPECT_EQ(test, 0, set_memory_decrypted(block.addr, block.pages));
	KUNIT_EXPECT_TRUE(test, is_filled(&block, LATER));
	expect_entries(test, &block, active ? PGUEST_SHARED : PGUEST_PRIVATE, active * 2);
	KUNIT_EXPECT_EQ(test, ours_shared(test), other + granules);

	KUNIT_EXPECT_EQ(test, 0, set_memory_encrypted(block.addr, block.pages));
	KUNIT_EXPECT_TRUE(test, is_filled(&block, LATER));
	expect_entries(test, &block, active ? PGUEST_SHARED : PGUEST_PRIVATE, active);

	KUNIT_EXPECT_EQ(test, 0, set_memory_encrypted(block.addr, block.pages));
	KUNIT_EXPECT_TRUE(test, is_filled(&block, active ? 0 : LATER));
	expect_entries(test, &block, PGUEST_PRIVATE, 0);
	KUNIT_EXPECT_EQ(test, ours_shared(test), other);

	/* One request more than there were to share */
	KUNIT_EXPECT_EQ(test, active ? -EINVAL : 0,
			set_memory_encrypted(block.addr, block.pages));
	KUNIT_EXPECT_EQ(test, pguest_memory.ledger.lost, lost);
	put_block(test, &block);
}

/* As KASAN has it: where it sets no tags, this is an address like any other. */
static void tags_in_an_address_do_not_count(struct kunit *test)
{
	bool active = pguest_active();
	struct block block;
	u8 tag;

	get_block(test, &block, 2);
	for (tag = 0; tag < 0xff; tag += 0x55) {
		const void *tagged = __tag_set((void *)block.addr, tag);

		memset((void *)block.addr, OURS, block.size);
		KUNIT_EXPECT_EQ(test, 0, set_memory_decrypted((unsigned long)tagged, block.pages));
		KUNIT_EXPECT_TRUE(test, is_filled(&block, active ? 0 : OURS));
		expect_entries(test, &block, active ? PGUEST_SHARED : PGUEST_PRIVATE, active);
		tagged = __tag_set((void *)block.addr, tag + 1);
		KUNIT_EXPECT_EQ(test, 0, set_memory_encrypted((unsigned long)tagged, block.pages));
		expect_entries(test, &block, PGUEST_PRIVATE, 0);
	}
	put_block(test, &block);
}

static void part_of_a_shared_block_is_taken_back(struct kunit *test)
{
	bool active = pguest_active();
	struct block block, second;

	get_block(test, &block, 4);
	second = block;
	second.size /= 4;
	second.pages /= 4;
	second.addr += second.size;

	KUNIT_EXPECT_EQ(test, 0, set_memory_decrypted(block.addr, block.pages));
	memset((void *)block.addr, LATER, block.size);
	KUNIT_EXPECT_EQ(test, 0, set_memory_encrypted(second.addr, second.pages));
	expect_entries(test, &second, PGUEST_PRIVATE, 0);
	KUNIT_EXPECT_TRUE(test, is_filled(&second, active ? 0 : LATER));
	KUNIT_EXPECT_EQ(test, *(u8 *)(second.addr - 1), LATER);
	KUNIT_EXPECT_EQ(test, *(u8 *)(second.addr + second.size), LATER);

	KUNIT_EXPECT_EQ(test, active ? -EINVAL : 0,
			set_memory_encrypted(block.addr, block.pages));
	expect_entries(test, &block, PGUEST_PRIVATE, 0);
	KUNIT_EXPECT_TRUE(test, is_filled(&block, active ? 0 : LATER));
	put_block(test, &block);
}

static void owner_is_kept(struct kunit *test)
{
	bool active = pguest_active();
	struct block block;

	get_block(test, &block, 1);
	KUNIT_EXPECT_EQ(test, 0, pguest_share_pages(block.addr, block.pages, PGUEST_ITS));
	KUNIT_EXPECT_EQ(test, (int)entry_at(block.addr).owner, active ? (int)PGUEST_ITS : 0);
	KUNIT_EXPECT_EQ(test, entry_at(block.addr).refs, active);
	if (active) {
		unsigned long caller = entry_at(block.addr).caller;

		KUNIT_EXPECT_GT(test, caller, (unsigned long)owner_is_kept);
		KUNIT_EXPECT_LT(test, caller, (unsigned long)owner_is_kept + SZ_4K);
	}
	KUNIT_EXPECT_EQ(test, 0, pguest_unshare_pages(block.addr, block.pages));
	expect_entries(test, &block, PGUEST_PRIVATE, 0);
	put_block(test, &block);
}

static void table_for_the_host_has_pages_of_its_own(struct kunit *test)
{
	bool active = pguest_active();
	unsigned long its = pguest_memory.ledger.by_owner[PGUEST_ITS];
	void *table;

	table = pguest_kzalloc_node(24, GFP_KERNEL, NUMA_NO_NODE, PGUEST_ITS);
	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_EXPECT_NULL(test, memchr_inv(table, 0, 24));
	if (active) {
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED(virt_to_phys(table), granule_size()));
		KUNIT_EXPECT_NULL(test, memchr_inv(table, 0, granule_size()));
		KUNIT_EXPECT_TRUE(test, pguest_space_shared(&pguest_memory,
							    virt_to_phys(table)));
	}
	KUNIT_EXPECT_EQ(test, (int)entry_at((unsigned long)table).state,
			active ? (int)PGUEST_SHARED : (int)PGUEST_PRIVATE);
	pguest_kfree(table);
	KUNIT_EXPECT_EQ(test, pguest_memory.ledger.by_owner[PGUEST_ITS], its);
	pguest_kfree(NULL);
}

/* In a protected VM each of these is an error, never a success. */
static void expect_misuse(struct kunit *test, const char *what, unsigned long addr,
			  int pages)
{
	int want = pguest_active() ? -EINVAL : 0;

	KUNIT_EXPECT_EQ_MSG(test, set_memory_decrypted(addr, pages), want, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, set_memory_encrypted(addr, pages), want, "%s", what);
}

static void misuse_is_an_error(struct kunit *test)
{
	unsigned long other = ours_shared(test), refused = pguest_memory.refused;
	phys_addr_t ram_end = memblock_end_of_DRAM();
	unsigned long last = (unsigned long)phys_to_virt(ram_end) - PAGE_SIZE;
	static char in_data[2 * PAGE_SIZE] = { 1 };
	unsigned long data = PAGE_ALIGN((unsigned long)in_data);
	struct block block;
	void *mapped;

	get_block(test, &block, 2);
	expect_misuse(test, "a byte off", block.addr + 1, block.pages);
	expect_misuse(test, "a word off", block.addr + 8, 1);
	expect_misuse(test, "half a page off", block.addr + PAGE_SIZE / 2, block.pages);
	if (granule_size() > PAGE_SIZE) {
		expect_misuse(test, "part of a granule", block.addr, 1);
		expect_misuse(test, "rest of a granule", block.addr + PAGE_SIZE,
			      block.pages - 1);
	}
	expect_misuse(test, "no page", block.addr, 0);
	expect_misuse(test, "-1 pages", block.addr, -1);
	expect_misuse(test, "fewest pages", block.addr, INT_MIN);
	expect_misuse(test, "most pages", block.addr, INT_MAX);
	expect_misuse(test, "past the end of RAM", last + PAGE_SIZE, 1);
	expect_misuse(test, "over the end of RAM", last, 2);
	expect_misuse(test, "first address", 0, 1);
	expect_misuse(test, "user space", SZ_4M, 1);
	expect_misuse(test, "last page there is", -PAGE_SIZE, 1);
	expect_misuse(test, "beyond all addresses", -PAGE_SIZE, 2);

	expect_misuse(test, "text", (unsigned long)_text, 1);
	expect_misuse(test, "text in the linear map", (unsigned long)lm_alias(_text), 1);
	/* An address in the range of the image's mapping, but outside of the image */
	expect_misuse(test, "beside the kernel",
		      __phys_to_kimg(virt_to_phys((void *)block.addr)), block.pages);
	expect_misuse(test, "data", data, 1);
	expect_misuse(test, "data in the linear map", (unsigned long)lm_alias(data), 1);
	expect_misuse(test, "end of the kernel in the linear map",
		      (unsigned long)lm_alias(_end) - PAGE_SIZE, 2);
	KUNIT_EXPECT_EQ(test, in_data[0], 1);

	mapped = vmalloc(PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, mapped);
	memset(mapped, OURS, PAGE_SIZE);
	expect_misuse(test, "vmalloc", (unsigned long)mapped, 1);
	KUNIT_EXPECT_NULL(test, memchr_inv(mapped, OURS, PAGE_SIZE));
	vfree(mapped);

	KUNIT_EXPECT_EQ(test, ours_shared(test), other);
	KUNIT_EXPECT_EQ(test, pguest_memory.refused, refused);
	expect_entries(test, &block, PGUEST_PRIVATE, 0);
	KUNIT_EXPECT_TRUE(test, is_filled(&block, OURS));
	put_block(test, &block);
}

#define THREADS	4
#define ROUNDS	100

/* KUnit expectations are for the thread of the test; the others count their errors. */
struct crowd {
	struct block block;
	atomic_t wrong;
	struct completion go;
	struct completion done;
};

/* Between the two calls of a thread the page stays shared, whatever other threads do. */
static int come_and_go(void *data)
{
	struct crowd *crowd = data;
	struct block *block = &crowd->block;
	unsigned int round;

	wait_for_completion(&crowd->go);
	for (round = 0; round < ROUNDS; round++) {
		if (set_memory_decrypted(block->addr, block->pages)) {
			atomic_inc(&crowd->wrong);
			continue;
		}
		if (pguest_active() && entry_at(block->addr).state != PGUEST_SHARED)
			atomic_inc(&crowd->wrong);
		if (round % 8 == 0)
			cond_resched();
		if (set_memory_encrypted(block->addr, block->pages))
			atomic_inc(&crowd->wrong);
	}
	complete(&crowd->done);
	return 0;
}

static void many_threads_share_the_same_pages(struct kunit *test)
{
	static struct crowd crowd;
	unsigned long other = ours_shared(test), lost = pguest_memory.ledger.lost;
	unsigned int i, started = 0;

	get_block(test, &crowd.block, 4);
	atomic_set(&crowd.wrong, 0);
	init_completion(&crowd.go);
	init_completion(&crowd.done);
	for (i = 0; i < THREADS; i++) {
		struct task_struct *thread = kthread_run(come_and_go, &crowd,
							 "pguest_kunit/%u", i);

		started += !IS_ERR(thread);
	}
	complete_all(&crowd.go);
	for (i = 0; i < started; i++)
		wait_for_completion(&crowd.done);

	KUNIT_EXPECT_EQ(test, started, THREADS);
	KUNIT_EXPECT_EQ(test, atomic_read(&crowd.wrong), 0);
	expect_entries(test, &crowd.block, PGUEST_PRIVATE, 0);
	KUNIT_EXPECT_EQ(test, ours_shared(test), other);
	KUNIT_EXPECT_EQ(test, pguest_memory.ledger.lost, lost);
	KUNIT_EXPECT_TRUE(test, is_filled(&crowd.block, pguest_active() ? 0 : OURS));
	put_block(test, &crowd.block);
}

/* On an unprotected machine there are no hypercalls, no entries and no counts. */
static void unprotected_machine_is_left_alone(struct kunit *test)
{
	if (pguest_active()) {
		KUNIT_EXPECT_NOT_NULL(test, pguest_backend);
		KUNIT_EXPECT_TRUE(test, pguest_granule_valid(pguest_backend->granule, 0));
		KUNIT_EXPECT_PTR_EQ(test, pguest_memory.backend, pguest_backend);
		return;
	}
	KUNIT_EXPECT_NULL(test, pguest_backend);
	KUNIT_EXPECT_TRUE(test, xa_empty(&pguest_memory.ledger.granules));
	KUNIT_EXPECT_EQ(test, pguest_memory.ledger.peak, 0);
	KUNIT_EXPECT_EQ(test, pguest_memory.calls_share, 0);
	KUNIT_EXPECT_EQ(test, pguest_memory.calls_unshare, 0);
	KUNIT_EXPECT_EQ(test, pguest_memory.refused, 0);
	KUNIT_EXPECT_EQ(test, pguest_bytes_bounced(), 0);
}

/* With KASAN's tags the allocator gives out addresses that have one. */
static void tagged_addresses_are_the_same_memory(struct kunit *test)
{
	struct block block;
	unsigned long tagged;

	get_block(test, &block, 1);
	tagged = (unsigned long)__tag_set((void *)block.addr, 0x5a);
	if (tagged == (unsigned long)__tag_set((void *)block.addr, 0xa5))
		kunit_info(test, "addresses have no tags here");
	KUNIT_EXPECT_EQ(test, set_memory_decrypted(tagged, block.pages), 0);
	KUNIT_EXPECT_EQ(test, set_memory_encrypted(tagged, block.pages), 0);
	put_block(test, &block);
}

static struct kunit_case memory_cases[] = {
	KUNIT_CASE(shared_page_is_cleared_counted_and_taken_back),
	KUNIT_CASE(tags_in_an_address_do_not_count),
	KUNIT_CASE(part_of_a_shared_block_is_taken_back),
	KUNIT_CASE(owner_is_kept),
	KUNIT_CASE(table_for_the_host_has_pages_of_its_own),
	KUNIT_CASE(misuse_is_an_error),
	KUNIT_CASE(many_threads_share_the_same_pages),
	KUNIT_CASE(unprotected_machine_is_left_alone),
	KUNIT_CASE(tagged_addresses_are_the_same_memory),
	{ }
};

static struct kunit_suite memory_suite = {
	.name = "pguest_memory",
	.test_cases = memory_cases,
};

kunit_test_suite(memory_suite);
