// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks of the device tree: each case is a small tree with one wrong property.
 * tests/fuzz has trees with several at a time.
 */
#include <kunit/test.h>
#include <linux/libfdt.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <asm/fixmap.h>
#include <asm/pguest.h>
#include <asm/pguest_mmio.h>
#include <asm/pguest_devicetree.h>

#include <compat/swiotlb.h>

#include "../../kernel/dma/pool.h"

#define RAM		0x40000000ULL
#define RAM_END		0x50000000ULL
#define IMAGE		RAM
#define IMAGE_END	0x40800000ULL
#define TREE		0x48000000ULL
#define TREE_SIZE	0x8000
#define INITRD		0x44000000ULL
#define INITRD_END	0x44345678ULL
#define SHARED_BIT	BIT_ULL(39)
#define FREE		0x46000000ULL

/* A property: 64-bit cells or text. Its node is added if the tree does not have it. */
struct edit {
	const char *path, *name, *text;
	unsigned int nr;
	u64 cells[6];
};

#define CELLS(path, name, ...) { path, name, NULL, \
	sizeof((u64[]){ __VA_ARGS__ }) / sizeof(u64), { __VA_ARGS__ } }
#define TEXT(path, name, text)	{ path, name, text }
#define EMPTY(path, name)	{ path, name }

#define MEMORY		"/memory@40000000"
#define RESERVED	"/reserved-memory"
#define ONE		"/reserved-memory/one@1"
#define TWO		"/reserved-memory/two@2"
#define HANDOVER(node)	TEXT(node, "compatible", "google,open-dice")
#define NO_MAP(node)	EMPTY(node, "no-map")
#define POOL(node)	TEXT(node, "compatible", "restricted-dma-pool")

/* @refused: parts of the tree that are; @stop: a word of the reason, if the boot must stop */
struct tree_case {
	const char *name;
	struct edit edits[6];
	unsigned int refused;
	const char *stop;
};

