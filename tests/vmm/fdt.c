// SPDX-License-Identifier: GPL-2.0-only
/* The device tree of the guest. */
#include <libfdt.h>
#include <sys/random.h>

#include "treewriter.h"
#include "virtio.h"
#include "vmm.h"

#define FDT_SIZE	65536

enum { PHANDLE_GIC = 1, PHANDLE_ITS, PHANDLE_CLOCK, PHANDLE_POOL };

static char tree[FDT_SIZE];

static void tree_failed(int error)
{
	die("device tree: %s", fdt_strerror(error));
}

static void tree_chosen(const struct loaded *where)
{
	uint8_t seed[32];

	tree_begin_plain("chosen");
	tree_text("bootargs", opt.append);
	tree_text("stdout-path", "/pl011@9000000");
	if (where->initrd) {
		tree_wide("linux,initrd-start", &where->initrd, 1);
		tree_wide("linux,initrd-end", &where->initrd_end, 1);
	}
	if (getrandom(seed, sizeof(seed), 0) == sizeof(seed))
		tree_bytes("rng-seed", seed, sizeof(seed));
	tree_end();
}

static void tree_memory(void)
{
	tree_begin("memory", RAM_BASE);
	tree_text("device_type", "memory");
	tree_reg(RAM_BASE, opt.ram);
	tree_end();
}

static void tree_pool(void)
{
	tree_begin_plain("restricted-dma");
	tree_text("compatible", "restricted-dma-pool");
	tree_wide("size", &opt.restricted_pool, 1);
	tree_wide("alignment", (uint64_t[]){ 2 * MIB }, 1);
	tree_number("phandle", PHANDLE_POOL);
	tree_end();
}

/* As pvmfw describes what it hands over */
static void tree_handover(const struct loaded *where)
{
	tree_begin("dice", where->handover);
	tree_text("compatible", "google,open-dice");
	tree_flag("no-map");
	tree_reg(where->handover, where->handover_size);
	tree_end();
}

static void tree_reserved(const struct loaded *where)
{
	if (!opt.restricted_pool && !opt.handover)
		return;
	tree_begin_plain("reserved-memory");
	tree_number("#address-cells", 2);
	tree_number("#size-cells", 2);
	tree_flag("ranges");
	if (opt.restricted_pool)
		tree_pool();
	if (opt.handover)
		tree_handover(where);
	tree_end();
}

static void interrupt_controller(void)
{
	tree_begin("intc", GIC_DIST_BASE);
	tree_text("compatible", "arm,gic-v3");
	tree_flag("interrupt-controller");
	tree_number("#interrupt-cells", 3);
	tree_number("#address-cells", 2);
	tree_number("#size-cells", 2);
	tree_flag("ranges");
	tree_wide("reg", (uint64_t[]){ GIC_DIST_BASE, 0x10000, GIC_REDIST_BASE, opt.cpus * GIC_REDIST_SIZE }, 4);
	tree_number("phandle", PHANDLE_GIC);
	if (opt.its) {
		tree_begin("its", GIC_ITS_BASE);
		tree_text("compatible", "arm,gic-v3-its");
		tree_flag("msi-controller");
		tree_number("#msi-cells", 1);
		tree_reg(GIC_ITS_BASE, GIC_ITS_SIZE);
		tree_number("phandle", PHANDLE_ITS);
		tree_end();
	}
	tree_end();
}

static void tree_virtio(unsigned int slot)
{
	uint64_t base = VIRTIO_BASE + slot * VIRTIO_STRIDE;

	tree_begin("virtio_mmio", base);
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

	tree_begin("pcie", PCI_ECAM_BASE);
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
	tree_begin("vmclock", CLOCK_BASE);
	tree_text("compatible", "amazon,vmclock");
	tree_reg(CLOCK_BASE, PAGE);
	tree_end();
}

static void tree_devices(void)
{
	tree_console(PL011_BASE, SPI_PL011, PHANDLE_CLOCK);
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
	tree_start(tree, sizeof(tree), tree_failed);
	tree_number("#address-cells", 2);
	tree_number("#size-cells", 2);
	tree_number("interrupt-parent", PHANDLE_GIC);
	tree_text("compatible", "pguest,vmm");
	tree_chosen(where);
	tree_memory();
	tree_reserved(where);
	tree_cpus(opt.cpus, "hvc");
	interrupt_controller();
	tree_devices();
	tree_finish();
	memory_load(where->fdt, tree, fdt_totalsize(tree));
}
