// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device tree: read QEMU's, then write the guest's, where it was. Gone are our part of RAM, the SMMU,
 * the PMU and all that shows EL2.
 */
#include <string.h>
#include <libfdt.h>
#include "monitor.h"

#define SIZE	0x100000	/* what QEMU's virt makes room for */

static u8 tree[SIZE] __attribute__((aligned(8)));

static void must(int result, const char *what)
{
	if (result < 0)
		fail("device tree: %s (libfdt error %d)", what, result);
}

static int compatible(const char *name)
{
	int node = fdt_node_offset_by_compatible(tree, -1, name);

	must(node, name);
	return node;
}

static u64 cells(const void *property)
{
	return fdt64_ld(property);
}

static u64 chosen_address(const char *name)
{
	int length, chosen = fdt_path_offset(tree, "/chosen");
	const void *p = fdt_getprop(tree, chosen, name, &length);

	if (!p)
		return 0;
	return length == 8 ? fdt64_ld(p) : fdt32_ld(p);
}

static int memory_node(void)
{
	int node = fdt_node_offset_by_prop_value(tree, -1, "device_type", "memory", 7);

	must(node, "no memory node");
	return node;
}

static void read_cpus(void)
{
	int node, cpus = fdt_path_offset(tree, "/cpus");

	must(cpus, "no /cpus");
	fdt_for_each_subnode(node, tree, cpus) {
		const void *reg = fdt_getprop(tree, node, "reg", NULL);

		if (!reg)
			continue;		/* cpu-map */
		if (nr_cpus == NR_CPUS)
			fail("more than %d CPUs", NR_CPUS);
		cpu_blocks[nr_cpus].vcpu.index = nr_cpus;
		cpu_blocks[nr_cpus].vcpu.mpidr = fdt32_ld(reg);
		nr_cpus++;
	}
}

void fdt_read(u64 address)
{
	const void *reg;

	must(fdt_open_into((void *)address, tree, SIZE), "QEMU gave none");
	reg = fdt_getprop(tree, memory_node(), "reg", NULL);
	ram = (struct span){ MONITOR_END, cells(reg) + cells(reg + 8) };
	if (cells(reg) != MONITOR_BASE || ram.end <= ram.start)
		fail("RAM is not at 0x%x, or smaller than our part", MONITOR_BASE);
	initrd = (struct span){ chosen_address("linux,initrd-start"), chosen_address("linux,initrd-end") };
	dtb = (struct span){ address, address + SIZE };
	read_cpus();
}

static void edit_memory(void)
{
	int node = memory_node();
	fdt64_t reg[2] = { cpu_to_fdt64(ram.start), cpu_to_fdt64(ram.end - ram.start) };

	must(fdt_setprop(tree, node, "reg", reg, sizeof(reg)), "memory");
	must(fdt_set_name(tree, node, "memory@42000000"), "memory");
}

/* The tree's hypervisor timer is the last of four interrupts, the GIC's maintenance interrupt the only one. */
static void hide_el2(void)
{
	int length, node = compatible("arm,armv8-timer");
	const void *p = fdt_getprop(tree, node, "interrupts", &length);
	u32 copy[12];

	if (p && length == 48) {
		memcpy(copy, p, 36);
		must(fdt_setprop(tree, node, "interrupts", copy, 36), "timer");
	}
	fdt_delprop(tree, compatible("arm,gic-v3"), "interrupts");
	must(fdt_setprop_string(tree, fdt_path_offset(tree, "/psci"), "method", opt.psci), "psci");
}

static void remove(const char *name)
{
	int node = fdt_node_offset_by_compatible(tree, -1, name);

	if (node >= 0)
		must(fdt_del_node(tree, node), name);
}

/* Transports without a device behind them are no devices; those with one bypass the SMMU, see virtio.c. */
static void remove_empty_virtio_mmio(void)
{
	int node = fdt_node_offset_by_compatible(tree, -1, "virtio,mmio");

	while (node >= 0) {
		const void *reg = fdt_getprop(tree, node, "reg", NULL);

		if (reg && !device_read(cells(reg) + 8, 2)) {
			must(fdt_del_node(tree, node), "virtio,mmio");
			node = fdt_node_offset_by_compatible(tree, -1, "virtio,mmio");
		} else {
			node = fdt_node_offset_by_compatible(tree, node, "virtio,mmio");
		}
	}
}

static void use_pool(const char *name, u32 phandle)
{
	int node = fdt_node_offset_by_compatible(tree, -1, name);

	for (; node >= 0; node = fdt_node_offset_by_compatible(tree, node, name))
		must(fdt_setprop_u32(tree, node, "memory-region", phandle), name);
}

/* Documentation/devicetree/bindings/reserved-memory/shared-dma-pool.yaml */
static void add_restricted_pool(u64 mib)
{
	u32 phandle;
	int node;

	must(fdt_generate_phandle(tree, &phandle), "phandle");
	node = fdt_add_subnode(tree, 0, "reserved-memory");
	must(node, "reserved-memory");
	must(fdt_setprop_u32(tree, node, "#address-cells", 2), "reserved-memory");
	must(fdt_setprop_u32(tree, node, "#size-cells", 2), "reserved-memory");
	must(fdt_setprop_empty(tree, node, "ranges"), "reserved-memory");
	node = fdt_add_subnode(tree, node, "restricted_dma_reserved");
	must(node, "pool");
	must(fdt_setprop_string(tree, node, "compatible", "restricted-dma-pool"), "pool");
	must(fdt_setprop_u64(tree, node, "size", mib << 20), "pool");
	must(fdt_setprop_u64(tree, node, "alignment", 0x200000), "pool");
	must(fdt_setprop_u32(tree, node, "phandle", phandle), "pool");
	use_pool("pci-host-ecam-generic", phandle);
	use_pool("virtio,mmio", phandle);
}

void fdt_write_guest(void)
{
	edit_memory();
	hide_el2();
	fdt_delprop(tree, compatible("pci-host-ecam-generic"), "iommu-map");
	remove("arm,smmu-v3");
	remove("arm,armv8-pmuv3");
	remove("qemu,fw-cfg-mmio");
	remove_empty_virtio_mmio();
	if (opt.restricted_pool)
		add_restricted_pool(opt.restricted_pool);
	must(fdt_pack(tree), "pack");
	memcpy((void *)dtb.start, tree, fdt_totalsize(tree));
}
