// SPDX-License-Identifier: GPL-2.0-only
/*
 * The check of all memory that the device tree describes, before the tree is used.
 *
 * The host writes the tree. If two uses of memory overlap, or RAM is outside of what
 * the hypervisor protects, code that shares the one memory shares the other as well. So
 * each range gets one use: the kernel's own ranges come first, and what conflicts with
 * an earlier range is removed from the tree, so that its later readers do not find it.
 *
 * Properties are read as drivers/of/fdt.c and of_reserved_mem.c read them, by the same
 * functions of libfdt. This file uses no other code of the kernel: see
 * asm/pguest_devicetree.h.
 */
#include <linux/kernel.h>
#include <linux/libfdt.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include <asm/pguest_devicetree.h>

#define MAX_REGS	8		/* ranges of one region */
#define MAX_ALIGNMENT	0x40000000
#define MAX_COREHDR	0x100000

/* EFI's memory map: a descriptor has 40 bytes or more (UEFI 2.10, 7.2.3). */
#define EFI_DESC_MIN	40
#define EFI_DESC_MAX	512
#define EFI_MAP_MAX	(512ULL << 10)

static bool ranges_overlap(const struct pguest_range *a, const struct pguest_range *b)
{
	return a->start < b->end && b->start < a->end;
}

/**
 * pguest_ranges_hold() - is a range inside a range of a list?
 * @ranges: the list
 * @r: the range
 *
 * Context: Any.
 * Return: true if it is.
 */
bool pguest_ranges_hold(const struct pguest_ranges *ranges, const struct pguest_range *r)
{
	unsigned int i;

	for (i = 0; i < ranges->nr; i++) {
		if (r->start >= ranges->at[i].start && r->end <= ranges->at[i].end)
			return true;
	}
	return false;
}

/**
 * pguest_ranges_meet() - does a range overlap a range of a list?
 * @ranges: the list
 * @r: the range
 *
 * Context: Any.
 * Return: true if it does.
 */
bool pguest_ranges_meet(const struct pguest_ranges *ranges, const struct pguest_range *r)
{
	unsigned int i;

	for (i = 0; i < ranges->nr; i++) {
		if (ranges_overlap(r, &ranges->at[i]))
			return true;
	}
	return false;
}

/* Add a range, merged with those that it touches; false if there is no room. */
static bool ranges_merge(struct pguest_ranges *ranges, struct pguest_range r, unsigned int most)
{
	unsigned int i = 0;

	while (i < ranges->nr) {
		struct pguest_range *old = &ranges->at[i];

		if (r.start > old->end || r.end < old->start) {
			i++;
			continue;
		}
		r.start = min(r.start, old->start);
		r.end = max(r.end, old->end);
		*old = ranges->at[--ranges->nr];
		i = 0;
	}
	if (ranges->nr >= most)
		return false;
	ranges->at[ranges->nr++] = r;
	return true;
}

static void take_range(struct pguest_tree *t, const struct pguest_range *r)
{
	if (t->taken.nr < PGUEST_MAX_RANGES)
		t->taken.at[t->taken.nr++] = *r;
}

static void tree_stop(struct pguest_tree *t, const char *why, u64 at)
{
	if (t->stop)
		return;
	t->stop = why;
	t->stop_at = at;
}

static void tree_refuse(struct pguest_tree *t, const char *what, const char *why, u64 at)
{
	t->refused++;
	t->say(what, why, at);
}

/* Remove all properties of this name: a second one would take the place of the first. */
static void drop_property(struct pguest_tree *t, int node, const char *name)
{
	while (fdt_getprop(t->fdt, node, name, NULL)) {
		if (fdt_nop_property(t->fdt, node, name))
			return;
	}
}

/* --- structure ------------------------------------------------------------- */

/* Properties that the kernel reads as strings, up to the next zero byte */
static bool is_text(const char *name)
{
	static const char * const texts[] = {
		"compatible", "device_type", "status", "method", "enable-method", "model",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		if (!strcmp(name, texts[i]))
			return true;
	}
	return false;
}

