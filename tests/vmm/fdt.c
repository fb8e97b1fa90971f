// SPDX-License-Identifier: GPL-2.0-only
/* The device tree of the guest. */
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
static void tree_must(int error)
{
	if (error)
		die("device tree: %s", fdt_strerror(error));
}

static void tree_begin(const char *format, uint64_t address)
{
	char name[64];

	snprintf(name, sizeof(name), format, (unsigned long)address);
	tree_must(fdt_begin_node(tree, name));
}

static void tree_end(void)
{
	tree_must(fdt_end_node(tree));
}

static void tree_number(const char *name, uint32_t value)
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

static void tree_wide(const char *name, const uint64_t *values, unsigned int count)
{
	uint64_t cells[8];

	for (unsigned int i = 0; i < count; i++)
		cells[i] = cpu_to_fdt64(values[i]);
	tree_must(fdt_property(tree, name, cells, count * sizeof(cells[0])));
}

static void tree_reg(uint64_t address, uint64_t size)
{
	tree_wide("reg", (uint64_t[]){ address, size }, 2);
}

static void tree_narrow(const char *name, const uint32_t *values, unsigned int count)
{
	uint32_t cells[16];

	for (unsigned int i = 0; i < count; i++)
		cells[i] = cpu_to_fdt32(values[i]);
	tree_must(fdt_property(tree, name, cells, count * sizeof(cells[0])));
}

static void tree_spi(unsigned int irq, unsigned int trigger)
{
	tree_narrow("interrupts", (uint32_t[]){ GIC_SPI, irq, trigger }, 3);
}

static void tree_chosen(const struct loaded *where)
{
	uint8_t seed[32];

	tree_begin("chosen", 0);
	tree_text("bootargs", opt.append);
	tree_text("stdout-path", "/pl011@9000000");
	if (where->initrd) {
		tree_wide("linux,initrd-start", &where->initrd, 1);
		tree_wide("linux,initrd-end", &where->initrd_end, 1);
	}
	if (getrandom(seed, sizeof(seed), 0) == sizeof(seed))
		tree_must(fdt_property(tree, "rng-seed", seed, sizeof(seed)));
	tree_end();
}

static void tree_memory(void)
{
	tree_begin("memory@%lx", RAM_BASE);
	tree_text("device_type", "memory");
	tree_reg(RAM_BASE, opt.ram);
	tree_end();
	if (!opt.restricted_pool)
		return;

	tree_begin("reserved-memory", 0);
	tree_number("#address-cells", 2);
	tree_number("#size-cells", 2);
	tree_flag("ranges");
	tree_begin("restricted-dma", 0);
	tree_text("compatible", "restricted-dma-pool");
	tree_wide("size", &opt.restricted_pool, 1);
	tree_wide("alignment", (uint64_t[]){ 2 * MIB }, 1);
	tree_number("phandle", PHANDLE_POOL);
	tree_end();
	tree_end();
}

static void tree_cpus(void)
{
	tree_begin("cpus", 0);
	tree_number("#address-cells", 1);
	tree_number("#size-cells", 0);
	for (unsigned int i = 0; i < opt.cpus; i++) {
		tree_begin("cpu@%lx", i);
		tree_text("device_type", "cpu");
		tree_text("compatible", "arm,armv8");
		tree_text("enable-method", "psci");
		tree_number("reg", i);
		tree_end();
	}
	tree_end();

	tree_begin("psci", 0);
	tree_must(fdt_property(tree, "compatible", "arm,psci-1.0\0arm,psci-0.2", 26));
	tree_text("method", "hvc");
	tree_end();

	tree_begin("timer", 0);
	tree_text("compatible", "arm,armv8-timer");
	tree_flag("always-on");
	tree_narrow("interrupts", (uint32_t[]){ GIC_PPI, 13, LEVEL_HIGH, GIC_PPI, 14, LEVEL_HIGH,
					   GIC_PPI, 11, LEVEL_HIGH, GIC_PPI, 10, LEVEL_HIGH }, 12);
	tree_end();
}