static const struct tree_case cases[] = {
	{ "nothing", { }, 0 },
	{ "two ranges of RAM", { CELLS(MEMORY, "reg", RAM, 0x6000000, TREE, SZ_64M) }, 0 },
	{ "RAM at the shared bit", {
		CELLS(MEMORY, "reg", RAM, SZ_256M, SHARED_BIT, SZ_1M)
	}, 1 },
	{ "RAM that crosses it", { CELLS(MEMORY, "reg", RAM, SHARED_BIT) }, 1 },
	{ "RAM over the last address", {
		CELLS(MEMORY, "reg", RAM, SZ_256M, ~0ULL - SZ_4K, SZ_1M)
	}, 1 },
	{ "RAM by usable-memory", {
		CELLS(MEMORY, "linux,usable-memory", SHARED_BIT, SZ_1M)
	}, 1, "kernel" },
	{ "no RAM for the kernel", { CELLS(MEMORY, "reg", IMAGE_END, SZ_128M) }, 0, "kernel" },
	{ "no RAM for the tree", { CELLS(MEMORY, "reg", RAM, SZ_64M) }, 0, "tree" },
	{ "RAM that is disabled", { TEXT(MEMORY, "status", "disabled") }, 0, "kernel" },
	{ "cells of three words", { CELLS("/", "#address-cells", 3) }, 0, "addresses" },
	{ "initrd in the kernel", { CELLS("/chosen", "linux,initrd-start", IMAGE) }, 1 },
	{ "initrd in the tree", { CELLS("/chosen", "linux,initrd-end", TREE + 1) }, 1 },
	{ "initrd in no RAM", {
		CELLS("/chosen", "linux,initrd-start", RAM_END),
		CELLS("/chosen", "linux,initrd-end", RAM_END + 1)
	}, 1 },
	{ "initrd backwards", { CELLS("/chosen", "linux,initrd-start", INITRD_END + 1) }, 1 },
	{ "initrd that is empty", { CELLS("/chosen", "linux,initrd-start", INITRD_END) }, 0 },
	{ "region", { CELLS(ONE, "reg", FREE, SZ_1M), EMPTY(ONE, "no-map") }, 0 },
	{ "region in no RAM", { CELLS(ONE, "reg", SZ_4K, SZ_1M) }, 0 },
	{ "region in the kernel", { CELLS(ONE, "reg", IMAGE + SZ_4K, SZ_4K) }, 1 },
	{ "no-map over the kernel", {
		CELLS(ONE, "reg", RAM, SZ_256M),
		EMPTY(ONE, "no-map")
	}, 1 },
	{ "no-map over the tree", { CELLS(ONE, "reg", TREE, SZ_4K), EMPTY(ONE, "no-map") }, 1 },
	{ "region beside the initrd", { CELLS(ONE, "reg", INITRD_END, SZ_4K) }, 0 },
	{ "region at the initrd's end", { CELLS(ONE, "reg", INITRD_END - 1, SZ_4K) }, 1 },
	{ "region that is disabled", {
		CELLS(ONE, "reg", RAM, SZ_1M),
		TEXT(ONE, "status", "no")
	}, 0 },
	{ "regions that overlap", {
		CELLS(ONE, "reg", FREE, SZ_1M),
		CELLS(TWO, "reg", FREE, SZ_4K)
	}, 1 },
	{ "region that overlaps itself", { CELLS(ONE, "reg", FREE, SZ_1M, FREE, SZ_4K) }, 1 },
	{ "region over the last address", { CELLS(ONE, "reg", ~0ULL - SZ_4K, SZ_1M) }, 1 },
	{ "region in the host's half", { CELLS(ONE, "reg", SHARED_BIT | FREE, SZ_1M) }, 1 },
	{ "half a region", { CELLS(ONE, "reg", FREE, SZ_1M, FREE + SZ_1M) }, 1 },
	{ "no form that Linux reads", {
		CELLS(RESERVED, "#size-cells", 1),
		CELLS(ONE, "reg", RAM, SZ_1M)
	}, 0 },
	{ "pool", { CELLS(ONE, "reg", FREE, SZ_4M), POOL(ONE) }, 0 },
	{ "pool in the initrd", { CELLS(ONE, "reg", INITRD, SZ_4M), POOL(ONE) }, 1 },
	{ "pool in no RAM", { CELLS(ONE, "reg", SZ_4K, SZ_4M), POOL(ONE) }, 1 },
	{ "pool over a pool", {
		CELLS(ONE, "reg", FREE, SZ_4M),
		POOL(ONE),
		CELLS(TWO, "reg", FREE + SZ_2M, SZ_4M),
		POOL(TWO)
	}, 1 },
	{ "pool of half a page", { CELLS(ONE, "reg", FREE + SZ_2K, SZ_4M), POOL(ONE) }, 1 },
	{ "pool without a slot", { CELLS(ONE, "reg", FREE, SZ_128K), POOL(ONE) }, 1 },
	{ "pool in capitals", {
		CELLS(ONE, "reg", RAM_END, SZ_4M),
		TEXT(ONE, "compatible", "Restricted-DMA-POOL")
	}, 1 },
	{ "pool that is not mapped", {
		CELLS(ONE, "reg", FREE, SZ_4M),
		POOL(ONE),
		EMPTY(ONE, "no-map")
	}, 1 },
	{ "pool that Linux places", { CELLS(ONE, "size", SZ_4M), POOL(ONE) }, 0 },
	{ "handover", { CELLS(ONE, "reg", FREE, SZ_64K), HANDOVER(ONE), NO_MAP(ONE) }, 0 },
	{ "handover in no RAM", {
		CELLS(ONE, "reg", SZ_64K, SZ_64K),
		HANDOVER(ONE),
		NO_MAP(ONE)
	}, 1 },
	{ "handover in the kernel", {
		CELLS(ONE, "reg", IMAGE, SZ_64K),
		HANDOVER(ONE),
		NO_MAP(ONE)
	}, 1 },
	{ "handover in the initrd", {
		CELLS(ONE, "reg", INITRD, SZ_64K),
		HANDOVER(ONE),
		NO_MAP(ONE)
	}, 1 },
	{ "handover of half a page", {
		CELLS(ONE, "reg", FREE, SZ_2K),
		HANDOVER(ONE),
		NO_MAP(ONE)
	}, 1 },
	{ "empty handover", { CELLS(ONE, "reg", FREE, 0), HANDOVER(ONE), NO_MAP(ONE) }, 1 },
	{ "large handover", { CELLS(ONE, "reg", FREE, SZ_2M), HANDOVER(ONE), NO_MAP(ONE) }, 1 },
	{ "handover that Linux places", {
		CELLS(ONE, "size", SZ_64K),
		HANDOVER(ONE),
		NO_MAP(ONE)
	}, 1 },
	{ "handover that is mapped", {
		CELLS(ONE, "reg", FREE, SZ_64K),
		HANDOVER(ONE)
	}, 1 },
	{ "handover that is reusable", {
		CELLS(ONE, "reg", FREE, SZ_64K),
		EMPTY(ONE, "reusable"),
		HANDOVER(ONE),
		NO_MAP(ONE)
	}, 1 },
	{ "two handovers", {
		CELLS(ONE, "reg", FREE, SZ_64K),
		HANDOVER(ONE),
		NO_MAP(ONE),
		CELLS(TWO, "reg", FREE + SZ_1M, SZ_64K),
		HANDOVER(TWO),
		NO_MAP(TWO)
	}, 1 },
	{ "CMA in no RAM", { CELLS(ONE, "reg", SZ_4K, SZ_4M), EMPTY(ONE, "reusable") }, 1 },
	{ "region of all RAM", { CELLS(ONE, "size", SZ_256M) }, 1 },
	{ "region of no size", { CELLS(ONE, "size", 0) }, 1 },
	{ "odd alignment", { CELLS(ONE, "size", SZ_1M), CELLS(ONE, "alignment", 0x3000) }, 1 },
	{ "crash kernel", {
		CELLS("/chosen", "linux,usable-memory-range", RAM, SZ_256M),
		CELLS("/chosen", "linux,elfcorehdr", FREE, SZ_4K)
	}, 0 },
	{ "crash kernel without a kernel before it", {
		CELLS(MEMORY, "reg", RAM - SZ_4K, SZ_256M + SZ_4K),
		CELLS("/chosen", "linux,usable-memory-range", RAM - SZ_4K, SZ_256M),
		CELLS("/chosen", "linux,elfcorehdr", FREE, SZ_4K)
	}, 2 },
	{ "crash kernel elsewhere", {
		CELLS("/chosen", "linux,usable-memory-range", FREE, SZ_1M)
	}, 1 },
	{ "core header alone", { CELLS("/chosen", "linux,elfcorehdr", FREE, SZ_4K) }, 1 },
	{ "core header in the kernel", {
		CELLS("/chosen", "linux,usable-memory-range", RAM, SZ_256M),
		CELLS("/chosen", "linux,elfcorehdr", RAM, SZ_4K)
	}, 1 },
	{ "EFI without a map", { CELLS("/chosen", "linux,uefi-system-table", FREE) }, 1 },
	{ "EFI's descriptors of no size", {
		CELLS("/chosen", "linux,uefi-system-table", FREE),
		CELLS("/chosen", "linux,uefi-mmap-start", FREE + SZ_4K),
		CELLS("/chosen", "linux,uefi-mmap-size", 480),
		CELLS("/chosen", "linux,uefi-mmap-desc-size", 0)
	}, 1 },
	{ "EFI", {
		CELLS("/chosen", "linux,uefi-system-table", FREE),
		CELLS("/chosen", "linux,uefi-mmap-start", FREE + SZ_4K),
		CELLS("/chosen", "linux,uefi-mmap-size", 480),
		CELLS("/chosen", "linux,uefi-mmap-desc-size", 48)
	}, 0 },
	{ "EFI's map in the kernel", {
		CELLS("/chosen", "linux,uefi-system-table", FREE),
		CELLS("/chosen", "linux,uefi-mmap-start", RAM),
		CELLS("/chosen", "linux,uefi-mmap-size", 480),
		CELLS("/chosen", "linux,uefi-mmap-desc-size", 48)
	}, 1 },
	{ "words that are not known", {
		CELLS("/chosen", "linux,ima-kexec-buffer", FREE, SZ_4K),
		CELLS("/chosen@1", "linux,kho-fdt", FREE, SZ_4K)
	}, 2 },
	{ "Xen", { TEXT("/hypervisor", "compatible", "xen,xen") }, 1 },
	{ "another hypervisor", { TEXT("/hypervisor", "compatible", "linux,kvm") }, 0 },
};