static bool property_sound(const struct pguest_tree *t, int offset)
{
	const char *name, *value;
	int len;

	value = fdt_getprop_by_offset(t->fdt, offset, &name, &len);
	if (!value || !name || len < 0)
		return false;
	return !is_text(name) || (len && !value[len - 1]);
}

static bool properties_sound(const struct pguest_tree *t, int node)
{
	int offset;

	fdt_for_each_property_offset(offset, t->fdt, node) {
		if (!property_sound(t, offset))
			return false;
	}
	return offset == -FDT_ERR_NOTFOUND;
}

/*
 * The blocks must have the order in which libfdt and dtc write them, and must not
 * overlap: a change of one must not change another.
 */
static bool blocks_sound(const void *fdt)
{
	u64 rsvmap = fdt_off_mem_rsvmap(fdt), structure = fdt_off_dt_struct(fdt);
	int n;

	if (rsvmap % 8 || structure % 4 || rsvmap < sizeof(struct fdt_header))
		return false;
	n = fdt_num_mem_rsv(fdt);
	return n >= 0 &&
	       rsvmap + (n + 1ULL) * sizeof(struct fdt_reserve_entry) <= structure &&
	       structure + fdt_size_dt_struct(fdt) <= fdt_off_dt_strings(fdt);
}

static void check_structure(struct pguest_tree *t)
{
	int node, depth = 0, nodes = 0;
	const char *name;

	/* Older versions have another layout of names and values. */
	if (fdt_version(t->fdt) < 17)
		return tree_stop(t, "the device tree is too old", fdt_version(t->fdt));
	if (!blocks_sound(t->fdt))
		return tree_stop(t, "the device tree is broken", 0);

	for (node = 0; node >= 0 && depth >= 0; node = fdt_next_node(t->fdt, node, &depth)) {
		name = fdt_get_name(t->fdt, node, NULL);
		if (++nodes > PGUEST_MAX_NODES || depth > PGUEST_MAX_DEPTH)
			return tree_stop(t, "the device tree is too large", nodes);
		/* Only the root has no name. */
		if (!name || !name[0] != !node || !properties_sound(t, node))
			return tree_stop(t, "the device tree is broken", node);
	}
	if (depth >= 0)
		tree_stop(t, "the device tree is broken", nodes);
}

/* Required, because the defaults depend on the kernel. */
static unsigned int root_cells(struct pguest_tree *t, const char *name)
{
	int len;
	const fdt32_t *p = fdt_getprop(t->fdt, 0, name, &len);
	unsigned int value = p && len == sizeof(*p) ? fdt32_to_cpu(*p) : 0;

	if (value != 1 && value != 2)
		tree_stop(t, "the device tree's addresses make no sense", value);
	return value;
}

/* --- values ---------------------------------------------------------------- */

static u64 cells_value(const fdt32_t *p, unsigned int cells)
{
	u64 value = fdt32_to_cpu(p[0]);

	return cells == 2 ? value << 32 | fdt32_to_cpu(p[1]) : value;
}

/* A property that is one number of 32 or 64 bits */
static bool get_number(const struct pguest_tree *t, int node, const char *name, u64 *value)
{
	int len;
	const fdt32_t *p = fdt_getprop(t->fdt, node, name, &len);

	if (!p || (len != 4 && len != 8))
		return false;
	*value = cells_value(p, len / 4);
	return true;
}

static int entry_cells(const struct pguest_tree *t)
{
	return t->address_cells + t->size_cells;
}

/* The range of an entry. One that exceeds the last address ends there. */
static struct pguest_range entry_range(const struct pguest_tree *t, const fdt32_t *p)
{
	u64 start = cells_value(p, t->address_cells);
	u64 size = cells_value(p + t->address_cells, t->size_cells);

	return (struct pguest_range){ start, start + size < start ? ~0ULL : start + size };
}

static struct pguest_range whole_pages(const struct pguest_tree *t, struct pguest_range r)
{
	u64 mask = t->facts->page - 1;

