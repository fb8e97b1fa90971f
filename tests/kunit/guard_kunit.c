// SPDX-License-Identifier: GPL-2.0-only
/*
 * The MMIO guard's list of mappings, with a hypervisor that maps a granule by each call.
 * Only granules that no other mapping has are mapped. Interrupts are enabled between
 * slices of calls, and an interrupt handler may map a device itself.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/irq_work.h>
#include <linux/sizes.h>

#include <asm/pguest.h>

#define BASE		((phys_addr_t)SZ_1T)
#define GRANULES	(8 * PGUEST_GUARD_SLICE)

static const void *const somewhere = &somewhere;

/*
 * @allowed:	granules that the host may serve
 * @maps:	calls that map, so far
 * @unmaps:	calls that unmap
 * @fails:	number of the one that is refused, from 1 on; 0 for none
 * @interrupt:	number of the call during which an interrupt comes, of either kind
 * @seen:	calls that were made when it was served
 */
static struct {
	DECLARE_BITMAP(allowed, GRANULES);
	unsigned int maps, unmaps, fails, interrupt, seen;
	struct irq_work work;
} host;

static struct pguest_guard guard;

static phys_addr_t granule_at(unsigned int granule)
{
	return BASE + (phys_addr_t)granule * SZ_4K;
}

static void may_interrupt(void)
{
	if (host.maps + host.unmaps == host.interrupt)
		irq_work_queue(&host.work);
}

static int map_one(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	host.maps++;
	may_interrupt();
	if (host.maps == host.fails)
		return -EINVAL;
	set_bit((start - BASE) / SZ_4K, host.allowed);
	*top = start + SZ_4K;
	return 0;
}

static int unmap_one(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	host.unmaps++;
	may_interrupt();
	clear_bit((start - BASE) / SZ_4K, host.allowed);
	*top = start + SZ_4K;
	return 0;
}

static const struct pguest_ops ops = {
	.name		= "android",
	.map_mmio	= map_one,
	.unmap_mmio	= unmap_one,
};

static const struct pguest_backend backend = {
	.ops		= &ops,
	.mmio_granule	= SZ_4K,
	.unmap_mmio	= true,
};

static int guard_map(unsigned int first, unsigned int end)
{
	return pguest_guard_map(&guard, granule_at(first), granule_at(end));
}

static void guard_unmap(unsigned int first, unsigned int end)
{
	pguest_guard_unmap(&guard, granule_at(first), granule_at(end), NULL);
}

static bool host_may_serve(unsigned int first, unsigned int end)
{
	return find_next_zero_bit(host.allowed, end, first) >= end;
}

static unsigned int nr_allowed(void)
{
	return bitmap_weight(host.allowed, GRANULES);
}

static int guard_init(struct kunit *test)
{
	memset(&host, 0, sizeof(host));
	pguest_guard_init(&guard, &backend);
	return 0;
}

static void what_is_mapped_is_not_asked_for_again(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, guard_map(0, 10));
	KUNIT_EXPECT_EQ(test, 10, host.maps);
	KUNIT_EXPECT_EQ(test, 0, guard_map(5, 15));
	KUNIT_EXPECT_EQ(test, 15, host.maps);
	KUNIT_EXPECT_TRUE(test, host_may_serve(0, 15));

	guard_unmap(0, 10);
	KUNIT_EXPECT_EQ(test, 5, host.unmaps);
	KUNIT_EXPECT_TRUE(test, host_may_serve(5, 15));
	KUNIT_EXPECT_TRUE(test, pguest_guard_covers(&guard, granule_at(5)));
	KUNIT_EXPECT_FALSE(test, pguest_guard_covers(&guard, granule_at(4)));
	guard_unmap(5, 15);
	KUNIT_EXPECT_EQ(test, 0, nr_allowed());
}

