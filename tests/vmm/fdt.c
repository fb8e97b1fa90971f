// SPDX-License-Identifier: GPL-2.0-only
/* The device tree: what the guest is told that it has. */
#include <libfdt.h>
#include <sys/random.h>

#include "virtio.h"
#include "vmm.h"

#define FDT_SIZE	65536

enum { PHANDLE_GIC = 1, PHANDLE_ITS, PHANDLE_CLOCK, PHANDLE_POOL };
enum { GIC_SPI, GIC_PPI };
enum { EDGE_RISING = 1, LEVEL_HIGH = 4 };

static char tree[FDT_SIZE];

/* With a tree that is too large nothing else matters. */
static void ok(int error)
{
	if (error)
		die("device tree: %s", fdt_strerror(error));
}

static void begin(const char *format, uint64_t address)
{
	char name[64];

	snprintf(name, sizeof(name), format, (unsigned long)address);
	ok(fdt_begin_node(tree, name));
}

static void end(void)
{
	ok(fdt_end_node(tree));
}

static void number(const char *name, uint32_t value)
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

static void wide(const char *name, const uint64_t *values, unsigned int count)
{
	uint64_t cells[8];

	for (unsigned int i = 0; i < count; i++)
		cells[i] = cpu_to_fdt64(values[i]);
	ok(fdt_property(tree, name, cells, count * sizeof(cells[0])));
}

static void reg(uint64_t address, uint64_t size)
{
	wide("reg", (uint64_t[]){ address, size }, 2);
}

static void narrow(const char *name, const uint32_t *values, unsigned int count)
{
	uint32_t cells[16];

	for (unsigned int i = 0; i < count; i++)
		cells[i] = cpu_to_fdt32(values[i]);
	ok(fdt_property(tree, name, cells, count * sizeof(cells[0])));
}

static void spi(unsigned int irq, unsigned int trigger)
{
	narrow("interrupts", (uint32_t[]){ GIC_SPI, irq, trigger }, 3);
}

static void chosen(const struct loaded *where)
{
	uint8_t seed[32];

	begin("chosen", 0);
	text("bootargs", opt.append);
	text("stdout-path", "/pl011@9000000");
	if (where->initrd) {
		wide("linux,initrd-start", &where->initrd, 1);
		wide("linux,initrd-end", &where->initrd_end, 1);
	}
	if (getrandom(seed, sizeof(seed), 0) == sizeof(seed))
		ok(fdt_property(tree, "rng-seed", seed, sizeof(seed)));
	end();
}

static void memory(void)
{
	begin("memory@%lx", RAM_BASE);
	text("device_type", "memory");
	reg(RAM_BASE, opt.ram);
	end();
	if (!opt.restricted_pool)
		return;

	begin("reserved-memory", 0);
	number("#address-cells", 2);
	number("#size-cells", 2);
	flag("ranges");
	begin("restricted-dma", 0);
	text("compatible", "restricted-dma-pool");
	wide("size", &opt.restricted_pool, 1);
	wide("alignment", (uint64_t[]){ 2 * MIB }, 1);
	number("phandle", PHANDLE_POOL);
	end();
	end();
}

static void cpus(void)
{
	begin("cpus", 0);
	number("#address-cells", 1);
	number("#size-cells", 0);
	for (unsigned int i = 0; i < opt.cpus; i++) {
		begin("cpu@%lx", i);
		text("device_type", "cpu");
		text("compatible", "arm,armv8");
		text("enable-method", "psci");
		number("reg", i);
		end();
	}
	end();

	begin("psci", 0);
	ok(fdt_property(tree, "compatible", "arm,psci-1.0\0arm,psci-0.2", 26));
	text("method", "hvc");
	end();

	begin("timer", 0);
	text("compatible", "arm,armv8-timer");
	flag("always-on");
	narrow("interrupts", (uint32_t[]){ GIC_PPI, 13, LEVEL_HIGH, GIC_PPI, 14, LEVEL_HIGH,
					   GIC_PPI, 11, LEVEL_HIGH, GIC_PPI, 10, LEVEL_HIGH }, 12);
	end();
}

