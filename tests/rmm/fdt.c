// SPDX-License-Identifier: GPL-2.0-only
/* The realm's device tree: RAM, CPUs, GIC and timer, and those devices of the machine that are forwarded. */
#include <string.h>
#include <libfdt.h>
#include "memory.h"
#include "options.h"
#include "place.h"
#include "realm.h"
#include "treewriter.h"

#define SIZE		0x10000

enum { PHANDLE_GIC = 1, PHANDLE_CLOCK };

#define VIRTIO_MAGIC	0x74726976	/* "virt", register 0 */
#define VIRTIO_ID	8		/* register: which device, 0 for none */

static u8 tree[SIZE] __attribute__((aligned(8)));
static char bootargs[2048];

static void tree_failed(int error)
{
	fail("device tree: libfdt error %d", error);
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
static void tree_chosen(const struct span *initrd)
{
	u64 seed[4] = { random_next() ^ sysreg_read(cntpct_el0), random_next(), random_next(), semihost_time() };

	read_bootargs();
	tree_begin_plain("chosen");
	tree_text("bootargs", bootargs);
	tree_text("stdout-path", "/pl011@9000000");
	if (initrd->end > initrd->start) {
		tree_wide("linux,initrd-start", &initrd->start, 1);
		tree_wide("linux,initrd-end", &initrd->end, 1);
	}
	tree_bytes("rng-seed", seed, sizeof(seed));
	tree_end();
}

static void tree_memory(void)
{
	tree_begin("memory", ram.start);
	tree_text("device_type", "memory");
	tree_reg(ram.start, ram.end - ram.start);
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

/* Transports without a device behind them are left out. */
static void tree_virtio(u32 slot)
{
	u64 base = VIRTIO_MMIO + slot * VIRTIO_STRIDE;

	if (device_read(base, 2) != VIRTIO_MAGIC || !device_read(base + VIRTIO_ID, 2))
		return;
	tree_begin("virtio_mmio", base);
	tree_text("compatible", "virtio,mmio");
	tree_reg(base, VIRTIO_STRIDE);
	tree_spi(VIRTIO_SPI + slot, LEVEL_HIGH);
	tree_flag("dma-coherent");
	tree_end();
}

const void *fdt_write(const struct span *initrd)
{
	tree_start(tree, sizeof(tree), tree_failed);
	tree_number("#address-cells", 2);
	tree_number("#size-cells", 2);
	tree_number("interrupt-parent", PHANDLE_GIC);
	tree_text("compatible", "pguest,rmm-host");
	tree_chosen(initrd);
	tree_memory();
	tree_cpus(opt.cpus, "smc");
	interrupt_controller();
	tree_console(PL011_BASE, PL011_SPI, PHANDLE_CLOCK);
	/* QEMU gives its first device the last transport, and Linux numbers them as they come. */
	for (u32 slot = VIRTIO_SLOTS; slot--; )
		tree_virtio(slot);
	tree_finish();
	if (opt.tree && !semihost_write_file(opt.tree, (const char *)tree, fdt_totalsize(tree)))
		fail("cannot write %s", opt.tree);
	return tree;
}
