// SPDX-License-Identifier: GPL-2.0-only
/* The realm's device tree: RAM, CPUs, GIC and timer, and those devices of the machine that are forwarded. */
#include <string.h>
#include <libfdt.h>
#include "host.h"

#define SIZE		0x10000

enum { PHANDLE_GIC = 1, PHANDLE_CLOCK };
enum { GIC_SPI, GIC_PPI };
enum { LEVEL_HIGH = 4 };

#define VIRTIO_MAGIC	0x74726976	/* "virt", register 0 */
#define VIRTIO_ID	8		/* register: which device, 0 for none */

static u8 tree[SIZE] __attribute__((aligned(8)));
static char bootargs[2048];

static void tree_must(int error)
{
	if (error)
		fail("device tree: libfdt error %d", error);
}

static void tree_begin(const char *name, u64 address)
{
	char full[40];

	format(full, sizeof(full), address ? "%s@%lx" : "%s", name, address);
	tree_must(fdt_begin_node(tree, full));
}

static void tree_end(void)
{
	tree_must(fdt_end_node(tree));
}

static void tree_number(const char *name, u32 value)
{
	tree_must(fdt_property_u32(tree, name, value));
}

static void tree_text(const char *name, const char *value)
{
	tree_must(fdt_property_string(tree, name, value));
}

static void tree_flag(const char *name)
{
	tree_must(fdt_property(tree, name, NULL, 0));
}

static void tree_wide(const char *name, const u64 *values, u32 n)
{
	fdt64_t cells[4];

	for (u32 i = 0; i < n; i++)
		cells[i] = cpu_to_fdt64(values[i]);
	tree_must(fdt_property(tree, name, cells, n * sizeof(*cells)));
}

static void tree_narrow(const char *name, const u32 *values, u32 n)
{
	fdt32_t cells[12];

	for (u32 i = 0; i < n; i++)
		cells[i] = cpu_to_fdt32(values[i]);
	tree_must(fdt_property(tree, name, cells, n * sizeof(*cells)));
}

static void tree_reg(u64 address, u64 size)
{
	tree_wide("reg", (u64[]){ address, size }, 2);
}

static void tree_spi(u32 irq)
{
	tree_narrow("interrupts", (u32[]){ GIC_SPI, irq, LEVEL_HIGH }, 3);
}

static void read_bootargs(void)
{
	s64 size = opt.append ? semihost_read_file(opt.append, bootargs, sizeof(bootargs) - 1) : 0;

	if (size < 0)
		fail("cannot read %s, or it is longer than %lu bytes", opt.append, sizeof(bootargs) - 1);
	bootargs[size] = 0;
	if (size && bootargs[size - 1] == '\n')
		bootargs[size - 1] = 0;
}

/* The seed is no secret of the guest's: it comes from the host. */
static void tree_chosen(void)
{
	u64 seed[4] = { random_next() ^ sysreg_read(cntpct_el0), random_next(), random_next(), semihost_time() };

	read_bootargs();
	tree_begin("chosen", 0);
	tree_text("bootargs", bootargs);
	tree_text("stdout-path", "/pl011@9000000");
	if (initrd.end > initrd.start) {
		tree_wide("linux,initrd-start", &initrd.start, 1);
		tree_wide("linux,initrd-end", &initrd.end, 1);
	}
	tree_must(fdt_property(tree, "rng-seed", seed, sizeof(seed)));
	tree_end();
}

static void tree_memory(void)
{
	tree_begin("memory", ram.start);
	tree_text("device_type", "memory");
	tree_reg(ram.start, ram.end - ram.start);
	tree_end();
}

static void tree_cpu(u32 index)
{
	char name[8];

	format(name, sizeof(name), "cpu@%x", index);
	tree_must(fdt_begin_node(tree, name));
	tree_text("device_type", "cpu");
	tree_text("compatible", "arm,armv8");
	tree_text("enable-method", "psci");
	tree_number("reg", index);
	tree_end();
}

