// SPDX-License-Identifier: GPL-2.0-only
/*
 * Make lines that the monitor's option fdt_patch= takes, and have the monitor's own
 * code apply them to a tree like that of QEMU's virt machine. So what is tried here by
 * the million can be booted, too.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libfdt.h>

#include "../monitor/memory.h"
#include "../monitor/options.h"
#include "../monitor/tree.h"
#include "lies.h"

#define TREE_SIZE	0x40000
#define TEXT_SIZE	0x40000

/* --- what fdtlies.c has of the monitor --------------------------------------- */

struct options opt = { .fdt_patch = "" };
struct span ram, machine_ram, image, initrd, dtb, handover;

static jmp_buf refused;
static const char *lines;
static u64 half;

u64 realm_half(void)
{
	return half;
}

/* Lines need not fit the tree: then there is no case. */
void fail(const char *f, ...)
{
	longjmp(refused, 1);
}

u64 to_number(const char *word)
{
	return strtoull(word, NULL, 0);
}

s64 semihost_read_file(const char *path, void *to, size_t room)
{
	size_t length = strlen(lines);

	if (length >= room)
		return -1;
	memcpy(to, lines, length + 1);
	return length;
}

/* --- the tree that is lied about ---------------------------------------------- */

static u8 base[TREE_SIZE] __attribute__((aligned(8)));

static void must(int result)
{
	if (result < 0) {
		fprintf(stderr, "treefuzz: libfdt error %d\n", result);
		abort();
	}
}

static int add(int parent, const char *name)
{
	int node = fdt_add_subnode(base, parent, name);

	must(node);
	return node;
}

static void set_reg(int node, const char *name, u64 start, u64 size)
{
	must(fdt_setprop(base, node, name, NULL, 0));
	must(fdt_appendprop_u64(base, node, name, start));
	must(fdt_appendprop_u64(base, node, name, size));
}

static void add_device(const char *name, const char *compatible, u64 start)
{
	int node = add(0, name);

	must(fdt_setprop_string(base, node, "compatible", compatible));
	set_reg(node, "reg", start, 0x1000);
}

static int add_region(int parent, const char *name, u64 start, u64 size)
{
	int node = add(parent, name);

	set_reg(node, "reg", start, size);
	return node;
}

static void add_reserved(const struct layout *w)
{
	int root = add(0, "reserved-memory"), node;

	must(fdt_setprop_u32(base, root, "#address-cells", 2));
	must(fdt_setprop_u32(base, root, "#size-cells", 2));
	must(fdt_setprop_empty(base, root, "ranges"));
	node = add_region(root, "kept@1", w->ram + 0x6000000, 0x10000);
	must(fdt_setprop_empty(base, node, "no-map"));
	node = add_region(fdt_path_offset(base, "/reserved-memory"), "pool@2", w->ram + 0x7000000, 0x400000);
	must(fdt_setprop_string(base, node, "compatible", "restricted-dma-pool"));
}

static void make_base(const struct layout *w)
{
	int node;

	must(fdt_create_empty_tree(base, sizeof(base)));
	must(fdt_setprop_u32(base, 0, "#address-cells", 2));
	must(fdt_setprop_u32(base, 0, "#size-cells", 2));
	must(fdt_setprop_string(base, 0, "compatible", "linux,dummy-virt"));
	add_device("pcie@10000000", "pci-host-ecam-generic", 0x10000000);
	add_device("pl011@9000000", "arm,pl011", 0x9000000);
	node = add(0, "memory@42000000");
	must(fdt_setprop_string(base, node, "device_type", "memory"));
	set_reg(node, "reg", w->ram, w->ram_end - w->ram);
	add_reserved(w);
	node = add(0, "chosen");
	must(fdt_setprop_string(base, node, "stdout-path", "/pl011@9000000"));
	must(fdt_setprop_u64(base, node, "linux,initrd-end", w->initrd_end));
	must(fdt_setprop_u64(base, node, "linux,initrd-start", w->initrd));
}