static void interrupt_controller(void)
{
	begin("intc@%lx", GIC_DIST_BASE);
	text("compatible", "arm,gic-v3");
	flag("interrupt-controller");
	number("#interrupt-cells", 3);
	number("#address-cells", 2);
	number("#size-cells", 2);
	flag("ranges");
	wide("reg", (uint64_t[]){ GIC_DIST_BASE, 0x10000, GIC_REDIST_BASE, opt.cpus * GIC_REDIST_SIZE }, 4);
	number("phandle", PHANDLE_GIC);
	if (opt.its) {
		begin("its@%lx", GIC_ITS_BASE);
		text("compatible", "arm,gic-v3-its");
		flag("msi-controller");
		number("#msi-cells", 1);
		reg(GIC_ITS_BASE, GIC_ITS_SIZE);
		number("phandle", PHANDLE_ITS);
		end();
	}
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

	begin("pl011@%lx", PL011_BASE);
	ok(fdt_property(tree, "compatible", "arm,pl011\0arm,primecell", 24));
	reg(PL011_BASE, PAGE);
	spi(SPI_PL011, LEVEL_HIGH);
	narrow("clocks", (uint32_t[]){ PHANDLE_CLOCK, PHANDLE_CLOCK }, 2);
	ok(fdt_property(tree, "clock-names", "uartclk\0apb_pclk", 17));
	end();
}

static void virtio(unsigned int slot)
{
	uint64_t base = VIRTIO_BASE + slot * VIRTIO_STRIDE;

	begin("virtio_mmio@%lx", base);
	text("compatible", "virtio,mmio");
	reg(base, VIRTIO_SIZE);
	spi(SPI_VIRTIO + slot, LEVEL_HIGH);
	flag("dma-coherent");
	if (opt.restricted_pool)
		number("memory-region", PHANDLE_POOL);
	end();
}

/* One bus; its functions' numbers are what the ITS knows them by. */
static void pci(void)
{
	enum { MEMORY_32 = 0x02000000 };

	begin("pcie@%lx", PCI_ECAM_BASE);
	text("compatible", "pci-host-ecam-generic");
	text("device_type", "pci");
	reg(PCI_ECAM_BASE, PCI_ECAM_SIZE);
	narrow("bus-range", (uint32_t[]){ 0, 0 }, 2);
	number("#address-cells", 3);
	number("#size-cells", 2);
	narrow("ranges", (uint32_t[]){ MEMORY_32, 0, PCI_MEM_BASE, 0, PCI_MEM_BASE, 0, PCI_MEM_SIZE }, 7);
	narrow("msi-map", (uint32_t[]){ 0, PHANDLE_ITS, 0, 0x10000 }, 4);
	flag("dma-coherent");
	if (opt.restricted_pool)
		number("memory-region", PHANDLE_POOL);
	end();
}

static void vmclock(void)
{
	begin("vmclock@%lx", CLOCK_BASE);
	text("compatible", "amazon,vmclock");
	reg(CLOCK_BASE, PAGE);
	end();
}

static void devices(void)
{
	console();
	if (opt.clock)
		vmclock();
	if (opt.pci) {
		pci();
		return;
	}
	for (unsigned int slot = 0; slot < virtio_devices(); slot++)
		virtio(slot);
}

void fdt_write(const struct loaded *where)
{
	ok(fdt_create(tree, sizeof(tree)));
	ok(fdt_finish_reservemap(tree));
	begin("", 0);
	number("#address-cells", 2);
	number("#size-cells", 2);
	number("interrupt-parent", PHANDLE_GIC);
	text("compatible", "pguest,vmm");
	chosen(where);
	memory();
	cpus();
	interrupt_controller();
	devices();
	end();
	ok(fdt_finish(tree));
	memory_load(where->fdt, tree, fdt_totalsize(tree));
}