	r.start &= ~mask;
	r.end = r.end > ~mask ? ~0ULL : (r.end + mask) & ~mask;
	return r;
}

static bool is_protected(const struct pguest_tree *t, const struct pguest_range *r)
{
	return r->start < r->end && r->end <= t->facts->end;
}

/* With EFI, RAM is known only when the EFI memory map has been read. */
static bool is_tree_ram(const struct pguest_tree *t, const struct pguest_range *r)
{
	return t->efi || pguest_ranges_hold(&t->usable, r);
}

/* As Linux compares them: upper and lower case are the same. */
static bool is_compatible(const struct pguest_tree *t, int node, const char *wanted)
{
	const char *name;
	int i;

	for (i = 0; (name = fdt_stringlist_get(t->fdt, node, "compatible", i, NULL)); i++) {
		if (!strcasecmp(name, wanted))
			return true;
	}
	return false;
}

static bool node_available(const struct pguest_tree *t, int node)
{
	int len;
	const char *status = fdt_getprop(t->fdt, node, "status", &len);

	return !status || !strcmp(status, "ok") || !strcmp(status, "okay");
}

/* --- RAM ------------------------------------------------------------------- */

static void add_ram(struct pguest_tree *t, struct pguest_range r)
{
	u64 mask = t->facts->page - 1, end = t->facts->end, at = r.start;
	const char *why = NULL;

	if (r.end > end) {
		why = "is outside of what is protected";
		at = max(r.start, end);
	}
	r.start = min(r.start, end);
	r.end = min(r.end, end) & ~mask;
	r.start = (r.start + mask) & ~mask;
	if (r.start < r.end && !ranges_merge(&t->ram, r, PGUEST_MAX_RAM))
		why = "is one range too many";
	if (why) {
		tree_refuse(t, "RAM", why, at);
		t->ram_refused = true;
	}
}

static void read_memory_node(struct pguest_tree *t, int node)
{
	int len, cells = entry_cells(t);
	const fdt32_t *p = fdt_getprop(t->fdt, node, "linux,usable-memory", &len);

	if (!p)
		p = fdt_getprop(t->fdt, node, "reg", &len);
	if (!p)
		return;
	for (len /= 4; len >= cells; len -= cells, p += cells) {
		struct pguest_range r = entry_range(t, p);

		if (r.start < r.end)
			add_ram(t, r);
	}
}

static void read_memory(struct pguest_tree *t)
{
	const char *type;
	int node;

	fdt_for_each_subnode(node, t->fdt, 0) {
		type = fdt_getprop(t->fdt, node, "device_type", NULL);
		if (type && !strcmp(type, "memory") && node_available(t, node))
			read_memory_node(t, node);
	}
}

/* Memory of a crash kernel: one or two ranges of RAM, with the kernel and the tree */
static bool usable_ranges(const struct pguest_tree *t, int chosen, struct pguest_ranges *usable)
{
	int len, cells = entry_cells(t);
	const fdt32_t *p = fdt_getprop(t->fdt, chosen, "linux,usable-memory-range", &len);
	int n = p ? len / 4 / cells : 0;

	usable->nr = 0;
	if (!n || n > 2 || len != n * 4 * cells)
		return false;
	for (; n; n--, p += cells) {
		struct pguest_range r = entry_range(t, p);

		if (!is_protected(t, &r) || (!t->efi && !pguest_ranges_hold(&t->ram, &r)))
			return false;
		ranges_merge(usable, r, PGUEST_MAX_RAM);
	}
	return pguest_ranges_hold(usable, &t->facts->image) &&
	       pguest_ranges_hold(usable, &t->facts->tree);
}

static u64 first_usable(const struct pguest_tree *t, int chosen)
{
	return cells_value(fdt_getprop(t->fdt, chosen, "linux,usable-memory-range", NULL),
			   t->address_cells);
}

/*
 * Only a crash kernel has linux,usable-memory-range, in the tree that the kernel before it
 * has made. The host could write it into the first tree of the VM: then the kernel would
 * take memory that the host has filled for that of a kernel that crashed.
 */
