// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <libfdt.h>
#include "treewriter.h"

#define CELLS	16
#define NAME	64

static void *tree;
static void (*tree_failed)(int error);

static void tree_must(int error)
{
	if (error)
		tree_failed(error);
}

void tree_start(void *to, size_t size, void (*failed)(int error))
{
	tree = to;
	tree_failed = failed;
	tree_must(fdt_create(tree, size));
	tree_must(fdt_finish_reservemap(tree));
	tree_begin_plain("");
}

void tree_finish(void)
{
	tree_end();
	tree_must(fdt_finish(tree));
}

void tree_begin_plain(const char *name)
{
	tree_must(fdt_begin_node(tree, name));
}

void tree_begin(const char *name, uint64_t address)
{
	size_t at = strlen(name);
	char full[NAME];
	int digits = 1;

	while (digits < 16 && address >> 4 * digits)
		digits++;
	if (at + digits + 2 > sizeof(full))
		tree_failed(-FDT_ERR_NOSPACE);
	memcpy(full, name, at);
	full[at++] = '@';
	while (digits--)
		full[at++] = "0123456789abcdef"[address >> 4 * digits & 15];
	full[at] = 0;
	tree_begin_plain(full);
}

void tree_end(void)
{
	tree_must(fdt_end_node(tree));
}

void tree_bytes(const char *name, const void *value, size_t size)
{
	tree_must(fdt_property(tree, name, value, size));
}

void tree_number(const char *name, uint32_t value)
{
	tree_must(fdt_property_u32(tree, name, value));
}

void tree_text(const char *name, const char *value)
{
	tree_bytes(name, value, strlen(value) + 1);
}

void tree_flag(const char *name)
{
	tree_bytes(name, NULL, 0);
}

void tree_wide(const char *name, const uint64_t *values, unsigned int count)
{
	fdt64_t cells[CELLS];

	for (unsigned int i = 0; i < count && i < CELLS; i++)
		cells[i] = cpu_to_fdt64(values[i]);
	tree_must(count > CELLS ? -FDT_ERR_NOSPACE : 0);
	tree_bytes(name, cells, count * sizeof(*cells));
}

void tree_narrow(const char *name, const uint32_t *values, unsigned int count)
{
	fdt32_t cells[CELLS];

	for (unsigned int i = 0; i < count && i < CELLS; i++)
		cells[i] = cpu_to_fdt32(values[i]);
	tree_must(count > CELLS ? -FDT_ERR_NOSPACE : 0);
	tree_bytes(name, cells, count * sizeof(*cells));
}

void tree_reg(uint64_t address, uint64_t size)
{
	tree_wide("reg", (uint64_t[]){ address, size }, 2);
}

void tree_spi(unsigned int irq, unsigned int trigger)
{
	tree_narrow("interrupts", (uint32_t[]){ GIC_SPI, irq, trigger }, 3);
}

static void tree_cpu(uint32_t index)
{
	tree_begin("cpu", index);
	tree_text("device_type", "cpu");
	tree_text("compatible", "arm,armv8");
	tree_text("enable-method", "psci");
	tree_number("reg", index);
	tree_end();
}

void tree_cpus(unsigned int count, const char *method)
{
	const uint32_t timers[] = {
		GIC_PPI, 13, LEVEL_HIGH, GIC_PPI, 14, LEVEL_HIGH,
		GIC_PPI, 11, LEVEL_HIGH, GIC_PPI, 10, LEVEL_HIGH,
	};

	tree_begin_plain("cpus");
	tree_number("#address-cells", 1);
	tree_number("#size-cells", 0);
	for (unsigned int i = 0; i < count; i++)
		tree_cpu(i);
	tree_end();

	tree_begin_plain("psci");
	tree_bytes("compatible", "arm,psci-1.0\0arm,psci-0.2", 26);
	tree_text("method", method);
	tree_end();

	tree_begin_plain("timer");
	tree_text("compatible", "arm,armv8-timer");
	tree_flag("always-on");
	tree_narrow("interrupts", timers, sizeof(timers) / sizeof(timers[0]));
	tree_end();
}

void tree_console(uint64_t base, unsigned int spi, uint32_t clock_phandle)
{
	tree_begin_plain("apb-pclk");
	tree_text("compatible", "fixed-clock");
	tree_number("#clock-cells", 0);
	tree_number("clock-frequency", 24000000);
	tree_number("phandle", clock_phandle);
	tree_end();

	tree_begin("pl011", base);
	tree_bytes("compatible", "arm,pl011\0arm,primecell", 24);
	tree_reg(base, 0x1000);
	tree_spi(spi, LEVEL_HIGH);
	tree_narrow("clocks", (uint32_t[]){ clock_phandle, clock_phandle }, 2);
	tree_bytes("clock-names", "uartclk\0apb_pclk", 17);
	tree_end();
}
