// SPDX-License-Identifier: GPL-2.0-only
/*
 * Option acpi=1: the guest is entered as EFI's boot stub enters a kernel, with a device tree that has /chosen alone
 * (Documentation/arch/arm/uefi.rst): system table, memory map, and QEMU's own ACPI tables, which a firmware would
 * have by fw_cfg (QEMU's docs/specs/fw_cfg.rst, hw/acpi/bios-linker-loader.c). As in the device tree, the SMMU and
 * all that shows EL2 is taken out of them.
 */
#include <string.h>
#include <libfdt.h>
#include "acpi.h"
#include "options.h"
#include "tree.h"

#define FW_CFG_DATA		FW_CFG_BASE
#define FW_CFG_SELECTOR		(FW_CFG_BASE + 8)
#define FW_CFG_DIRECTORY	0x19

#define NAME		56
#define COMMAND		128
#define MAX_FILES	4
#define MAX_COMMANDS	256

/* An entry of the directory; numbers are big-endian */
struct entry {
	u32 size;
	u16 key, reserved;
	char name[NAME];
};

enum { ALLOCATE = 1, ADD_POINTER, ADD_CHECKSUM };

struct command {
	u32 what;
	union {
		struct {
			char file[NAME];
			u32 align;
		} __attribute__((packed)) allocate;
		struct {
			char file[NAME], to[NAME];
			u32 offset;
			u8 size;
		} __attribute__((packed)) pointer;
		struct {
			char file[NAME];
			u32 offset, start, length;
		} __attribute__((packed)) checksum;
		u8 bytes[COMMAND - 4];
	};
} __attribute__((packed));

_Static_assert(sizeof(struct entry) == 64, "fw_cfg");
_Static_assert(sizeof(struct command) == COMMAND, "bios-linker-loader");

static struct file {
	char name[NAME];
	u8 *at;
	u32 size;
} files[MAX_FILES];
static u32 nr_files;

/* UEFI 2.10: 4.3, 4.6, 7.2 */
struct system_table {
	u64 signature;
	u32 revision, size, crc, reserved;
	u64 vendor;
	u32 vendor_revision, pad;
	u64 consoles[6], runtime, boot, nr_tables, tables;
};

struct configuration {
	u8 guid[16];
	u64 table;
};

struct memory {
	u32 type, pad;
	u64 start, virtual, pages, attributes;
};

enum { CONVENTIONAL = 7, ACPI_RECLAIM = 9, ACPI_NVS };

#define WRITE_BACK	8UL
#define SEED_SIZE	64
#define REGIONS		6
#define LIES_SIZE	(2 * PAGE)

_Static_assert(sizeof(struct system_table) == 120, "UEFI 4.3");
_Static_assert(sizeof(struct memory) == 40, "UEFI 7.2");

static const u8 acpi_20[16] = {
	0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11, 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81,
};

/* Which services the firmware has when the kernel runs: none (UEFI 4.6.2) */
static const u8 runtime_properties[16] = {
	0x8a, 0x91, 0x66, 0xeb, 0xef, 0x7e, 0x2a, 0x40, 0x84, 0x2e, 0x93, 0x1d, 0x21, 0xc3, 0x8a, 0xe9,
};

struct runtime {
	u16 version, length;
	u32 supported;
};

/* What Linux's boot stub adds: where the kernel writes down what the next one must leave alone (linux/efi.h) */
static const u8 memory_reserved[16] = {
	0xc6, 0xb0, 0x8e, 0x88, 0xde, 0x8e, 0xf5, 0x4f, 0xa8, 0xf0, 0x9a, 0xee, 0x5c, 0xb9, 0x77, 0xc2,
};

/* Random numbers for the kernel, which the boot stub gets from the firmware (linux/efi.h) */
static const u8 random_seed[16] = {
	0xbc, 0xe5, 0xe1, 0x1c, 0xeb, 0x7c, 0xf2, 0x42, 0x81, 0xe5, 0x8a, 0xad, 0xf1, 0x80, 0xf5, 0x7b,
};