static void tree_cpus(void)
{
	const u32 timers[] = {
		GIC_PPI, 13, LEVEL_HIGH, GIC_PPI, 14, LEVEL_HIGH,
		GIC_PPI, 11, LEVEL_HIGH, GIC_PPI, 10, LEVEL_HIGH,
	};

	tree_begin("cpus", 0);
	tree_number("#address-cells", 1);
	tree_number("#size-cells", 0);
	for (u32 i = 0; i < opt.cpus; i++)
		tree_cpu(i);
	tree_end();

	tree_begin("psci", 0);
	tree_must(fdt_property(tree, "compatible", "arm,psci-1.0\0arm,psci-0.2", 26));
	tree_text("method", "smc");
	tree_end();

	tree_begin("timer", 0);
	tree_text("compatible", "arm,armv8-timer");
	tree_flag("always-on");
	tree_narrow("interrupts", timers, ARRAY_SIZE(timers));
	tree_end();
}

static void interrupt_controller(void)
{
	tree_begin("intc", GICD_BASE);
	tree_text("compatible", "arm,gic-v3");
	tree_flag("interrupt-controller");
	tree_number("#interrupt-cells", 3);
	tree_number("#address-cells", 2);
	tree_number("#size-cells", 2);
	tree_flag("ranges");
	tree_wide("reg", (u64[]){ GICD_BASE, 0x10000, REDIST_BASE, opt.cpus * 0x20000 }, 4);
	tree_number("phandle", PHANDLE_GIC);
	tree_end();
}

static void tree_console(void)
{
	tree_begin("apb-pclk", 0);
	tree_text("compatible", "fixed-clock");
	tree_number("#clock-cells", 0);
	tree_number("clock-frequency", 24000000);
	tree_number("phandle", PHANDLE_CLOCK);
	tree_end();

	tree_begin("pl011", PL011_BASE);
	tree_must(fdt_property(tree, "compatible", "arm,pl011\0arm,primecell", 24));
	tree_reg(PL011_BASE, PAGE);
	tree_spi(PL011_SPI);
	tree_narrow("clocks", (u32[]){ PHANDLE_CLOCK, PHANDLE_CLOCK }, 2);
	tree_must(fdt_property(tree, "clock-names", "uartclk\0apb_pclk", 17));
	tree_end();
}

/* Transports without a device behind them are left out. */
static void tree_virtio(u32 slot)
{
	u64 base = VIRTIO_MMIO + slot * VIRTIO_STRIDE;

	if (device_read(base, 2) != VIRTIO_MAGIC || !device_read(base + VIRTIO_ID, 2))
		return;
	tree_begin("virtio_mmio", base);
	tree_text("compatible", "virtio,mmio");
	tree_reg(base, VIRTIO_STRIDE);
	tree_spi(VIRTIO_SPI + slot);
	tree_flag("dma-coherent");
	tree_end();
}

const void *fdt_write(void)
{
	tree_must(fdt_create(tree, sizeof(tree)));
	tree_must(fdt_finish_reservemap(tree));
	tree_begin("", 0);
	tree_number("#address-cells", 2);
	tree_number("#size-cells", 2);
	tree_number("interrupt-parent", PHANDLE_GIC);
	tree_text("compatible", "pguest,rmm-host");
	tree_chosen();
	tree_memory();
	tree_cpus();
	interrupt_controller();
	tree_console();
	/* QEMU gives its first device the last transport, and Linux numbers them as they come. */
	for (u32 slot = VIRTIO_SLOTS; slot--; )
		tree_virtio(slot);
	tree_end();
	tree_must(fdt_finish(tree));
	if (opt.tree && !semihost_write_file(opt.tree, (const char *)tree, fdt_totalsize(tree)))
		fail("cannot write %s", opt.tree);
	return tree;
}
