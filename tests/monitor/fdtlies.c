// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host that lies in the device tree: option fdt_patch= names a file, each line of which changes the guest's tree
 * before the guest runs. README.rst has the language, tests/boot/tree.py writes it.
 */
#include <string.h>
#include <libfdt.h>
#include "cpu.h"
#include "memory.h"
#include "options.h"
#include "tree.h"

#define PATCH_SIZE	0x80000
#define NAME_SIZE	128

static char patch[PATCH_SIZE];	/* zeroes behind what was read */
static void *tree;
static int node;
static u32 line;

static void bad_line(const char *what, const char *word)
{
	fail("fdt_patch, line %u: %s \"%s\"", line, what, word);
}

static int line_must(int result, const char *word)
{
	if (result < 0)
		fail("fdt_patch, line %u: \"%s\": libfdt error %d", line, word, result);
	return result;
}

/* The next word of a line, or an empty one at its end. */
static char *next_word(char **at)
{
	char *start = *at + strspn(*at, " "), *end = start + strcspn(start, " ");

	*at = *end ? end + 1 : end;
	*end = 0;
	return start;
}

static u64 symbol_value(const char *name)
{
	const struct { const char *name; u64 value; } symbols[] = {
		{ "ram", ram.start }, { "ram_end", ram.end - (opt.hidden_ram << 20) },
		{ "image", image.start }, { "image_end", image.end },
		{ "initrd", initrd.start }, { "initrd_end", initrd.end },
		{ "dtb", dtb.start }, { "dtb_end", dtb.end },
		{ "handover", handover.start }, { "handover_end", handover.end }, { "half", realm_half() },
	};

	for (u32 i = 0; i < ARRAY_SIZE(symbols); i++)
		if (!strcmp(symbols[i].name, name))
			return symbols[i].value;
	return to_number(name);
}

/* Symbols and numbers with + and - between them */
static u64 sum_of(const char *s)
{
	char term[32];
	u64 sum = 0;
	char sign = '+';

	do {
		size_t length = 1 + strcspn(s + 1, "+-");

		if (length >= sizeof(term))
			bad_line("too long:", s);
		memcpy(term, s, length);
		term[length] = 0;
		sum = sign == '+' ? sum + symbol_value(term) : sum - symbol_value(term);
		s += length;
		sign = *s;
	} while (*s++);
	return sum;
}

/* The node of a path, with what is missing on the way made. */
static int make_path(const char *path)
{
	int at = 0;

	while (path[0] && path[1]) {
		size_t length = strcspn(++path, "/");
		int next = fdt_subnode_offset_namelen(tree, at, path, length);

		if (next == -FDT_ERR_NOTFOUND)
			next = fdt_add_subnode_namelen(tree, at, path, length);
		at = line_must(next, path);
		path += length;
	}
	return at;
}

static void set_cells(char *at, bool wide, bool append)
{
	const char *name = next_word(&at), *v;

	if (!append)
		line_must(fdt_setprop(tree, node, name, NULL, 0), name);
	while (*(v = next_word(&at))) {
		if (wide)
			line_must(fdt_appendprop_u64(tree, node, name, sum_of(v)), name);
		else
			line_must(fdt_appendprop_u32(tree, node, name, sum_of(v)), name);
	}
}

/* libfdt makes no second property of a name: make one of another name, and give it the first one's. */
static void set_again(char *at)
{
	const char *name = next_word(&at), *other = "again", *v;
	const struct fdt_property *first;

	line_must(fdt_setprop(tree, node, other, NULL, 0), name);
	while (*(v = next_word(&at)))
		line_must(fdt_appendprop_u64(tree, node, other, sum_of(v)), name);
	first = fdt_get_property(tree, node, name, NULL);
	if (!first)
		bad_line("no first", name);
	fdt_get_property_w(tree, node, other, NULL)->nameoff = first->nameoff;
}

static u8 hex_digit(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

static void set_hex(char *at)
{
	const char *name = next_word(&at);
	char *hex = next_word(&at);
	size_t size = strlen(hex) / 2;

	for (size_t i = 0; i < size; i++)
		hex[i] = hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]);
	line_must(fdt_setprop(tree, node, name, hex, size), name);
}

static void change_tree(char *at)
{
	const char *verb = next_word(&at);

	if (!*verb || *verb == '#' || !strcmp(verb, "byte"))
		return;
	if (!strcmp(verb, "node"))
		node = make_path(next_word(&at));
	else if (!strcmp(verb, "find"))
		node = line_must(fdt_node_offset_by_compatible(tree, -1, next_word(&at)), verb);
	else if (!strcmp(verb, "u32"))
		set_cells(at, false, false);
	else if (!strcmp(verb, "u64"))
		set_cells(at, true, false);
	else if (!strcmp(verb, "append"))
		set_cells(at, true, true);
	else if (!strcmp(verb, "again"))
		set_again(at);
	else if (!strcmp(verb, "hex"))
		set_hex(at);
	else if (!strcmp(verb, "drop"))
		fdt_delprop(tree, node, next_word(&at));
	else if (!strcmp(verb, "delete"))
		line_must(fdt_del_node(tree, node), verb);
	else if (!strcmp(verb, "reserve")) {
		u64 start = sum_of(next_word(&at));

		line_must(fdt_add_mem_rsv(tree, start, sum_of(next_word(&at))), verb);
	} else
		bad_line("there is no", verb);
}

/* Offset and value: after all else, also in the header */
static void break_byte(char *at, u8 *packed)
{
	u64 offset;

	if (strcmp(next_word(&at), "byte"))
		return;
	offset = sum_of(next_word(&at));
	if (offset >= fdt_totalsize(tree))
		fail("fdt_patch, line %u: the tree has no byte %lu", line, offset);
	packed[offset] = sum_of(next_word(&at));
}

static void each_line(void (*act)(char *, u8 *), u8 *packed)
{
	char copy[1024];
	size_t length;

	line = 0;
	for (const char *at = patch; *at; at += length + (at[length] == '\n')) {
		length = strcspn(at, "\n");
		line++;
		if (length >= sizeof(copy))
			bad_line("too long:", "line");
		memcpy(copy, at, length);
		copy[length] = 0;
		act(copy, packed);
	}
}

static void change_line(char *at, u8 *packed)
{
	(void)packed;
	change_tree(at);
}

/* The tree is open, and as large as it can be. */
void fdt_lie(void *open_tree)
{
	tree = open_tree;
	if (!opt.fdt_patch)
		return;
	if (semihost_read_file(opt.fdt_patch, patch, sizeof(patch) - 1) < 0)
		fail("option fdt_patch: cannot read %s, or it is too long", opt.fdt_patch);
	each_line(change_line, NULL);
}

/* The tree is where the guest finds it. */
void fdt_lie_bytes(void *packed)
{
	if (opt.fdt_patch)
		each_line(break_byte, packed);
}
