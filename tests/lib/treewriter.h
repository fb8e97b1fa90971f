/* SPDX-License-Identifier: GPL-2.0-only */
/* A device tree, written from its beginning to its end. For programs with libc and without. */
#ifndef LIB_TREEWRITER_H
#define LIB_TREEWRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GIC_SPI, GIC_PPI };
enum { EDGE_RISING = 1, LEVEL_HIGH = 4 };

/* @failed is called with libfdt's error and does not return. */
void tree_start(void *to, size_t size, void (*failed)(int error));
void tree_finish(void);
void tree_begin(const char *name, uint64_t address);	/* name@address */
void tree_begin_plain(const char *name);		/* a node that has no address */
void tree_end(void);
void tree_bytes(const char *name, const void *value, size_t size);
void tree_number(const char *name, uint32_t value);
void tree_text(const char *name, const char *value);
void tree_flag(const char *name);
/* Cells of 64 and of 32 bits, 16 of them at the most */
void tree_wide(const char *name, const uint64_t *values, unsigned int count);
void tree_narrow(const char *name, const uint32_t *values, unsigned int count);
void tree_reg(uint64_t address, uint64_t size);
void tree_spi(unsigned int irq, unsigned int trigger);

/* Nodes that each machine has: /cpus, /psci and /timer; a PL011 and its clock. @method: hvc or smc */
void tree_cpus(unsigned int count, const char *method);
void tree_console(uint64_t base, unsigned int spi, uint32_t clock_phandle);

#endif