static void check_usable(struct pguest_tree *t, int chosen)
{
	const char *why = NULL;

	t->usable = t->ram;
	if (chosen < 0 || !fdt_getprop(t->fdt, chosen, "linux,usable-memory-range", NULL))
		return;
	if (!usable_ranges(t, chosen, &t->usable))
		why = "is not RAM with the kernel in it";
	else if (!t->facts->ran_before(first_usable(t, chosen)))
		why = "is not from a kernel that has run before";
	t->crash = !why;
	if (t->crash)
		return;
	t->usable = t->ram;
	t->ram_refused = true;
	drop_property(t, chosen, "linux,usable-memory-range");
	tree_refuse(t, "linux,usable-memory-range", why, 0);
}

static void check_kernel(struct pguest_tree *t)
{
	const struct pguest_facts *f = t->facts;

	if (!is_tree_ram(t, &f->image))
		tree_stop(t, "the kernel is not in what is said to be RAM", f->image.start);
	if (!is_tree_ram(t, &f->tree))
		tree_stop(t, "the device tree is not in what is said to be RAM", f->tree.start);
	if (ranges_overlap(&f->image, &f->tree))
		tree_stop(t, "the device tree overlaps the kernel", f->tree.start);
	take_range(t, &f->image);
	take_range(t, &f->tree);
}

/* --- /chosen --------------------------------------------------------------- */

static void check_initrd(struct pguest_tree *t, int chosen)
{
	struct pguest_range pages;
	u64 start, end;

	if (!fdt_getprop(t->fdt, chosen, "linux,initrd-start", NULL) ||
	    !fdt_getprop(t->fdt, chosen, "linux,initrd-end", NULL))
		return;
	if (get_number(t, chosen, "linux,initrd-start", &start) &&
	    get_number(t, chosen, "linux,initrd-end", &end)) {
		if (start == end)
			return;
		t->initrd = (struct pguest_range){ start, end };
		pages = whole_pages(t, t->initrd);
		/* Linux adds all pages of the initrd to RAM. */
		if (is_protected(t, &t->initrd) && is_tree_ram(t, &pages) &&
		    !pguest_ranges_meet(&t->taken, &t->initrd)) {
			take_range(t, &t->initrd);
			return;
		}
	} else {
		start = 0;
	}
	t->initrd = (struct pguest_range){ 0, 0 };
	t->initrd_refused = true;
	drop_property(t, chosen, "linux,initrd-start");
	drop_property(t, chosen, "linux,initrd-end");
	tree_refuse(t, "the initrd", "overlaps what is not its own, or is not in RAM", start);
}

static bool corehdr_fits(struct pguest_tree *t, int chosen)
{
	int len;
	const fdt32_t *p = fdt_getprop(t->fdt, chosen, "linux,elfcorehdr", &len);
	struct pguest_range r;

	if (!t->crash || len != 4 * entry_cells(t))
		return false;
	r = entry_range(t, p);
	if (!is_protected(t, &r) || r.end - r.start > MAX_COREHDR || !is_tree_ram(t, &r) ||
	    pguest_ranges_meet(&t->taken, &r))
		return false;
	take_range(t, &r);
	return true;
}

static void check_corehdr(struct pguest_tree *t, int chosen)
{
	if (!fdt_getprop(t->fdt, chosen, "linux,elfcorehdr", NULL) || corehdr_fits(t, chosen))
		return;
	t->corehdr_refused = true;
	drop_property(t, chosen, "linux,elfcorehdr");
	tree_refuse(t, "linux,elfcorehdr", "is not that of a crash kernel", 0);
}

static const char * const efi_words[] = {
	"linux,uefi-system-table", "linux,uefi-mmap-start", "linux,uefi-mmap-size",
	"linux,uefi-mmap-desc-size", "linux,uefi-mmap-desc-ver", "linux,uefi-secure-boot",
};

