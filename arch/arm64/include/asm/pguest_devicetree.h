/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The check of the device tree. It needs no code of the kernel but libfdt, so that the
 * boot, KUnit and a fuzzer on another machine run the same code.
 */
#ifndef __ASM_PGUEST_DEVICETREE_H
#define __ASM_PGUEST_DEVICETREE_H

#include <linux/types.h>

/*
 * Bounds on the number of ranges in a tree; more are removed. memblock has room for 128
 * regions of RAM and 128 reserved ones while the kernel boots, and loses others.
 */
#define PGUEST_MAX_RAM		64	/* ranges of RAM */
#define PGUEST_MAX_REGIONS	64	/* ranges of /reserved-memory */
#define PGUEST_MAX_DYNAMIC	16	/* its nodes without an address */
#define PGUEST_MAX_MEMRESERVE	32	/* entries of the tree's reservation block */
#define PGUEST_MAX_POOLS	16	/* restricted-dma-pools with an address */
/* Bounds on the tree itself; a larger one is refused as a whole. */
#define PGUEST_MAX_NODES	4096
#define PGUEST_MAX_DEPTH	32

/* The most that a firmware's handover (DICE) can have; a chain in use has a few KiB. */
#define PGUEST_MAX_HANDOVER	0x100000

/* A segment of SWIOTLB, the smallest pool (include/linux/swiotlb.h) */
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
 * struct pguest_facts - memory layout that is known without the device tree
 * @image: the kernel, from _text to _end
 * @tree: where the device tree is
 * @end: end of the addresses that the hypervisor protects
 * @page: bytes of a page
 * @ran_before: has a kernel run in this VM before, and reserved memory from @start on
 *		for a crash kernel? Only then can the tree be that kernel's. Called once
 */
struct pguest_facts {
	struct pguest_range image, tree;
	u64 end;
	u64 page;
	bool (*ran_before)(u64 start);
};

/**
 * struct pguest_tree - memory that a device tree describes, as far as it is accepted
 * @facts: what is known without it
 * @fdt: the tree. Refused nodes and properties are overwritten with FDT_NOP
 * @say: logs what is refused, why, and its address
 * @address_cells: cells of an address at the root
 * @size_cells: cells of a size there
 * @ram: RAM, ranges that touch are one
 * @usable: the part of it that linux,usable-memory-range leaves, or all of it
 * @taken: ranges in use: the kernel, the tree, the initrd, regions
 * @pools: the restricted-dma-pools among them
 * @initrd: the initrd; empty if there is none
 * @handover: where the firmware hands over secrets (google,open-dice); likewise
 * @dynamic: bytes of regions without an address
 * @nr_dynamic: their number
 * @nr_regions: ranges of regions
 * @refused: nodes and properties that were refused
 * @ram_refused: RAM was refused, and memblock has more than @ram
 * @initrd_refused: the initrd was refused
 * @corehdr_refused: linux,elfcorehdr was refused
 * @kho: there were properties of a kexec handover
 * @crash: this is a crash kernel, and @usable is what it may use of @ram
 * @efi: there is an EFI memory map, which may describe more RAM than @ram
 * @stop: why the kernel cannot go on, or NULL
 * @stop_at: address that @stop is about
 */
struct pguest_tree {
	const struct pguest_facts *facts;
	void *fdt;
	void (*say)(const char *what, const char *why, u64 at);
	unsigned int address_cells, size_cells;
	struct pguest_ranges ram, usable, taken, pools;
	struct pguest_range initrd, handover;
	u64 dynamic;
	unsigned int nr_dynamic, nr_regions, refused;
	bool ram_refused, initrd_refused, corehdr_refused, kho, crash, efi;
	const char *stop;
	u64 stop_at;
};

void pguest_check_tree(struct pguest_tree *t);
bool pguest_ranges_hold(const struct pguest_ranges *ranges, const struct pguest_range *r);
bool pguest_ranges_meet(const struct pguest_ranges *ranges, const struct pguest_range *r);

#endif /* __ASM_PGUEST_DEVICETREE_H */
