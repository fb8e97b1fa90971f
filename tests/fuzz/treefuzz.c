// SPDX-License-Identifier: GPL-2.0-only
/*
 * The check of the device tree (arch/arm64/mm/check_devicetree.c) against trees that lie.
 *
 *	treefuzz run FIRST COUNT	cases FIRST and up, as records for scripts/pguest/fuzz_check.py
 *	treefuzz show CASE		the lines of one, for the monitor's option fdt_patch=
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/libfdt.h>

#include <asm/pguest_devicetree.h>
#include "lies.h"

#define RAM		0x42000000UL
#define RAM_SIZE	0x10000000UL
#define MAX_TREE	0x200000	/* MAX_FDT_SIZE of the kernel */

enum { ACCEPTED, STOPPED };

/* One case; behind it come the ranges of RAM, the tree, and what became of it if that is not the same. */
struct record {
	u64 number, image, image_end, tree, tree_end, end, page;
	u32 verdict, size, changed, ram_refused, initrd_refused, nr_ram, refused, pad;
};

static u32 said;

static void say(const char *what, const char *why, u64 at)
{
	if (!what || !*why)
		abort();
	said++;
}

/* What a tree may say if a kernel has run before is more than what it may say if none has. */
static bool ran_before(u64 start)
{
	return true;
}

static struct layout make_layout(u64 number)
{
	return (struct layout){
		.ram = RAM, .ram_end = RAM + RAM_SIZE,
		.image = RAM, .image_end = RAM + 0x800000,
		.initrd = RAM + 0x4000000, .initrd_end = RAM + 0x4800123,
		.dtb = RAM + 0x5000000,
		.half = number & 1 ? 1UL << 39 : 0,
	};
}

static void put(const void *data, size_t size)
{
	if (fwrite(data, 1, size, stdout) != size)
		exit(1);
}

static void put_record(const struct record *r, const struct pguest_tree *t, const void *before, const void *after)
{
	put(r, sizeof(*r));
	put(t->ram.at, r->nr_ram * sizeof(t->ram.at[0]));
	put(before, r->size);
	if (r->changed)
		put(after, r->size);
}

/* As the kernel would: it has looked at the header and the size before. */
static bool is_case(const void *fdt, size_t size)
{
	return !fdt_check_header(fdt) && fdt_totalsize(fdt) == size && size <= MAX_TREE;
}

static void check(u64 number, void *fdt, size_t size, const struct layout *where)
{
	static const u64 pages[] = { 0x1000, 0x1000, 0x10000, 0x4000 };
	struct pguest_facts facts = {
		.image	= { where->image, where->image_end },
		.tree	= { where->dtb, where->dtb + size },
		.end	= where->half ? where->half : 1UL << 48,
		.page	= pages[number >> 1 & 3],
		.ran_before = ran_before,
	};
	struct pguest_tree t = { .facts = &facts, .fdt = fdt, .say = say };
	void *before = malloc(size);
	struct record r;

	memcpy(before, fdt, size);
	said = 0;
	pguest_check_tree(&t);
	if (said != t.refused)
		abort();
	r = (struct record){
		.number = number, .image = facts.image.start, .image_end = facts.image.end,
		.tree = facts.tree.start, .tree_end = facts.tree.end, .end = facts.end, .page = facts.page,
		.verdict = t.stop ? STOPPED : ACCEPTED, .size = size,
		.changed = !t.stop && memcmp(before, fdt, size), .ram_refused = t.ram_refused,
		.initrd_refused = t.initrd_refused, .nr_ram = t.stop ? 0 : t.ram.nr, .refused = t.refused,
	};
	put_record(&r, &t, before, fdt);
	free(before);
}

static void run(u64 number, u64 count)
{
	while (count) {
		struct layout where = make_layout(number);
		size_t size;
		void *fdt = lies_apply(lies_make(number), &where, &size);

		if (fdt && is_case(fdt, size)) {
			check(number, fdt, size, &where);
			count--;
		}
		free(fdt);
		number++;
	}
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "run")) {
		run(strtoull(argv[2], NULL, 0), strtoull(argv[3], NULL, 0));
	} else if (argc == 3 && !strcmp(argv[1], "show")) {
		fputs(lies_make(strtoull(argv[2], NULL, 0)), stdout);
	} else {
		fputs("usage: treefuzz run FIRST COUNT | treefuzz show CASE\n", stderr);
		return 2;
	}
	return 0;
}