static bool efi_fits(const struct pguest_tree *t, int chosen)
{
	u64 table, start, size, each;
	struct pguest_range map;

	if (!get_number(t, chosen, efi_words[0], &table) ||
	    !get_number(t, chosen, efi_words[1], &start) ||
	    !get_number(t, chosen, efi_words[2], &size) ||
	    !get_number(t, chosen, efi_words[3], &each))
		return false;
	if (each < EFI_DESC_MIN || each > EFI_DESC_MAX || !size || size > EFI_MAP_MAX ||
	    size % each)
		return false;
	map = (struct pguest_range){ start, start + size };
	return table && table < t->facts->end && is_protected(t, &map) &&
	       !ranges_overlap(&map, &t->facts->image) &&
	       (table < t->facts->image.start || table >= t->facts->image.end);
}

static void check_efi(struct pguest_tree *t, int chosen)
{
	unsigned int i;

	if (!fdt_getprop(t->fdt, chosen, efi_words[0], NULL))
		return;
	t->efi = efi_fits(t, chosen);
	if (t->efi)
		return;
	for (i = 0; i < ARRAY_SIZE(efi_words); i++)
		drop_property(t, chosen, efi_words[i]);
	tree_refuse(t, "linux,uefi-system-table", "does not come with a memory map", 0);
}

/*
 * The properties "linux,*" of /chosen that are accepted. The others hand memory over
 * from another kernel, or are unknown.
 */
static bool known_word(const char *name)
{
	static const char * const words[] = {
		"linux,initrd-start", "linux,initrd-end", "linux,stdout-path",
		"linux,elfcorehdr", "linux,usable-memory-range", "linux,pci-probe-only",
		"linux,booted-from-kexec",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(name, words[i]))
			return true;
	}
	for (i = 0; i < ARRAY_SIZE(efi_words); i++) {
		if (!strcmp(name, efi_words[i]))
			return true;
	}
	return strncmp(name, "linux,", 6);
}

static void drop_unknown_words(struct pguest_tree *t, int chosen)
{
	const char *name;
	int offset, next;

	for (offset = fdt_first_property_offset(t->fdt, chosen); offset >= 0; offset = next) {
		next = fdt_next_property_offset(t->fdt, offset);
		if (!fdt_getprop_by_offset(t->fdt, offset, &name, NULL) || known_word(name))
			continue;
		t->kho |= !strncmp(name, "linux,kho-", 10);
		tree_refuse(t, name, "is not known", 0);
		drop_property(t, chosen, name);
	}
}

static bool is_named(const struct pguest_tree *t, int node, const char *wanted)
{
	const char *name = fdt_get_name(t->fdt, node, NULL);
	size_t len = strlen(wanted);

	return name && !strncmp(name, wanted, len) && (!name[len] || name[len] == '@');
}

/*
 * Check all nodes of these names: with two of them, readers of the flat tree and of the
 * unflattened one may use different ones.
 */
static void check_root(struct pguest_tree *t)
{
	int node, next;

	for (node = fdt_first_subnode(t->fdt, 0); node >= 0; node = next) {
		next = fdt_next_subnode(t->fdt, node);
		if (is_named(t, node, "chosen"))
			drop_unknown_words(t, node);
		/* Xen's interface shares memory without these checks. */
		if (is_named(t, node, "hypervisor") &&
		    (is_compatible(t, node, "xen,xen") ||
		     fdt_subnode_offset(t->fdt, node, "uefi") >= 0)) {
			tree_refuse(t, "/hypervisor", "is Xen's", 0);
			fdt_nop_node(t->fdt, node);
		}
	}
}

static int find_chosen(const struct pguest_tree *t)
{
	int node = fdt_path_offset(t->fdt, "/chosen");

	return node >= 0 ? node : fdt_path_offset(t->fdt, "/chosen@0");
}

/* --- /reserved-memory --------------------------------------------------- */

static bool has_property(const struct pguest_tree *t, int node, const char *name)
{
	return fdt_getprop(t->fdt, node, name, NULL);
}

static bool is_pool(const struct pguest_tree *t, int node)
{
	return is_compatible(t, node, "restricted-dma-pool");
}