void *lies_apply(const char *text, const struct layout *w, size_t *size)
{
	static u8 work[TREE_SIZE] __attribute__((aligned(8)));
	void *tree;

	ram = (struct span){ w->ram, w->ram_end };
	image = (struct span){ w->image, w->image_end };
	initrd = (struct span){ w->initrd, w->initrd_end };
	dtb = (struct span){ w->dtb, w->dtb + 0x100000 };
	half = w->half;
	lines = text;
	make_base(w);
	memcpy(work, base, sizeof(work));
	if (setjmp(refused))
		return NULL;
	fdt_lie(work);
	must(fdt_pack(work));
	*size = fdt_totalsize(work);
	fdt_lie_bytes(work);
	/* Exactly as large as it is, so that AddressSanitizer sees a step too far. */
	tree = malloc(*size);
	memcpy(tree, work, *size);
	return tree;
}

/* --- lines ------------------------------------------------------------------------- */

static char text[TEXT_SIZE];
static size_t used;
static u64 state;

static u64 roll(void)
{
	state += 0x9e3779b97f4a7c15;
	u64 z = state;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static u32 dice(u32 sides)
{
	return roll() % sides;
}

static void __attribute__((format(printf, 1, 2))) put(const char *f, ...)
{
	va_list args;

	va_start(args, f);
	if (used < sizeof(text) - 256)
		used += vsnprintf(text + used, 256, f, args);
	va_end(args);
}

#define PICK(list)	((list)[dice(ARRAY_SIZE(list))])

/* An address: at the edge of something, near it, or anywhere */
static void put_address(void)
{
	static const char * const symbols[] = {
		"ram", "ram", "ram", "ram_end", "image", "image_end", "initrd", "initrd_end", "dtb", "half",
	};
	static const u64 steps[] = { 0, 1, 0x800, 0x1000, 0x4000, 0x10000, 0x40000, 0x200000, 0x1000000 };
	static const u64 numbers[] = { 0, 0x1000, 0x9000000, 1UL << 32, 1UL << 47, 1UL << 63, ~0UL, ~0xfffUL };

	if (!dice(12)) {
		put(" 0x%" PRIx64, PICK(numbers));
		return;
	}
	put(" %s%c0x%" PRIx64, PICK(symbols), dice(3) ? '+' : '-',
	    dice(2) ? PICK(steps) : (u64)dice(0x10000) << 12);
}

static void put_size(void)
{
	static const u64 sizes[] = {
		0x1000, 0x1000, 0x10000, 0x10000, 0x40000, 0x200000, 0x400000, 0x1000000, 0, 1, 0x800, 0x3f000,
		1UL << 40, ~0UL,
	};

	put(" 0x%" PRIx64, dice(4) ? PICK(sizes) : (u64)dice(0x1000) << 12);
}

static void put_ranges(u32 most)
{
	for (u32 n = 1 + dice(most); n; n--) {
		put_address();
		put_size();
	}
	put("\n");
}

static void put_text(const char *name, const char *value)
{
	put("hex %s ", name);
	for (; *value; value++)
		put("%02x", (u8)*value);
	put("%s\n", dice(50) ? "00" : "");
}

static void lie_memory(void)
{
	static const char * const nodes[] = { "/memory@42000000", "/memory@42000000", "/memory@1", "/memory@2" };
	static const char * const words[] = { "append reg", "append reg", "u64 reg", "u64 linux,usable-memory" };

	put("node %s\n", PICK(nodes));
	if (!dice(3))
		put_text("device_type", "memory");
	put("%s", PICK(words));
	put_ranges(dice(10) ? 2 : 100);
}

static void put_region_words(void)
{
	static const char * const kinds[] = {
		"restricted-dma-pool", "restricted-dma-pool", "Restricted-DMA-Pool", "shared-dma-pool", "ramoops",
		"google,open-dice", "Google,Open-DICE",
	};
	static const char * const flags[] = { "no-map", "reusable", "linux,cma-default", "linux,dma-default" };

	if (dice(2))
		put_text("compatible", PICK(kinds));
	if (!dice(3))
		put("hex %s\n", PICK(flags));
	if (!dice(12))
		put_text("status", dice(2) ? "okay" : "disabled");
}

static void put_region(u32 number)
{
	put("node /reserved-memory/r@%x\n", number);
	if (dice(4)) {
		put("u64 reg");
		put_ranges(dice(8) ? 1 : 3);
	} else {
		put("u64 size");
		put_size();
		put("\n");
		if (dice(2)) {
			put("u64 alignment");
			put_size();
			put("\n");
		}
	}
	put_region_words();
}

static void lie_region(void)
{
	u32 n = dice(12) ? 1 : dice(100);

	put("node /reserved-memory\nu32 #address-cells 2\nu32 #size-cells 2\nhex ranges\n");
	do
		put_region(dice(0x1000));
	while (n--);
}

static void lie_chosen(void)
{
	static const char * const words[] = {
		"linux,initrd-start", "linux,initrd-end", "linux,uefi-system-table", "linux,uefi-mmap-start",
		"linux,uefi-mmap-size", "linux,uefi-mmap-desc-size", "linux,kho-fdt", "linux,ima-kexec-buffer",
	};

	put("node /chosen\n");
	switch (dice(5)) {
	case 0:
		put("u64 linux,usable-memory-range");
		put_ranges(3);
		break;
	case 1:
		put("u64 linux,elfcorehdr");
		put_ranges(1);
		break;
	case 2:
		put("u64 linux,initrd-start");
		put_address();
		put("\nu64 linux,initrd-end");
		put_address();
		put("\n");
		/* Who removes the first of each must not bring forth the second. */
		if (dice(2)) {
			put("again linux,initrd-start");
			put_address();
			put("\nagain linux,initrd-end");
			put_address();
			put("\n");
		}
		break;
	default:
		put("%s %s", dice(3) ? "u64" : "u32", PICK(words));
		put_address();
		put("\n");
	}
}

/* A crash kernel as kexec would start it, or nearly */
static void lie_crash(void)
{
	static const char * const starts[] = { "ram", "image", "image-0x200000", "ram+0x200000" };
	static const char * const sizes[] = { "0x10000000", "ram_end-ram", "0x8000000" };

	put("node /chosen\nu64 linux,usable-memory-range %s %s\n", PICK(starts), PICK(sizes));
	put("u64 linux,elfcorehdr");
	put_ranges(1);
}

static void lie_efi(void)
{
	static const u32 each[] = { 40, 48, 0, 8, 600 };

	put("node /chosen\nu64 linux,uefi-system-table");
	put_address();
	put("\nu64 linux,uefi-mmap-start");
	put_address();
	put("\nu32 linux,uefi-mmap-desc-size 0x%x\nu32 linux,uefi-mmap-size 0x%x\n", PICK(each), dice(100) * 48);
}

static void lie_shape(void)
{
	static const char * const paths[] = {
		"/memory@42000000", "/chosen", "/reserved-memory", "/reserved-memory/kept@1", "/reserved-memory/pool@2",
		"/pl011@9000000", "/",
	};
	static const char * const names[] = {
		"reg", "#address-cells", "#size-cells", "ranges", "compatible", "device_type", "linux,initrd-end",
		"linux,initrd-start",
	};
	const char *path = PICK(paths), *name = PICK(names);

	put("node %s\n", path);
	switch (dice(4)) {
	case 0:
		put("drop %s\n", name);
		break;
	case 1:
		put("u32 %s 0x%x\n", name, dice(5));
		break;
	case 2:
		if (strcmp(path, "/"))
			put("delete\n");
		break;
	default:
		put("hex %s ", name);
		for (u32 n = dice(40); n; n--)
			put("%02x", dice(256));
		put("\n");
	}
}

static void lie_more(void)
{
	static const char * const others[] = {
		"node /hypervisor\nhex compatible 78656e2c78656e00\n", "node /hypervisor/uefi\n",
		"node /chosen@1\nu64 linux,kho-scratch 0 0\n", "node /reserved-memory@1/x@1\nu64 reg ram 0x1000\n",
	};

	if (dice(2)) {
		for (u32 n = dice(4) ? 1 : dice(80); n; n--) {
			put("reserve");
			put_ranges(1);
		}
		return;
	}
	if (dice(6)) {
		put("%s", PICK(others));
		return;
	}
	put("node ");
	for (u32 n = dice(64); n; n--)
		put("/a");
	put("/a\n");
}

static void lie_bytes(void)
{
	for (u32 n = 1 + dice(4); n; n--)
		put("byte 0x%x 0x%x\n", dice(4) ? dice(1200) : dice(80), dice(256));
}

const char *lies_make(uint64_t seed)
{
	static void (*const lies[])(void) = {
		lie_memory, lie_memory, lie_region, lie_region, lie_region, lie_chosen, lie_crash, lie_efi, lie_shape,
		lie_more,
	};

	state = seed;
	used = 0;
	text[0] = 0;
	for (u32 n = 1 + dice(4); n; n--)
		PICK(lies)();
	if (!dice(5))
		lie_bytes();
	return text;
}