struct seed {
	u32 size;
	u8 bits[SEED_SIZE];
};

struct reserved {
	u32 size, count;
	u64 next;
	struct span list[];
};

enum { ACPI, RUNTIME, RESERVED, SEED, TABLES };

static struct span area;	/* where all of this is, behind the device tree */

/* --- fw_cfg ------------------------------------------------------------- */

static void fw_cfg_select(u16 key)
{
	device_write(FW_CFG_SELECTOR, 1, __builtin_bswap16(key));
}

static void fw_cfg_read(void *to, u32 size)
{
	for (u8 *p = to; size; size--)
		*p++ = device_read(FW_CFG_DATA, 0);
}

static u32 fw_cfg_open(const char *name)
{
	struct entry e;
	u32 n;

	fw_cfg_select(FW_CFG_DIRECTORY);
	fw_cfg_read(&n, sizeof(n));
	for (n = __builtin_bswap32(n); n; n--) {
		fw_cfg_read(&e, sizeof(e));
		if (strcmp(e.name, name))
			continue;
		fw_cfg_select(__builtin_bswap16(e.key));
		return __builtin_bswap32(e.size);
	}
	fail("acpi: QEMU has no %s", name);
}

/* --- the linker's script ------------------------------------------------ */

static struct file *find_file(const char *name)
{
	for (u32 i = 0; i < nr_files; i++)
		if (!strcmp(files[i].name, name))
			return &files[i];
	fail("acpi: no file %s", name);
}

static u8 *in_file(const char *name, u32 offset, u32 size)
{
	struct file *f = find_file(name);

	if (offset > f->size || size > f->size - offset)
		fail("acpi: %s has no offset %u", name, offset);
	return f->at + offset;
}

static void load_file(const char *name, u32 align)
{
	struct file *f = &files[nr_files++];

	if (nr_files > MAX_FILES || strlen(name) >= NAME)
		fail("acpi: too many files");
	memcpy(f->name, name, strlen(name) + 1);
	f->size = fw_cfg_open(name);
	f->at = acpi_room(f->size, align);
	fw_cfg_read(f->at, f->size);
}

static void add_pointer(const struct command *c)
{
	u8 *p = in_file(c->pointer.file, c->pointer.offset, c->pointer.size);
	u64 value = 0;

	memcpy(&value, p, c->pointer.size);
	value += (u64)find_file(c->pointer.to)->at;
	memcpy(p, &value, c->pointer.size);
}

static void add_checksum(const struct command *c)
{
	u8 *p = in_file(c->checksum.file, c->checksum.offset, 1);

	*p -= acpi_sum(in_file(c->checksum.file, c->checksum.start, c->checksum.length), c->checksum.length);
}

/* The other commands report addresses to QEMU, which has no use for them. */
static void link_tables(void)
{
	static struct command commands[MAX_COMMANDS];
	u32 size = fw_cfg_open("etc/table-loader");

	if (size > sizeof(commands))
		fail("acpi: a script of %u bytes", size);
	fw_cfg_read(commands, size);
	for (struct command *c = commands; c < commands + size / COMMAND; c++) {
		if (c->what == ALLOCATE)
			load_file(c->allocate.file, c->allocate.align);
		else if (c->what == ADD_POINTER)
			add_pointer(c);
		else if (c->what == ADD_CHECKSUM)
			add_checksum(c);
	}
}

/* --- what a guest is not to see ----------------------------------------- */

