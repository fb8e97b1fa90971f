/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The check of the device tree, apart from the kernel that it is made for: nothing
 * but libfdt is needed, so that KUnit, a fuzzer and the boot run the same code.
 */
#ifndef __ASM_PGUEST_DEVICETREE_H
#define __ASM_PGUEST_DEVICETREE_H

#include <linux/types.h>

/*
 * Bounds on what a tree may list; what is beyond is left out. memblock has 128
 * entries for each kind while the kernel boots, and forgets what does not fit.
 */
#define PGUEST_MAX_RAM		64	/* ranges of RAM */
#define PGUEST_MAX_REGIONS	64	/* ranges of /reserved-memory */
#define PGUEST_MAX_DYNAMIC	16	/* its nodes without an address */
#define PGUEST_MAX_MEMRESERVE	32	/* entries of the tree's reservation block */
#define PGUEST_MAX_POOLS	16	/* restricted-dma-pools with an address */
/* A tree beyond these is refused as a whole. */
#define PGUEST_MAX_NODES	4096
#define PGUEST_MAX_DEPTH	32

/* SWIOTLB's segment: a smaller pool has no slot to search (include/linux/swiotlb.h) */
#define PGUEST_MIN_POOL		0x40000

/**
 * struct pguest_range - a range of physical addresses
 * @start: first byte
 * @end: byte after the last; more than @start, but for a range that is empty
 */
struct pguest_range {
	u64 start, end;
};

/* The kernel, the tree, the initrd and the crash kernel's headers, besides regions */
#define PGUEST_MAX_RANGES	(PGUEST_MAX_REGIONS + 4)

/**
 * struct pguest_ranges - a list of ranges
 * @nr: their number
 * @at: the ranges, in no order
 */
struct pguest_ranges {
	unsigned int nr;
	struct pguest_range at[PGUEST_MAX_RANGES];
};

/**
 * struct pguest_facts - what is known without the device tree
 * @image: the kernel, from _text to _end
 * @tree: where the device tree is
 * @end: first address that cannot be RAM of ours
 * @page: bytes of a page
 */
struct pguest_facts {
	struct pguest_range image, tree;
	u64 end;
	u64 page;
};

/**
 * struct pguest_tree - what a device tree says of memory, as far as it is believed
 * @facts: what is known without it
 * @fdt: the tree. What is refused is overwritten with FDT_NOP
 * @say: takes a line for the log: what is refused, why, and its address
 * @address_cells: cells of an address at the root
 * @size_cells: cells of a size there
 * @ram: RAM, ranges that touch are one
 * @usable: the part of it that linux,usable-memory-range leaves, or all of it
 * @taken: what has an address and a use: the kernel, the tree, the initrd, regions
 * @pools: the restricted-dma-pools among them
 * @initrd: the initrd; empty if there is none
 * @dynamic: bytes of regions without an address
 * @nr_dynamic: their number
 * @nr_regions: ranges of regions
 * @refused: nodes and properties that were refused
 * @ram_refused: some of the RAM was refused: memblock has more than @ram
 * @initrd_refused: there was an initrd
 * @corehdr_refused: there was a crash kernel's core header
 * @kho: there were properties of a kexec handover
 * @efi: memory is what an EFI memory map says, and @ram need not be all of it
 * @stop: why the kernel cannot go on, or NULL
 * @stop_at: address that @stop is about
 */
struct pguest_tree {
	const struct pguest_facts *facts;
	void *fdt;
	void (*say)(const char *what, const char *why, u64 at);
	unsigned int address_cells, size_cells;
	struct pguest_ranges ram, usable, taken, pools;
	struct pguest_range initrd;
	u64 dynamic;
	unsigned int nr_dynamic, nr_regions, refused;
	bool ram_refused, initrd_refused, corehdr_refused, kho, efi;
	const char *stop;
	u64 stop_at;
};

void pguest_check_tree(struct pguest_tree *t);
bool pguest_ranges_hold(const struct pguest_ranges *ranges, const struct pguest_range *r);
bool pguest_ranges_meet(const struct pguest_ranges *ranges, const struct pguest_range *r);

#endif /* __ASM_PGUEST_DEVICETREE_H */