static void case_name(const struct tree_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(tree, cases, case_name);

static unsigned int lines;

static void count_line(const char *what, const char *why, u64 at)
{
	lines++;
}

/* Nodes are added behind the last one, to have the order of the table. */
static int make_node(void *fdt, const char *path)
{
	const char *slash = strrchr(path, '/');
	int parent, node = fdt_path_offset(fdt, path);
	char buffer[32] = "/";

	if (node >= 0)
		return node;
	if (slash > path)
		strscpy(buffer, path, slash - path + 1);
	parent = fdt_path_offset(fdt, buffer);
	return parent < 0 ? parent : fdt_add_subnode(fdt, parent, slash + 1);
}

static bool is_cell(const char *name)
{
	return strstr(name, "-cells");
}

static int apply_lie(void *fdt, const struct edit *e)
{
	int node = make_node(fdt, e->path), err;
	unsigned int i;

	if (node < 0)
		return node;
	if (e->text)
		return fdt_setprop_string(fdt, node, e->name, e->text);
	if (is_cell(e->name))
		return fdt_setprop_u32(fdt, node, e->name, e->cells[0]);
	err = fdt_setprop(fdt, node, e->name, NULL, 0);
	for (i = 0; i < e->nr && !err; i++)
		err = fdt_appendprop_u64(fdt, node, e->name, e->cells[i]);
	return err;
}

static const struct edit base[] = {
	CELLS("/", "#address-cells", 2), CELLS("/", "#size-cells", 2),
	CELLS("/chosen", "linux,initrd-start", INITRD),
	CELLS("/chosen", "linux,initrd-end", INITRD_END),
	TEXT("/chosen", "bootargs", "quiet"),
	TEXT(MEMORY, "device_type", "memory"), CELLS(MEMORY, "reg", RAM, RAM_END - RAM),
	CELLS(RESERVED, "#address-cells", 2), CELLS(RESERVED, "#size-cells", 2),
	EMPTY(RESERVED, "ranges"),
};

static void *make_tree(struct kunit *test, const struct edit *edits, unsigned int nr)
{
	void *fdt = kunit_kzalloc(test, TREE_SIZE, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, fdt);
	KUNIT_ASSERT_EQ(test, 0, fdt_create_empty_tree(fdt, TREE_SIZE));
	for (i = 0; i < ARRAY_SIZE(base); i++)
		KUNIT_ASSERT_EQ(test, 0, apply_lie(fdt, &base[i]));
	for (i = 0; i < nr && edits[i].path; i++)
		KUNIT_ASSERT_EQ(test, 0, apply_lie(fdt, &edits[i]));
	return fdt;
}

/* As if a kernel had reserved the memory from RAM on, and no other. */
static bool ran_before(u64 start)
{
	return start == RAM;
}

static const struct pguest_facts facts = {
	.image	= { IMAGE, IMAGE_END },
	.tree	= { TREE, TREE + TREE_SIZE },
	.end	= SHARED_BIT,
	.page	= SZ_4K,
	.ran_before = ran_before,
};

static struct pguest_tree *check_tree(struct kunit *test, void *fdt)
{
	struct pguest_tree *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	*t = (struct pguest_tree){ .facts = &facts, .fdt = fdt, .say = count_line };
	lines = 0;
	pguest_check_tree(t);
	return t;
}

static void tree_is_judged(struct kunit *test)
{
	const struct tree_case *c = test->param_value;
	void *fdt = make_tree(test, c->edits, ARRAY_SIZE(c->edits));
	struct pguest_tree *t = check_tree(test, fdt);
	bool ram = t->ram_refused;

	if (c->stop) {
		KUNIT_ASSERT_NOT_NULL(test, t->stop);
		KUNIT_EXPECT_NOT_NULL(test, strstr(t->stop, c->stop));
		return;
	}
	KUNIT_EXPECT_NULL(test, t->stop);
	KUNIT_EXPECT_EQ(test, c->refused, t->refused);
	KUNIT_EXPECT_EQ(test, c->refused, lines);

	/* A second check finds nothing more. RAM is refused in memblock and not in the tree. */
	t = check_tree(test, fdt);
	KUNIT_EXPECT_NULL(test, t->stop);
	KUNIT_EXPECT_EQ(test, t->refused, ram && t->ram_refused ? 1 : 0);
}

static void ram_of_a_tree_is_cut_to_what_is_protected(struct kunit *test)
{
	const struct edit edits[] = { CELLS(MEMORY, "reg", RAM, SHARED_BIT, RAM - SZ_4K, SZ_8K) };
	struct pguest_tree *t = check_tree(test, make_tree(test, edits, ARRAY_SIZE(edits)));

	KUNIT_EXPECT_EQ(test, 1, t->ram.nr);
	KUNIT_EXPECT_EQ(test, RAM - SZ_4K, t->ram.at[0].start);
	KUNIT_EXPECT_EQ(test, SHARED_BIT, t->ram.at[0].end);
}

/* Many of each: the first are kept, and each of the others is logged. */
static void regions_are_bounded(struct kunit *test)
{
	const unsigned int many = PGUEST_MAX_REGIONS + 20;
	void *fdt = make_tree(test, NULL, 0);
	struct edit e = CELLS(ONE, "reg", FREE, SZ_4K);
	struct pguest_tree *t;
	char path[40];
	unsigned int i;

	for (i = 0; i < many; i++) {
		snprintf(path, sizeof(path), RESERVED "/r@%x", i);
		e.path = path;
		e.cells[0] = FREE + i * SZ_8K;
		KUNIT_ASSERT_EQ(test, 0, apply_lie(fdt, &e));
	}
	t = check_tree(test, fdt);
	KUNIT_EXPECT_EQ(test, 20, t->refused);
	KUNIT_EXPECT_EQ(test, PGUEST_MAX_REGIONS, t->nr_regions);
	KUNIT_EXPECT_EQ(test, 0, check_tree(test, fdt)->refused);
}

static void reservations_are_bounded(struct kunit *test)
{
	void *fdt = make_tree(test, NULL, 0);
	unsigned int i;

	for (i = 0; i < PGUEST_MAX_MEMRESERVE + 1; i++)
		KUNIT_ASSERT_EQ(test, 0, fdt_add_mem_rsv(fdt, FREE + i * SZ_4K, SZ_4K));
	KUNIT_EXPECT_EQ(test, 1, check_tree(test, fdt)->refused);
	KUNIT_EXPECT_EQ(test, PGUEST_MAX_MEMRESERVE, fdt_num_mem_rsv(fdt));
}

static void texts_have_an_end(struct kunit *test)
{
	void *fdt = make_tree(test, NULL, 0);

	KUNIT_ASSERT_EQ(test, 0, fdt_setprop(fdt, 0, "compatible", "linux,dummy-virt", 16));
	KUNIT_EXPECT_NOT_NULL(test, check_tree(test, fdt)->stop);
}

static void depth_is_bounded(struct kunit *test)
{
	void *fdt = make_tree(test, NULL, 0);
	int node = 0, i;

	for (i = 0; i < PGUEST_MAX_DEPTH + 2; i++) {
		node = fdt_add_subnode(fdt, node, "a");
		KUNIT_ASSERT_GT(test, node, 0);
	}
	KUNIT_EXPECT_NOT_NULL(test, check_tree(test, fdt)->stop);
}

/* --- the machine that the test runs on ------------------------------------------- */

/* A granule of RAM that the host sees: the interrupt controller's tables are there early. */
static phys_addr_t shared_ram(struct kunit *test)
{
	unsigned long granule;

	if (!pguest_active())
		kunit_skip(test, "not a protected VM");
	granule = memblock_start_of_DRAM() / pguest_backend->granule;
	KUNIT_ASSERT_NOT_NULL(test, xa_find(&pguest_memory.ledger.granules, &granule, ULONG_MAX,
					    XA_PRESENT));
	return granule * pguest_backend->granule;
}

static void plugged_in_ram_must_be_private(struct kunit *test)
{
	phys_addr_t granule, at = shared_ram(test);

	granule = max_t(phys_addr_t, pguest_backend->granule, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, -EBUSY, pguest_add_memory(ALIGN_DOWN(at, granule), granule));
}

/* The distributor of QEMU's GIC: mapped for as long as the machine runs */
static void plugged_in_ram_must_be_no_device(struct kunit *test)
{
	const phys_addr_t gic = 0x08000000;
	phys_addr_t at;

	if (!pguest_active())
		kunit_skip(test, "not a protected VM");
	at = gic | pguest_shared_bit;
	if (!pguest_guard_meets(&pguest_devices, at, at + 1))
		kunit_skip(test, "not QEMU's virt machine");
	KUNIT_EXPECT_EQ(test, -EBUSY, pguest_add_memory(gic, SZ_2M));
}

static void plugged_in_ram_must_be_in_the_protected_half(struct kunit *test)
{
	if (!pguest_active() || !pguest_shared_bit)
		kunit_skip(test, "not a realm");
	KUNIT_EXPECT_EQ(test, -EINVAL, pguest_add_memory(pguest_shared_bit, SZ_2M));
	KUNIT_EXPECT_EQ(test, -EINVAL, pguest_add_memory(pguest_shared_bit - SZ_2M, SZ_4M));
}

static void what_the_host_sees_is_not_freed(struct kunit *test)
{
	phys_addr_t at = shared_ram(test);
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_EXPECT_TRUE(test, pguest_keep_page(phys_to_page(at)));
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_FALSE(test, pguest_keep_page(page));
	__free_page(page);
}

static void a_pool_is_reserved_memory(struct kunit *test)
{
	phys_addr_t pool = default_swiotlb_base();
	struct page *page;

	if (!pguest_active())
		kunit_skip(test, "not a protected VM");
	page = alloc_page(GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_FALSE(test, pguest_pool_usable(page_to_phys(page), PAGE_SIZE));
	KUNIT_EXPECT_FALSE(test, pguest_pool_usable(__pa_symbol(_text), PAGE_SIZE));
	KUNIT_EXPECT_FALSE(test, pguest_pool_usable(pool, 0));
	KUNIT_EXPECT_FALSE(test, pguest_pool_usable(PHYS_MASK - SZ_1M + 1, SZ_1M));
	/* The last piece of the default pool is the page allocator's while little is used. */
	if (pguest_default_pool.ops)
		KUNIT_EXPECT_FALSE(test, pguest_pool_usable(pool, swiotlb_size_or_default()));
	/* As memblock leaves the pages that it reserved */
	SetPageReserved(page);
	KUNIT_EXPECT_TRUE(test, pguest_pool_usable(page_to_phys(page), PAGE_SIZE));
	ClearPageReserved(page);
	__free_page(page);
}

static void a_device_in_the_fixmap_is_no_ram(struct kunit *test)
{
	const pgprot_t device = FIXMAP_PAGE_IO;
	phys_addr_t text = __pa_symbol(_text), refused, ours;
	struct page *page = alloc_page(GFP_KERNEL);

	if (!pguest_active())
		kunit_skip(test, "not a protected VM");
	KUNIT_ASSERT_NOT_NULL(test, page);
	ours = page_to_phys(page);
	refused = pguest_fixmap(text, device);
	/* All that is refused is mapped to one page of the image, which is empty. */
	KUNIT_EXPECT_NE(test, text, refused);
	KUNIT_EXPECT_EQ(test, refused + 8, pguest_fixmap(ours + 8, device));
	KUNIT_EXPECT_TRUE(test, pguest_is_image(refused, refused + PAGE_SIZE));
	/* A mapping as normal memory is not a device: it is not checked. */
	KUNIT_EXPECT_EQ(test, text, pguest_fixmap(text, PAGE_KERNEL));
	__free_page(page);
}

static struct kunit_case tree_cases[] = {
	KUNIT_CASE_PARAM(tree_is_judged, tree_gen_params),
	KUNIT_CASE(ram_of_a_tree_is_cut_to_what_is_protected),
	KUNIT_CASE(regions_are_bounded),
	KUNIT_CASE(reservations_are_bounded),
	KUNIT_CASE(texts_have_an_end),
	KUNIT_CASE(depth_is_bounded),
	KUNIT_CASE(plugged_in_ram_must_be_private),
	KUNIT_CASE(plugged_in_ram_must_be_no_device),
	KUNIT_CASE(plugged_in_ram_must_be_in_the_protected_half),
	KUNIT_CASE(what_the_host_sees_is_not_freed),
	KUNIT_CASE(a_pool_is_reserved_memory),
	KUNIT_CASE(a_device_in_the_fixmap_is_no_ram),
	{}
};

static struct kunit_suite describe_suite = {
	.name = "pguest_describe",
	.test_cases = tree_cases,
};

kunit_test_suite(describe_suite);