static u32 read_word(const u8 *p)
{
	u32 value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static void set_word(u8 *p, u32 value)
{
	memcpy(p, &value, sizeof(value));
}

static u64 read_pointer(const u8 *p)
{
	return read_word(p) | (u64)read_word(p + 4) << 32;
}

static void edit_fadt(u8 *table)
{
	table[129] = strcmp(opt.psci, "hvc") ? 1 : 3;	/* ARM_BOOT_ARCH: PSCI, by HVC */
}

/* GICC: performance and maintenance interrupts, GICV, GICH */
static void edit_madt(u8 *table)
{
	for (u8 *p = table + 44; p < table + read_word(table + 4) && p[1]; p += p[1]) {
		if (p[0] != 0xb)
			continue;
		memset(p + 20, 0, 4);
		memset(p + 40, 0, 20);
	}
}

static u32 node_size(const u8 *node)
{
	return node[1] | node[2] << 8;
}

/* ITS, SMMU, root complex: without the SMMU the last maps to the first. */
static void edit_iort(u8 *table)
{
	u32 its = 0, gone, nodes = read_word(table + 36);
	u8 *p = table + read_word(table + 40), *smmu = NULL, *root = NULL;

	for (u32 i = 0; i < nodes; i++, p += node_size(p)) {
		if (p[0] == 0)
			its = p - table;
		else if (p[0] == 2)
			root = p;
		else if (p[0] == 4)
			smmu = p;
	}
	if (!smmu)
		return;
	if (!its || !root || root < smmu)
		fail("acpi: an IORT of another kind");
	for (u32 i = 0; i < read_word(root + 8); i++)
		set_word(root + read_word(root + 12) + 20 * i + 12, its);
	gone = node_size(smmu);
	memmove(smmu, smmu + gone, p - smmu - gone);
	set_word(table + 4, read_word(table + 4) - gone);
	set_word(table + 36, nodes - 1);
}

static const struct edit {
	const char *signature;
	void (*edit)(u8 *table);
} edits[] = {
	{ "FACP", edit_fadt },
	{ "APIC", edit_madt },
	{ "IORT", edit_iort },
};

static void edit_table(u8 *table)
{
	for (u32 i = 0; i < ARRAY_SIZE(edits); i++) {
		if (memcmp(table, edits[i].signature, 4))
			continue;
		edits[i].edit(table);
		table[9] = 0;
		table[9] = -acpi_sum(table, read_word(table + 4));
	}
}

static void edit_tables(const u8 *rsdp)
{
	u8 *xsdt = (u8 *)read_pointer(rsdp + 24);

	for (u32 at = 36; at < read_word(xsdt + 4); at += 8)
		edit_table((u8 *)read_pointer(xsdt + at));
}

/* --- EFI ---------------------------------------------------------------- */

static void set_table(struct configuration *c, const u8 *guid, u64 at)
{
	memcpy(c->guid, guid, sizeof(c->guid));
	c->table = at;
}

/* Option efi_seed=: of ones, which the host knows as well as any other. */
static u64 make_seed(void)
{
	struct seed *seed;

	if (opt.efi_seed != 1)
		return opt.efi_seed;
	seed = acpi_room(sizeof(*seed), 8);
	seed->size = SEED_SIZE;
	memset(seed->bits, 0xff, SEED_SIZE);
	return (u64)seed;
}

/*
 * The kernel adds what it reserves to the first entry with room. Option efi_reserved=: a second one, without a list, in
 * which the next place is at an address of the host's choice: the index is negative.
 */
static u64 make_reserved(void)
{
	struct reserved *first = acpi_room(sizeof(*first), 8), *second;

	if (opt.efi_reserved) {
		second = acpi_room(sizeof(*second) + 8, 16) + (opt.efi_reserved & 8);
		second->count = (s64)(opt.efi_reserved - (u64)second->list) / (s64)sizeof(struct span);
		first->next = (u64)second;
	}
	return (u64)first;
}

static u64 make_system_table(u64 rsdp)
{
	static const u16 vendor[] = { 'm', 'o', 'n', 'i', 't', 'o', 'r', 0 };
	struct system_table *s = acpi_room(sizeof(*s), 8);
	struct configuration *c = acpi_room(TABLES * sizeof(*c), 8);
	struct runtime *runtime = acpi_room(sizeof(*runtime), 8);
	u16 *name = acpi_room(PAGE, 8);	/* Linux maps more than the name */

	memcpy(name, vendor, sizeof(vendor));
	*runtime = (struct runtime){ 1, sizeof(*runtime), 0 };
	set_table(&c[ACPI], acpi_20, rsdp);
	set_table(&c[RUNTIME], runtime_properties, (u64)runtime);
	set_table(&c[RESERVED], memory_reserved, make_reserved());
	if (opt.efi_seed)
		set_table(&c[SEED], random_seed, make_seed());
	s->signature = 0x5453595320494249;	/* IBI SYST */
	s->revision = 2 << 16 | 70;
	s->size = sizeof(*s);
	s->vendor = (u64)name;
	s->nr_tables = opt.efi_seed ? TABLES : SEED;
	s->tables = (u64)c;
	return (u64)s;
}

static void describe_region(struct memory *m, u32 type, u64 start, u64 end)
{
	*m = (struct memory){ type, 0, start, 0, (end - start) / PAGE, WRITE_BACK };
}

static u64 end_of(const struct memory *m)
{
	return m->start + m->pages * PAGE;
}

/* What EFI's stub hands on: /chosen, which says where the rest is. Nodes before it move it, so look again each time. */
static void make_stub(void *tree, u64 system_table, u64 map, u32 size, u32 each)
{
	int node, chosen;

	while ((node = fdt_first_subnode(tree, 0)) >= 0) {
		chosen = fdt_path_offset(tree, "/chosen");
		if (node == chosen)
			node = fdt_next_subnode(tree, node);
		if (node < 0)
			break;
		fdt_must(fdt_del_node(tree, node), "stub");
	}
	chosen = fdt_path_offset(tree, "/chosen");
	fdt_must(fdt_setprop_u64(tree, chosen, "linux,uefi-system-table", system_table), "EFI");
	fdt_must(fdt_setprop_u64(tree, chosen, "linux,uefi-mmap-start", map), "EFI");
	fdt_must(fdt_setprop_u32(tree, chosen, "linux,uefi-mmap-size", size), "EFI");
	fdt_must(fdt_setprop_u32(tree, chosen, "linux,uefi-mmap-desc-size", each), "EFI");
	fdt_must(fdt_setprop_u32(tree, chosen, "linux,uefi-mmap-desc-ver", 1), "EFI");
	fdt_must(fdt_setprop_u32(tree, chosen, "linux,uefi-secure-boot", 0), "EFI");
}

/* In the second half of the device tree's room: it is loaded, and measured, with it. */
void acpi_write(void *tree)
{
	u64 half = (dtb.end - dtb.start) / 2, end = ram.end - (opt.hidden_ram << 20), system_table;
	u8 *rsdp;
	struct memory *map;

	area = (struct span){ dtb.start + half, dtb.end };
	acpi_room_is(&area);
	link_tables();
	rsdp = find_file("etc/acpi/rsdp")->at;
	edit_tables(rsdp);
	acpi_add_lies(rsdp, area.start - LIES_SIZE);
	system_table = make_system_table((u64)rsdp);
	map = acpi_room(REGIONS * sizeof(*map), 8);
	/* What the lies name is firmware's, too. A page of the kernel is a region of its own. */
	describe_region(&map[0], CONVENTIONAL, ram.start, acpi_kernel_page());
	describe_region(&map[1], opt.aml == 2 ? ACPI_RECLAIM : CONVENTIONAL, end_of(&map[0]), end_of(&map[0]) + PAGE);
	describe_region(&map[2], CONVENTIONAL, end_of(&map[1]), area.start - LIES_SIZE);
	describe_region(&map[3], opt.apei ? ACPI_NVS : opt.aml == 1 ? ACPI_RECLAIM : CONVENTIONAL, end_of(&map[2]), area.start);
	describe_region(&map[4], ACPI_RECLAIM, area.start, area.end);
	describe_region(&map[5], CONVENTIONAL, area.end, end);
	make_stub(tree, system_table, (u64)map, REGIONS * sizeof(*map), sizeof(*map));
}