static void a_mapping_in_the_middle_is_passed_over(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, guard_map(200, 210));
	KUNIT_EXPECT_EQ(test, 0, guard_map(0, GRANULES));
	KUNIT_EXPECT_EQ(test, GRANULES, host.maps);
	guard_unmap(0, GRANULES);
	KUNIT_EXPECT_EQ(test, GRANULES - 10, host.unmaps);
	KUNIT_EXPECT_TRUE(test, host_may_serve(200, 210));
	guard_unmap(200, 210);
	KUNIT_EXPECT_EQ(test, 0, nr_allowed());
}

static void each_mapping_is_undone_once(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, guard_map(0, 4));
	KUNIT_EXPECT_EQ(test, 0, guard_map(0, 4));
	KUNIT_EXPECT_EQ(test, 4, host.maps);
	pguest_guard_name(&guard, granule_at(0), granule_at(4), somewhere);
	guard_unmap(0, 4);
	KUNIT_EXPECT_TRUE(test, host_may_serve(0, 4));
	guard_unmap(0, 4);
	KUNIT_EXPECT_TRUE(test, host_may_serve(0, 4));
	pguest_guard_unmap(&guard, 0, 0, somewhere);
	KUNIT_EXPECT_EQ(test, 0, nr_allowed());
	pguest_guard_unmap(&guard, 0, 0, somewhere);
	KUNIT_EXPECT_EQ(test, 4, host.unmaps);
}

static void a_refusal_leaves_what_was_there(struct kunit *test)
{
	unsigned int k;

	for (k = 1; k <= 2 * PGUEST_GUARD_SLICE; k++) {
		guard_init(test);
		KUNIT_ASSERT_EQ(test, 0, guard_map(100, 110));
		host.fails = host.maps + k;
		KUNIT_ASSERT_EQ(test, -EINVAL, guard_map(0, GRANULES));
		KUNIT_ASSERT_TRUE(test, host_may_serve(100, 110));
		KUNIT_ASSERT_EQ(test, 10, nr_allowed());
		KUNIT_ASSERT_FALSE(test, pguest_guard_covers(&guard, granule_at(0)));
		guard_unmap(100, 110);
		KUNIT_ASSERT_EQ(test, 0, nr_allowed());
	}
}

/* Another VM has none of the mappings of this kernel, or some. */
static void another_vm_gets_all_of_them(struct kunit *test)
{
	phys_addr_t at;

	KUNIT_EXPECT_EQ(test, 0, guard_map(0, 10));
	KUNIT_EXPECT_EQ(test, 0, guard_map(5, 15));
	KUNIT_EXPECT_EQ(test, 0, guard_map(20, 21));
	bitmap_zero(host.allowed, GRANULES);
	set_bit(7, host.allowed);
	KUNIT_EXPECT_EQ(test, 0, pguest_guard_again(&guard, &at));
	KUNIT_EXPECT_TRUE(test, host_may_serve(0, 15) && host_may_serve(20, 21));
	KUNIT_EXPECT_EQ(test, 16, nr_allowed());

	/* The latest is the first. */
	host.fails = host.maps + 3;
	KUNIT_EXPECT_EQ(test, -EINVAL, pguest_guard_again(&guard, &at));
	KUNIT_EXPECT_EQ(test, at, granule_at(6));
	guard_unmap(0, 10);
	guard_unmap(5, 15);
	guard_unmap(20, 21);
	KUNIT_EXPECT_EQ(test, 0, nr_allowed());
}

/* With PREEMPT_RT the handler is a thread, which need not run before the call returns. */
#ifndef CONFIG_PREEMPT_RT
static void expect_nothing_mapped(struct irq_work *work)
{
	host.seen = host.maps + host.unmaps;
}

static void interrupt_at(unsigned int call, void (*handler)(struct irq_work *work))
{
	init_irq_work(&host.work, handler);
	host.interrupt = call;
	host.seen = 0;
}

static void interrupts_are_served_between_calls(struct kunit *test)
{
	interrupt_at(1, expect_nothing_mapped);
	KUNIT_EXPECT_EQ(test, 0, guard_map(0, GRANULES));
	irq_work_sync(&host.work);
	KUNIT_EXPECT_NE(test, 0, host.seen);
	KUNIT_EXPECT_LE(test, host.seen, PGUEST_GUARD_SLICE);

	interrupt_at(GRANULES + 1, expect_nothing_mapped);
	guard_unmap(0, GRANULES);
	irq_work_sync(&host.work);
	KUNIT_EXPECT_NE(test, 0, host.seen);
	KUNIT_EXPECT_LE(test, host.seen, GRANULES + PGUEST_GUARD_SLICE);
}