static bool is_handover(const struct pguest_tree *t, int node)
{
	return is_compatible(t, node, "google,open-dice");
}

/* Regions that the kernel uses; it only avoids the others */
static bool is_used(const struct pguest_tree *t, int node)
{
	return is_pool(t, node) || is_handover(t, node) || has_property(t, node, "reusable");
}

static bool pool_is_odd(const struct pguest_tree *t, int node, u64 size)
{
	return size < PGUEST_MIN_POOL ||
	       has_property(t, node, "no-map") ||
	       has_property(t, node, "reusable") ||
	       has_property(t, node, "linux,cma-default") ||
	       has_property(t, node, "linux,dma-default");
}

/* The kernel writes there, so that it must not be of use to anything else. */
static bool handover_is_odd(const struct pguest_tree *t, int node, u64 size)
{
	return t->handover.end || size > PGUEST_MAX_HANDOVER ||
	       !has_property(t, node, "no-map") || has_property(t, node, "reusable") ||
	       is_pool(t, node);
}

/* Why a range of a region is refused, NULL if it is accepted */
static const char *check_range(struct pguest_tree *t, int node, struct pguest_range *r)
{
	/* The slots of a pool would not be aligned to pages; a handover is mapped as such. */
	if ((is_pool(t, node) || is_handover(t, node)) &&
	    (r->start | r->end) & (t->facts->page - 1))
		return "is not made of whole pages";
	if (is_used(t, node))
		*r = whole_pages(t, *r);
	if (!is_protected(t, r))
		return "is outside of what is protected";
	if (pguest_ranges_meet(&t->taken, r))
		return "overlaps what is in use";
	if (is_used(t, node) && !is_tree_ram(t, r))
		return "is not in RAM";
	if (is_pool(t, node) &&
	    (pool_is_odd(t, node, r->end - r->start) || t->pools.nr >= PGUEST_MAX_POOLS))
		return "is no pool that can be used";
	if (is_handover(t, node) && handover_is_odd(t, node, r->end - r->start))
		return "is no handover that can be used";
	if (t->nr_regions >= PGUEST_MAX_REGIONS)
		return "is one too many";
	return NULL;
}

/* Accept all ranges of a node, or none of them. */
static const char *check_ranges(struct pguest_tree *t, int node, const fdt32_t *p, int len,
				u64 *at)
{
	unsigned int taken = t->taken.nr, regions = t->nr_regions;
	int cells = entry_cells(t), n = len / 4 / cells;
	const char *why = NULL;
	struct pguest_range r = { };

	if (!n || len != n * 4 * cells || n > MAX_REGS || (n > 1 && is_used(t, node)))
		return "has ranges that make no sense";
	for (; n; n--, p += cells) {
		r = entry_range(t, p);
		*at = r.start;
		if (r.start == r.end && !is_used(t, node))
			continue;
		why = check_range(t, node, &r);
		if (why)
			break;
		take_range(t, &r);
		t->nr_regions++;
	}
	if (why) {
		t->taken.nr = taken;
		t->nr_regions = regions;
	} else if (is_pool(t, node)) {
		t->pools.at[t->pools.nr++] = r;
	} else if (is_handover(t, node)) {
		t->handover = r;
	}
	return why;
}

static u64 bytes_of_ram(const struct pguest_tree *t)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < t->usable.nr; i++)
		sum += t->usable.at[i].end - t->usable.at[i].start;
	return sum;
}

