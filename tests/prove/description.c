// SPDX-License-Identifier: GPL-2.0-only
/* prove: unwind 6, NODES 1 */
/* shrink: arch/arm64/include/asm/pguest_devicetree.h PGUEST_MAX_RAM 2 */
/* shrink: arch/arm64/include/asm/pguest_devicetree.h PGUEST_MAX_REGIONS 2 */
/* shrink: arch/arm64/include/asm/pguest_devicetree.h PGUEST_MAX_POOLS 1 */
/* shrink: arch/arm64/mm/check_devicetree.c MAX_REGS 2 */
/* define: CHOSEN */
/* define: RAM */
/* define: REGION */
/*
 * The check of the device tree over a libfdt that returns anything: a property is there or not, has any
 * length and any value, another each time that it is read. What is accepted has one use.
 *
 * All of /chosen is one proof. RAM and regions are a step each: one range, one node, from any state that is as it
 * should be to one that is again. So it is after any number of them.
 */
#include "model.h"

#define FDT_ERR_NOTFOUND	1

typedef u32 fdt32_t;

#define fdt32_to_cpu(x)		(x)

struct fdt_reserve_entry { u64 address, size; };
struct fdt_header { u32 words[10]; };

static bool is_a_pool[PROVE_NODES + 1], is_reusable[PROVE_NODES + 1];
static bool has_usable;
static char compatible[PROVE_NODES + 1];
static char text[16];

#define MOST_CELLS	4

/* A value ends where its row does, and is another one each time that it is read. */
static fdt32_t cells[PROVE_NODES + 1][MOST_CELLS];

static const void *fdt_getprop(const void *fdt, int node, const char *name, int *lenp)
{
	unsigned int len = any_of(0, 4 * MOST_CELLS + 3), i;
	bool there = nondet_bool();
	fdt32_t *value;

	/* "reusable" and "linux,usable-memory-range": these stay as they are. */
	if (name[0] == 'r' && name[2] == 'u')
		there = is_reusable[node];
	if (name[0] == 'l' && name[6] == 'u' && name[7] == 's')
		there = has_usable;
	if (lenp)
		*lenp = there ? (int)len : -FDT_ERR_NOTFOUND;
	if (!there || !lenp)
		return there ? text : NULL;
	value = cells[node];
	for (i = 0; i < MOST_CELLS; i++)
		value[i] = nondet_uint();
	return value + MOST_CELLS - len / 4;
}

static const char *fdt_stringlist_get(const void *fdt, int node, const char *name, int i, int *len)
{
	return i ? NULL : &compatible[node];
}

static inline int strcasecmp(const char *a, const char *b)
{
	return !is_a_pool[a - compatible];
}

static const char *fdt_get_name(const void *fdt, int node, int *len)
{
	return text;
}

/* What is removed is gone. */
static inline int fdt_nop_property(void *fdt, int node, const char *name)
{
	return -FDT_ERR_NOTFOUND;
}

static inline int fdt_nop_node(void *fdt, int node)
{
	return 0;
}

static inline int fdt_first_subnode(const void *fdt, int node)
{
	return nondet_bool() ? 1 : -FDT_ERR_NOTFOUND;
}

static inline int fdt_next_subnode(const void *fdt, int node)
{
	return node < PROVE_NODES && nondet_bool() ? node + 1 : -FDT_ERR_NOTFOUND;
}

static inline int fdt_path_offset(const void *fdt, const char *path)
{
	return 0;
}

#define fdt_for_each_subnode(node, fdt, parent)	\
	for (node = fdt_first_subnode(fdt, parent); node >= 0; node = fdt_next_subnode(fdt, node))
/* Not used here: structure is libfdt's and the fuzzer's. */
#define fdt_for_each_property_offset(offset, fdt, node)	for (offset = -FDT_ERR_NOTFOUND; offset >= 0;)
#define fdt_getprop_by_offset(fdt, offset, name, len)	NULL
#define fdt_first_property_offset(fdt, node)		(-1)
#define fdt_next_property_offset(fdt, offset)		(-1)
#define fdt_next_node(fdt, node, depth)			(-1)
#define fdt_subnode_offset(fdt, node, name)		(-1)
#define fdt_off_mem_rsvmap(fdt)		0
#define fdt_off_dt_struct(fdt)		0
#define fdt_size_dt_struct(fdt)		0
#define fdt_off_dt_strings(fdt)		0
#define fdt_num_mem_rsv(fdt)		0
#define fdt_version(fdt)		17

#define strcmp(a, b)			nondet_int()
#define strncmp(a, b, n)		nondet_int()

#include "arch/arm64/mm/check_devicetree.c"

static struct pguest_facts facts;
static struct pguest_tree tree;

static bool any_kernel_before(u64 start)
{
	return nondet_bool();
}

static void say(const char *what, const char *why, u64 at)
{
	check(why, "a refusal has a reason");
}

static struct pguest_range any_range(void)
{
	struct pguest_range r = { nondet_ulong(), nondet_ulong() };

	assume(r.start < r.end && r.end <= facts.end);
	return r;
}