static void map_in_between(struct irq_work *work)
{
	host.seen = host.maps;
	/* The walk that was interrupted has the first half mapped, and may still undo that. */
	if (guard_map(PGUEST_GUARD_SLICE / 2, 2 * PGUEST_GUARD_SLICE))
		host.seen = 0;
}

static void a_mapping_made_meanwhile_stays(struct kunit *test)
{
	interrupt_at(1, map_in_between);
	host.fails = 6 * PGUEST_GUARD_SLICE;
	KUNIT_EXPECT_EQ(test, -EINVAL, guard_map(0, GRANULES));
	KUNIT_EXPECT_EQ(test, PGUEST_GUARD_SLICE, host.seen);
	KUNIT_EXPECT_TRUE(test, host_may_serve(PGUEST_GUARD_SLICE / 2, 2 * PGUEST_GUARD_SLICE));
	KUNIT_EXPECT_EQ(test, 3 * PGUEST_GUARD_SLICE / 2, nr_allowed());
	guard_unmap(PGUEST_GUARD_SLICE / 2, 2 * PGUEST_GUARD_SLICE);
	KUNIT_EXPECT_EQ(test, 0, nr_allowed());
}

static void unmap_in_between(struct irq_work *work)
{
	host.seen = host.maps;
	guard_unmap(0, 10);
}

static void what_was_passed_over_stays(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, guard_map(0, 10));
	interrupt_at(11, unmap_in_between);
	KUNIT_EXPECT_EQ(test, 0, guard_map(0, GRANULES));
	KUNIT_EXPECT_NE(test, 0, host.seen);
	KUNIT_EXPECT_LT(test, host.seen, GRANULES);
	KUNIT_EXPECT_TRUE(test, host_may_serve(0, GRANULES));
	KUNIT_EXPECT_EQ(test, 0, host.unmaps);
	guard_unmap(0, GRANULES);
	KUNIT_EXPECT_EQ(test, 0, nr_allowed());
}

static void map_again(struct irq_work *work)
{
	host.seen = host.unmaps;
	if (guard_map(0, GRANULES))
		host.seen = 0;
}

static void a_mapping_made_while_another_goes_is_whole(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, guard_map(0, GRANULES));
	interrupt_at(GRANULES + 1, map_again);
	guard_unmap(0, GRANULES);
	KUNIT_EXPECT_EQ(test, PGUEST_GUARD_SLICE, host.seen);
	KUNIT_EXPECT_EQ(test, PGUEST_GUARD_SLICE, host.unmaps);
	KUNIT_EXPECT_TRUE(test, host_may_serve(0, GRANULES));
	guard_unmap(0, GRANULES);
	KUNIT_EXPECT_EQ(test, 0, nr_allowed());
}

#endif

static struct kunit_case guard_cases[] = {
	KUNIT_CASE(what_is_mapped_is_not_asked_for_again),
	KUNIT_CASE(a_mapping_in_the_middle_is_passed_over),
	KUNIT_CASE(each_mapping_is_undone_once),
	KUNIT_CASE(a_refusal_leaves_what_was_there),
	KUNIT_CASE(another_vm_gets_all_of_them),
#ifndef CONFIG_PREEMPT_RT
	KUNIT_CASE(interrupts_are_served_between_calls),
	KUNIT_CASE(a_mapping_made_meanwhile_stays),
	KUNIT_CASE(what_was_passed_over_stays),
	KUNIT_CASE(a_mapping_made_while_another_goes_is_whole),
#endif
	{ }
};

static struct kunit_suite guard_suite = {
	.name = "pguest_guard",
	.init = guard_init,
	.test_cases = guard_cases,
};

kunit_test_suite(guard_suite);