/* A region without an address: Linux places it, so it cannot overlap others. */
static const char *check_dynamic(struct pguest_tree *t, int node)
{
	int len;
	const fdt32_t *p = fdt_getprop(t->fdt, node, "size", &len);
	u64 size, align = 1, most = bytes_of_ram(t) / 2;

	if (len != 4 * (int)t->size_cells)
		return "has no size that makes sense";
	size = cells_value(p, t->size_cells);
	p = fdt_getprop(t->fdt, node, "alignment", &len);
	if (p) {
		if (len != 4 * (int)t->address_cells)
			return "has no alignment that makes sense";
		align = cells_value(p, t->address_cells);
	}
	if (!size || align & (align - 1) || align > MAX_ALIGNMENT)
		return "has no size that makes sense";
	if (!t->efi && (size > most || t->dynamic > most - size))
		return "is too large";
	if (is_pool(t, node) && pool_is_odd(t, node, size))
		return "is no pool that can be used";
	/* The kernel places it, so that no firmware has written there. */
	if (is_handover(t, node))
		return "is no handover that can be used";
	if (t->nr_dynamic >= PGUEST_MAX_DYNAMIC)
		return "is one too many";
	t->dynamic += size;
	t->nr_dynamic++;
	return NULL;
}

static void check_region(struct pguest_tree *t, int node)
{
	const char *why = NULL;
	const fdt32_t *reg;
	u64 at = 0;
	int len;

	if (!node_available(t, node))
		return;
	reg = fdt_getprop(t->fdt, node, "reg", &len);
	if (reg)
		why = check_ranges(t, node, reg, len, &at);
	else if (has_property(t, node, "size"))
		why = check_dynamic(t, node);
	if (!why)
		return;
	tree_refuse(t, fdt_get_name(t->fdt, node, NULL), why, at);
	fdt_nop_node(t->fdt, node);
}

static bool same_cells(const struct pguest_tree *t, int node, const char *name,
		       unsigned int wanted)
{
	int len;
	const fdt32_t *p = fdt_getprop(t->fdt, node, name, &len);

	return p && len == 4 && fdt32_to_cpu(*p) == wanted;
}

static void check_reserved(struct pguest_tree *t)
{
	int root = fdt_path_offset(t->fdt, "/reserved-memory"), node, next;

	/* Linux ignores the node in other cases. */
	if (root < 0 || !same_cells(t, root, "#size-cells", t->size_cells) ||
	    !same_cells(t, root, "#address-cells", t->address_cells) ||
	    !has_property(t, root, "ranges"))
		return;
	for (node = fdt_first_subnode(t->fdt, root); node >= 0; node = next) {
		next = fdt_next_subnode(t->fdt, node);
		check_region(t, node);
	}
}

/* Cut the list off by an entry of zeroes, which ends it. */
static void check_memreserve(struct pguest_tree *t)
{
	int n = fdt_num_mem_rsv(t->fdt);
	u8 *entries = (u8 *)t->fdt + fdt_off_mem_rsvmap(t->fdt);

	if (n <= PGUEST_MAX_MEMRESERVE)
		return;
	memset(entries + PGUEST_MAX_MEMRESERVE * sizeof(struct fdt_reserve_entry), 0,
	       sizeof(struct fdt_reserve_entry));
	tree_refuse(t, "/memreserve/", "has entries too many", n);
}

/**
 * pguest_check_tree() - check all memory that the device tree describes
 * @t: the caller sets facts, fdt and say; all else is overwritten. The tree must be
 *     writable, and its header and size must have been checked
 *
 * If stop is not NULL afterwards, the tree must not be used.
 *
 * Context: Any.
 */
void pguest_check_tree(struct pguest_tree *t)
{
	int chosen;

	*t = (struct pguest_tree){ .facts = t->facts, .fdt = t->fdt, .say = t->say };
	/* The host could change a tree in shared memory while it is read. */
	if (!is_protected(t, &t->facts->tree))
		return tree_stop(t, "the device tree is outside of what is protected",
			    t->facts->tree.start);
	check_structure(t);
	if (t->stop)
		return;
	t->address_cells = root_cells(t, "#address-cells");
	t->size_cells = root_cells(t, "#size-cells");
	if (t->stop)
		return;
	check_memreserve(t);
	check_root(t);
	chosen = find_chosen(t);
	read_memory(t);
	if (chosen >= 0)
		check_efi(t, chosen);
	check_usable(t, chosen);
	check_kernel(t);
	if (t->stop)
		return;
	if (chosen >= 0) {
		check_initrd(t, chosen);
		check_corehdr(t, chosen);
	}
	check_reserved(t);
}