static void interrupt_controller(void)
{
	tree_begin("intc@%lx", GIC_DIST_BASE);
	tree_text("compatible", "arm,gic-v3");
	tree_flag("interrupt-controller");
	tree_number("#interrupt-cells", 3);
	tree_number("#address-cells", 2);
	tree_number("#size-cells", 2);
	tree_flag("ranges");
	tree_wide("reg", (uint64_t[]){ GIC_DIST_BASE, 0x10000, GIC_REDIST_BASE, opt.cpus * GIC_REDIST_SIZE }, 4);
	tree_number("phandle", PHANDLE_GIC);
	if (opt.its) {
		tree_begin("its@%lx", GIC_ITS_BASE);
		tree_text("compatible", "arm,gic-v3-its");
		tree_flag("msi-controller");
		tree_number("#msi-cells", 1);
		tree_reg(GIC_ITS_BASE, GIC_ITS_SIZE);
		tree_number("phandle", PHANDLE_ITS);
		tree_end();
	}
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

	tree_begin("pl011@%lx", PL011_BASE);
	tree_must(fdt_property(tree, "compatible", "arm,pl011\0arm,primecell", 24));
	tree_reg(PL011_BASE, PAGE);
	tree_spi(SPI_PL011, LEVEL_HIGH);
	tree_narrow("clocks", (uint32_t[]){ PHANDLE_CLOCK, PHANDLE_CLOCK }, 2);
	tree_must(fdt_property(tree, "clock-names", "uartclk\0apb_pclk", 17));
	tree_end();
}

static void tree_virtio(unsigned int slot)
{
	uint64_t base = VIRTIO_BASE + slot * VIRTIO_STRIDE;

	tree_begin("virtio_mmio@%lx", base);
	tree_text("compatible", "virtio,mmio");
	tree_reg(base, VIRTIO_SIZE);
	tree_spi(SPI_VIRTIO + slot, LEVEL_HIGH);
	tree_flag("dma-coherent");
	if (opt.restricted_pool)
		tree_number("memory-region", PHANDLE_POOL);
	tree_end();
}

/* One bus; its functions' numbers are what the ITS knows them by. */
static void tree_pci(void)
{
	enum { MEMORY_32 = 0x02000000 };

	tree_begin("pcie@%lx", PCI_ECAM_BASE);
	tree_text("compatible", "pci-host-ecam-generic");
	tree_text("device_type", "pci");
	tree_reg(PCI_ECAM_BASE, PCI_ECAM_SIZE);
	tree_narrow("bus-range", (uint32_t[]){ 0, 0 }, 2);
	tree_number("#address-cells", 3);
	tree_number("#size-cells", 2);
	tree_narrow("ranges", (uint32_t[]){ MEMORY_32, 0, PCI_MEM_BASE, 0, PCI_MEM_BASE, 0, PCI_MEM_SIZE }, 7);
	tree_narrow("msi-map", (uint32_t[]){ 0, PHANDLE_ITS, 0, 0x10000 }, 4);
	tree_flag("dma-coherent");
	if (opt.restricted_pool)
		tree_number("memory-region", PHANDLE_POOL);
	tree_end();
}

static void tree_vmclock(void)
{
	tree_begin("vmclock@%lx", CLOCK_BASE);
	tree_text("compatible", "amazon,vmclock");
	tree_reg(CLOCK_BASE, PAGE);
	tree_end();
}

static void tree_devices(void)
{
	tree_console();
	if (opt.clock)
		tree_vmclock();
	if (opt.pci) {
		tree_pci();
		return;
	}
	for (unsigned int slot = 0; slot < virtio_devices(); slot++)
		tree_virtio(slot);
}

void fdt_write(const struct loaded *where)
{
	tree_must(fdt_create(tree, sizeof(tree)));
	tree_must(fdt_finish_reservemap(tree));
	tree_begin("", 0);
	tree_number("#address-cells", 2);
	tree_number("#size-cells", 2);
	tree_number("interrupt-parent", PHANDLE_GIC);
	tree_text("compatible", "pguest,vmm");
	tree_chosen(where);
	tree_memory();
	tree_cpus();
	interrupt_controller();
	tree_devices();
	tree_end();
	tree_must(fdt_finish(tree));
	memory_load(where->fdt, tree, fdt_totalsize(tree));
}
