// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin of QEMU's that counts how often each block of instructions is executed, for
 * `make bench-cost`. What was counted since the mark before is written whenever the block
 * at an address is executed, and at the end.
 *
 *	-plugin functions.so,mark=ADDRESS,out=FILE
 *
 * FILE.0, FILE.1 ... have a line for each block: its address (hexadecimal), the number of its
 * instructions, how often it was executed. The interface is that of QEMU 7.2,
 * docs/devel/tcg-plugins.rst; Debian has no header of it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTED	__attribute__((visibility("default")))
#define SLOTS		(1U << 20)

struct qemu_plugin_tb;
struct qemu_info;

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*call)(uint64_t id, struct qemu_plugin_tb *block));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block, void (*call)(unsigned int cpu, void *data),
					  int flags, void *data);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *block, int what, void *to, uint64_t value);
void qemu_plugin_register_atexit_cb(uint64_t id, void (*call)(uint64_t id, void *data), void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *block);

#define ADD	0	/* QEMU_PLUGIN_INLINE_ADD_U64 */

EXPORTED int qemu_plugin_version = 1;

/* Open hashing; QEMU translates a block anew now and then, which has its old slot. */
static struct block {
	uint64_t address, instructions, times;
} blocks[SLOTS];

static uint64_t mark;
static const char *out;
static unsigned int windows;

static void write_window(void)
{
	char name[4096];
	FILE *file;

	snprintf(name, sizeof(name), "%s.%u", out, windows++);
	file = fopen(name, "w");
	for (unsigned int i = 0; file && i < SLOTS; i++) {
		struct block *b = &blocks[i];

		if (b->times)
			fprintf(file, "%llx %llu %llu\n", (unsigned long long)b->address,
				(unsigned long long)b->instructions, (unsigned long long)b->times);
		b->times = 0;
	}
	if (file)
		fclose(file);
}

static void at_mark(unsigned int cpu, void *data)
{
	write_window();
}

static void at_exit(uint64_t id, void *data)
{
	write_window();
}

static struct block *find_block(uint64_t address, uint64_t instructions)
{
	uint64_t hash = address * 0x9e3779b97f4a7c15 ^ instructions * 0xd6e8feb86659fd93;
	unsigned int i = hash >> 44;

	while (blocks[i].instructions && (blocks[i].address != address || blocks[i].instructions != instructions))
		i = (i + 1) % SLOTS;
	blocks[i].address = address;
	blocks[i].instructions = instructions;
	return &blocks[i];
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	struct block *b = find_block(qemu_plugin_tb_vaddr(tb), qemu_plugin_tb_n_insns(tb));

	if (b->address == mark)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, at_mark, 0, NULL);
	qemu_plugin_register_vcpu_tb_exec_inline(tb, ADD, &b->times, 1);
}

EXPORTED int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "mark=", 5))
			mark = strtoull(argv[i] + 5, NULL, 0);
		if (!strncmp(argv[i], "out=", 4))
			out = strdup(argv[i] + 4);
	}
	if (!mark || !out)
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, at_exit, NULL);
	return 0;
}