static void any_tree(void)
{
	unsigned int i;

	facts.page = nondet_bool() ? SZ_4K : SZ_64K;
	facts.end = 1UL << 40;
	facts.image = any_range();
	facts.tree = any_range();
	facts.ran_before = any_kernel_before;
	has_usable = nondet_bool();
	tree = (struct pguest_tree){
		.facts = &facts, .say = say,
		.address_cells = any_of(1, 2), .size_cells = any_of(1, 2), .efi = nondet_bool(),
	};
	for (i = 0; i <= PROVE_NODES; i++) {
		is_a_pool[i] = nondet_bool();
		is_reusable[i] = nondet_bool();
	}
}

static void any_ram(void)
{
	unsigned int i;

	tree.ram.nr = any_of(0, PGUEST_MAX_RAM);
	for (i = 0; i < PGUEST_MAX_RAM; i++)
		tree.ram.at[i] = any_range();
	tree.usable = tree.ram;
}

static bool disjoint(const struct pguest_ranges *ranges)
{
	unsigned int i, j;

	for (i = 0; i < ranges->nr; i++) {
		for (j = 0; j < i; j++) {
			if (ranges_overlap(&ranges->at[i], &ranges->at[j]))
				return false;
		}
	}
	return true;
}

/* Ranges of whole pages that are protected and do not overlap */
static bool is_good_ram(void)
{
	unsigned int i;

	for (i = 0; i < tree.ram.nr; i++) {
		const struct pguest_range *r = &tree.ram.at[i];

		if (r->start >= r->end || r->end > facts.end || (r->start | r->end) & (facts.page - 1))
			return false;
	}
	return tree.ram.nr <= PGUEST_MAX_RAM && disjoint(&tree.ram);
}

/* One more range of the tree's, which read_memory_node() has read */
static void check_ram(void)
{
	struct pguest_range r = { nondet_ulong(), nondet_ulong() };
	u64 at = nondet_ulong();
	bool had, has, given;
	struct pguest_range byte;

	any_ram();
	assume(is_good_ram() && r.start < r.end && at < facts.end);
	byte = (struct pguest_range){ at & ~(facts.page - 1), (at | (facts.page - 1)) + 1 };
	had = pguest_ranges_meet(&tree.ram, &byte);
	given = r.start <= byte.start && byte.end <= r.end;
	add_ram(&tree, r);
	has = pguest_ranges_meet(&tree.ram, &byte);
	check(is_good_ram(), "RAM is there once, in whole pages, and protected");
	check(!has || had || given, "no page is RAM that the tree does not have");
	check(has || !(had || given) || tree.ram_refused, "what is refused is reported");
}

static void check_chosen(void)
{
	any_ram();
	check_usable(&tree, 0);
	check_kernel(&tree);
	if (tree.stop)
		return;
	check_initrd(&tree, 0);
	check_corehdr(&tree, 0);
	check(disjoint(&tree.taken), "each range has one use");
	check(tree.initrd.start == tree.initrd.end || tree.taken.nr > 2, "an initrd is in use");
	check(tree.efi || pguest_ranges_hold(&tree.usable, &facts.image), "the kernel is in RAM");
	check(tree.efi || tree.initrd.start == tree.initrd.end ||
	      pguest_ranges_hold(&tree.usable, &tree.initrd), "the initrd is in RAM");
}

/* What is in use, and pools among it: protected, once, whole pages */
static bool is_good(void)
{
	unsigned int i;

	if (tree.taken.nr > 2 + tree.nr_regions || tree.nr_regions > PGUEST_MAX_REGIONS ||
	    tree.pools.nr > PGUEST_MAX_POOLS || !disjoint(&tree.taken))
		return false;
	for (i = 0; i < tree.taken.nr; i++) {
		if (!is_protected(&tree, &tree.taken.at[i]))
			return false;
	}
	for (i = 0; i < tree.pools.nr; i++) {
		const struct pguest_range *r = &tree.pools.at[i];

		if ((r->start | r->end) & (facts.page - 1) || r->end - r->start < PGUEST_MIN_POOL ||
		    !pguest_ranges_hold(&tree.taken, r) || (!tree.efi && !pguest_ranges_hold(&tree.usable, r)))
			return false;
	}
	return true;
}

/* One more node of /reserved-memory */
static void check_one_region(void)
{
	unsigned int i, before;

	any_ram();
	tree.nr_regions = any_of(0, PGUEST_MAX_REGIONS);
	tree.taken.nr = any_of(2, 2 + PGUEST_MAX_REGIONS);
	for (i = 0; i < 2 + PGUEST_MAX_REGIONS; i++)
		tree.taken.at[i] = (struct pguest_range){ nondet_ulong(), nondet_ulong() };
	tree.pools.nr = any_of(0, PGUEST_MAX_POOLS);
	for (i = 0; i < PGUEST_MAX_POOLS; i++)
		tree.pools.at[i] = (struct pguest_range){ nondet_ulong(), nondet_ulong() };
	assume(is_good());
	before = tree.taken.nr;
	check_region(&tree, 1);
	check(is_good(), "each range has one use, is protected, and a pool can be one");
	check(tree.taken.nr >= before, "what was in use stays in use");
	check(!tree.refused || tree.taken.nr == before, "of a region that is refused no range is in use");
}

int main(void)
{
	any_tree();
#if defined(PROVE_RAM)
	check_ram();
#elif defined(PROVE_CHOSEN)
	check_chosen();
#else
	check_one_region();
#endif
	return 0;
}
