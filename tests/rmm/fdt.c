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

static void ok(int error)
{
	if (error)
		fail("device tree: libfdt error %d", error);
}

static void begin(const char *name, u64 address)
{
	char full[40];

	format(full, sizeof(full), address ? "%s@%lx" : "%s", name, address);
	ok(fdt_begin_node(tree, full));
}

static void end(void)
{
	ok(fdt_end_node(tree));
}

static void number(const char *name, u32 value)
{
	ok(fdt_property_u32(tree, name, value));
}

static void text(const char *name, const char *value)
{
	ok(fdt_property_string(tree, name, value));
}

static void flag(const char *name)
{
	ok(fdt_property(tree, name, NULL, 0));
}

static void wide(const char *name, const u64 *values, u32 n)
{
	fdt64_t cells[4];

	for (u32 i = 0; i < n; i++)
		cells[i] = cpu_to_fdt64(values[i]);
	ok(fdt_property(tree, name, cells, n * sizeof(*cells)));
}

static void narrow(const char *name, const u32 *values, u32 n)
{
	fdt32_t cells[12];

	for (u32 i = 0; i < n; i++)
		cells[i] = cpu_to_fdt32(values[i]);
	ok(fdt_property(tree, name, cells, n * sizeof(*cells)));
}

static void reg(u64 address, u64 size)
{
	wide("reg", (u64[]){ address, size }, 2);
}

static void spi(u32 irq)
{
	narrow("interrupts", (u32[]){ GIC_SPI, irq, LEVEL_HIGH }, 3);
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
static void chosen(void)
{
	u64 seed[4] = { random_next() ^ sysreg_read(cntpct_el0), random_next(), random_next(), semihost_time() };

	read_bootargs();
	begin("chosen", 0);
	text("bootargs", bootargs);
	text("stdout-path", "/pl011@9000000");
	if (initrd.end > initrd.start) {
		wide("linux,initrd-start", &initrd.start, 1);
		wide("linux,initrd-end", &initrd.end, 1);
	}
	ok(fdt_property(tree, "rng-seed", seed, sizeof(seed)));
	end();
}

static void memory(void)
{
	begin("memory", ram.start);
	text("device_type", "memory");
	reg(ram.start, ram.end - ram.start);
	end();
}

static void cpu(u32 index)
{
	char name[8];

	format(name, sizeof(name), "cpu@%x", index);
	ok(fdt_begin_node(tree, name));
	text("device_type", "cpu");
	text("compatible", "arm,armv8");
	text("enable-method", "psci");
	number("reg", index);
	end();
}

static void cpus(void)
{
	const u32 timers[] = {
		GIC_PPI, 13, LEVEL_HIGH, GIC_PPI, 14, LEVEL_HIGH,
		GIC_PPI, 11, LEVEL_HIGH, GIC_PPI, 10, LEVEL_HIGH,
	};

	begin("cpus", 0);
	number("#address-cells", 1);
	number("#size-cells", 0);
	for (u32 i = 0; i < opt.cpus; i++)
		cpu(i);
	end();

	begin("psci", 0);
	ok(fdt_property(tree, "compatible", "arm,psci-1.0\0arm,psci-0.2", 26));
	text("method", "smc");
	end();

	begin("timer", 0);
	text("compatible", "arm,armv8-timer");
	flag("always-on");
	narrow("interrupts", timers, ARRAY_SIZE(timers));
	end();
}

static void interrupt_controller(void)
{
	begin("intc", GICD_BASE);
	text("compatible", "arm,gic-v3");
	flag("interrupt-controller");
	number("#interrupt-cells", 3);
	number("#address-cells", 2);
	number("#size-cells", 2);
	flag("ranges");
	wide("reg", (u64[]){ GICD_BASE, 0x10000, REDIST_BASE, opt.cpus * 0x20000 }, 4);
	number("phandle", PHANDLE_GIC);
	end();
}

static void console(void)
{
	begin("apb-pclk", 0);
	text("compatible", "fixed-clock");
	number("#clock-cells", 0);
	number("clock-frequency", 24000000);
	number("phandle", PHANDLE_CLOCK);
	end();

	begin("pl011", PL011_BASE);
	ok(fdt_property(tree, "compatible", "arm,pl011\0arm,primecell", 24));
	reg(PL011_BASE, PAGE);
	spi(PL011_SPI);
	narrow("clocks", (u32[]){ PHANDLE_CLOCK, PHANDLE_CLOCK }, 2);
	ok(fdt_property(tree, "clock-names", "uartclk\0apb_pclk", 17));
	end();
}

/* Transports without a device behind them are left out. */
static void virtio(u32 slot)
{
	u64 base = VIRTIO_MMIO + slot * VIRTIO_STRIDE;

	if (device_read(base, 2) != VIRTIO_MAGIC || !device_read(base + VIRTIO_ID, 2))
		return;
	begin("virtio_mmio", base);
	text("compatible", "virtio,mmio");
	reg(base, VIRTIO_STRIDE);
	spi(VIRTIO_SPI + slot);
	flag("dma-coherent");
	end();
}

const void *fdt_write(void)
{
	ok(fdt_create(tree, sizeof(tree)));
	ok(fdt_finish_reservemap(tree));
	begin("", 0);
	number("#address-cells", 2);
	number("#size-cells", 2);
	number("interrupt-parent", PHANDLE_GIC);
	text("compatible", "pguest,rmm-host");
	chosen();
	memory();
	cpus();
	interrupt_controller();
	console();
	/* QEMU gives its first device the last transport, and Linux numbers them as they come. */
	for (u32 slot = VIRTIO_SLOTS; slot--; )
		virtio(slot);
	end();
	ok(fdt_finish(tree));
	if (opt.tree && !semihost_write_file(opt.tree, (const char *)tree, fdt_totalsize(tree)))
		fail("cannot write %s", opt.tree);
	return tree;
}
