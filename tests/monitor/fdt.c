// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device tree: read QEMU's, then write the guest's, where it was. Gone are our part of RAM, the SMMU,
 * the PMU and all that shows EL2. A realm has half of the rest of RAM, the mirror behind it the other half,
 * and no PCI window above its lower half.
 */
#include <string.h>
#include <libfdt.h>
#include "device.h"
#include "memory.h"
#include "options.h"
#include "tree.h"

#define SIZE	0x100000	/* what QEMU's virt makes room for */
#define RANGE	7		/* cells of one entry of PCI's ranges */

static u8 tree[SIZE] __attribute__((aligned(8)));
static bool ecam_moved;

static int node_of(const char *name)
{
	int node = fdt_node_offset_by_compatible(tree, -1, name);

	fdt_must(node, name);
	return node;
}

static u64 read_cells(const void *property)
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

	fdt_must(node, "no memory node");
	return node;
}

/*
 * QEMU knows of no mirror: what it has put there, or into RAM that the guest's tree does not list, moves to RAM's end.
 */
static void make_room(void)
{
	u64 visible = ram.end - (opt.hidden_ram << 20) - (opt.ragged ? RAGGED_TAIL : 0), size = initrd.end - initrd.start;
	u64 tree_at = (visible - SIZE) & ~0x1fffffUL, initrd_at = (tree_at - size) & ~(PAGE - 1);

	if (dtb.end <= visible && initrd.end <= visible)
		return;
	if (initrd_at < image.end || initrd_at > tree_at)
		fail("%lu MiB are not enough for an Image, %lu KiB of initrd and a device tree",
		     (visible - ram.start) >> 20, size >> 10);
	memmove((void *)initrd_at, (void *)initrd.start, size);
	initrd = (struct span){ initrd_at, initrd_at + size };
	dtb = (struct span){ tree_at, tree_at + SIZE };
}

static void read_cpus(void)
{
	int node, cpus = fdt_path_offset(tree, "/cpus");

	fdt_must(cpus, "no /cpus");
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

	fdt_must(fdt_open_into((void *)address, tree, SIZE), "QEMU gave none");
	reg = fdt_getprop(tree, memory_node(), "reg", NULL);
	machine_ram = (struct span){ read_cells(reg), read_cells(reg) + read_cells(reg + 8) };
	ram = (struct span){ MONITOR_END, machine_ram.end };
	if (machine_ram.start != MONITOR_BASE || ram.end <= ram.start)
		fail("RAM is not at 0x%x, or smaller than our part", MONITOR_BASE);
	if (opt.hidden_ram << 20 >= (ram.end - ram.start) / 2)
		fail("option hidden_ram=%lu: more than there is", opt.hidden_ram);
	if (!strcmp(opt.mode, "cca"))
		ram.end -= (ram.end - ram.start) / 2;
	ragged_make_holes();
	initrd = (struct span){ chosen_address("linux,initrd-start"), chosen_address("linux,initrd-end") };
	dtb = (struct span){ address, address + SIZE };
	read_cpus();
}

/* After find_image(): where the Image ends is its own affair. */
void fdt_place(void)
{
	int chosen = fdt_path_offset(tree, "/chosen");

	make_room();
	if (!initrd.end)
		return;
	fdt_must(fdt_setprop_u64(tree, chosen, "linux,initrd-start", initrd.start), "initrd");
	fdt_must(fdt_setprop_u64(tree, chosen, "linux,initrd-end", initrd.end), "initrd");
}

static void edit_memory(void)
{
	int node = memory_node();
	u64 end = opt.ragged ? ragged_holes[0].start : ram.end - (opt.hidden_ram << 20);
	fdt64_t reg[4] = { cpu_to_fdt64(ram.start), cpu_to_fdt64(end - ram.start),
			   cpu_to_fdt64(ragged_holes[0].end), cpu_to_fdt64(ragged_holes[1].start - ragged_holes[0].end) };

	fdt_must(fdt_setprop(tree, node, "reg", reg, opt.ragged ? 32 : 16), "memory");
	fdt_must(fdt_set_name(tree, node, "memory@42000000"), "memory");
}

/* The tree's hypervisor timer is the last of four interrupts, the GIC's maintenance interrupt the only one. */
static void hide_el2(void)
{
	int length, node = node_of("arm,armv8-timer");
	const void *p = fdt_getprop(tree, node, "interrupts", &length);
	u32 copy[12];

	if (p && length == 48) {
		memcpy(copy, p, 36);
		fdt_must(fdt_setprop(tree, node, "interrupts", copy, 36), "timer");
	}
	fdt_delprop(tree, node_of("arm,gic-v3"), "interrupts");
	fdt_must(fdt_setprop_string(tree, fdt_path_offset(tree, "/psci"), "method", opt.psci), "psci");
}

/* Behind the header of the tree: nothing is reserved there, and 16 zeroes say so. */
#define RELEASE		0x28

static u64 release_before;

static u64 *release_address(void)
{
	return (u64 *)(place_of(opt.spin_table) + RELEASE);
}

static void spin_table(int cpu)
{
	const void *reg = fdt_getprop(tree, cpu, "reg", NULL);

	if (!reg || !fdt32_ld(reg))
		return;
	fdt_must(fdt_setprop_string(tree, cpu, "enable-method", "spin-table"), "spin table");
	fdt_must(fdt_setprop_u64(tree, cpu, "cpu-release-addr", (u64)release_address()), "spin table");
}

/* Options psci_cpu_on=, spin_table= */
static void lie_about_cpus(void)
{
	int node, psci = fdt_path_offset(tree, "/psci"), cpus;

	if (opt.psci_cpu_on) {
		fdt_must(fdt_setprop_string(tree, psci, "compatible", "arm,psci"), "psci");
		fdt_must(fdt_setprop_u32(tree, psci, "cpu_on", opt.psci_cpu_on), "psci");
	}
	cpus = fdt_path_offset(tree, "/cpus");
	if (opt.spin_table)
		fdt_for_each_subnode(node, tree, cpus)
			spin_table(node);
}

void fdt_report(struct json *j)
{
	json_number(j, "release_written", opt.spin_table && *release_address() != release_before);
}

static void remove_node(const char *name)
{
	int node = fdt_node_offset_by_compatible(tree, -1, name);

	if (node >= 0)
		fdt_must(fdt_del_node(tree, node), name);
}

/* Transports without a device behind them are no devices; those with one bypass the SMMU, see virtio.c. */
static void remove_empty_virtio_mmio(void)
{
	int node = fdt_node_offset_by_compatible(tree, -1, "virtio,mmio");

	while (node >= 0) {
		const void *reg = fdt_getprop(tree, node, "reg", NULL);

		if (reg && !device_read(read_cells(reg) + 8, 2)) {
			fdt_must(fdt_del_node(tree, node), "virtio,mmio");
			node = fdt_node_offset_by_compatible(tree, -1, "virtio,mmio");
		} else {
			node = fdt_node_offset_by_compatible(tree, node, "virtio,mmio");
		}
	}
}

/* Linux has PCI's configuration space where QEMU's machines without high memory have it. */
u64 fdt_device_address(u64 ipa)
{
	if (!ecam_moved || ipa < ECAM_LOW || ipa >= ECAM_LOW + ECAM_LOW_SIZE)
		return ipa;
	return ECAM_BASE + (ipa - ECAM_LOW);
}

/* What is above the lower half has no address in a realm: the 64-bit window, and on a narrow one the ECAM. */
static void lower_pci(void)
{
	int length, node = node_of("pci-host-ecam-generic");
	const fdt32_t *ranges = fdt_getprop(tree, node, "ranges", &length);
	fdt32_t kept[4 * RANGE], buses[2] = { 0, cpu_to_fdt32(ECAM_LOW_SIZE / ECAM_BUS - 1) };
	fdt64_t reg[2] = { cpu_to_fdt64(ECAM_LOW), cpu_to_fdt64(ECAM_LOW_SIZE) };
	u32 cells_kept = 0;

	fdt_must(length < 0 || length > (int)sizeof(kept) ? -1 : 0, "PCI ranges");
	for (int at = 0; at < length / 4; at += RANGE) {
		if (read_cells(ranges + at + 3) + read_cells(ranges + at + 5) > realm_half())
			continue;
		memcpy(kept + cells_kept, ranges + at, RANGE * 4);
		cells_kept += RANGE;
	}
	fdt_must(fdt_setprop(tree, node, "ranges", kept, cells_kept * 4), "PCI ranges");
	if (opt.ipa_bits > 48) {
		say("no PCI: this machine's SMMU translates 48 bits, and what a realm of %lu shares is above",
		    opt.ipa_bits);
		fdt_must(fdt_setprop_string(tree, node, "status", "disabled"), "PCI status");
	}
	if (realm_half() > ECAM_BASE)
		return;
	ecam_moved = true;
	fdt_must(fdt_setprop(tree, node, "reg", reg, sizeof(reg)), "PCI reg");
	fdt_must(fdt_setprop(tree, node, "bus-range", buses, sizeof(buses)), "PCI buses");
}

/* At the root, where the GIC is everybody's; an SPI is an edge, and 0 none. */
void fdt_add_device(const char *name, const char *compatible, u64 address, u64 size, u32 spi)
{
	fdt32_t interrupt[3] = { cpu_to_fdt32(0), cpu_to_fdt32(spi), cpu_to_fdt32(1) };
	fdt64_t reg[2] = { cpu_to_fdt64(address), cpu_to_fdt64(size) };
	char full[40];
	int node;

	format(full, sizeof(full), "%s@%lx", name, address);
	node = fdt_add_subnode(tree, 0, full);
	fdt_must(node, full);
	fdt_must(fdt_setprop_string(tree, node, "compatible", compatible), full);
	fdt_must(fdt_setprop(tree, node, "reg", reg, sizeof(reg)), full);
	if (spi)
		fdt_must(fdt_setprop(tree, node, "interrupts", interrupt, sizeof(interrupt)), full);
}

static void use_pool(const char *name, u32 phandle)
{
	int node = fdt_node_offset_by_compatible(tree, -1, name);

	for (; node >= 0; node = fdt_node_offset_by_compatible(tree, node, name))
		fdt_must(fdt_setprop_u32(tree, node, "memory-region", phandle), name);
}

static int reserved_memory(void)
{
	int node = fdt_path_offset(tree, "/reserved-memory");

	if (node >= 0)
		return node;
	node = fdt_add_subnode(tree, 0, "reserved-memory");
	fdt_must(node, "reserved-memory");
	fdt_must(fdt_setprop_u32(tree, node, "#address-cells", 2), "reserved-memory");
	fdt_must(fdt_setprop_u32(tree, node, "#size-cells", 2), "reserved-memory");
	fdt_must(fdt_setprop_empty(tree, node, "ranges"), "reserved-memory");
	return node;
}

static void reserve_memory(const char *name, u64 address, u64 size, bool no_map)
{
	fdt64_t reg[2] = { cpu_to_fdt64(address), cpu_to_fdt64(size) };
	int node = fdt_add_subnode(tree, reserved_memory(), name);

	fdt_must(node, name);
	fdt_must(fdt_setprop(tree, node, "reg", reg, sizeof(reg)), name);
	if (no_map)
		fdt_must(fdt_setprop_empty(tree, node, "no-map"), name);
}

/* Documentation/devicetree/bindings/reserved-memory/google,open-dice.yaml */
static void add_handover(void)
{
	reserve_memory("dice", handover.start, handover.end - handover.start, true);
	fdt_must(fdt_setprop_string(tree, fdt_path_offset(tree, "/reserved-memory/dice"), "compatible",
				    "google,open-dice"), "dice");
}

static bool in_ragged(const struct span *s)
{
	return s->start < ragged_base() + 0x400000 && s->end > ragged_base();
}

static void add_ragged_reserves(void)
{
	if (in_ragged(&image) || in_ragged(&initrd) || in_ragged(&dtb))
		fail("option ragged: something was loaded where it is; more memory will do");
	reserve_memory("no-map", ragged_base() + RAGGED_NO_MAP, PAGE, true);
	reserve_memory("reserved", ragged_base() + RAGGED_RESERVED, 2 * PAGE, false);
}

/* Documentation/devicetree/bindings/reserved-memory/shared-dma-pool.yaml */
static void add_restricted_pool(u64 mib)
{
	u32 phandle;
	int node;

	fdt_must(fdt_generate_phandle(tree, &phandle), "phandle");
	node = fdt_add_subnode(tree, reserved_memory(), "restricted_dma_reserved");
	fdt_must(node, "pool");
	fdt_must(fdt_setprop_string(tree, node, "compatible", "restricted-dma-pool"), "pool");
	fdt_must(fdt_setprop_u64(tree, node, "size", mib << 20), "pool");
	fdt_must(fdt_setprop_u64(tree, node, "alignment", 0x200000), "pool");
	fdt_must(fdt_setprop_u32(tree, node, "phandle", phandle), "pool");
	use_pool("pci-host-ecam-generic", phandle);
	use_pool("virtio,mmio", phandle);
}

static void fill_property(int node, const char *name, int byte)
{
	int length;
	void *seed = fdt_getprop_w(tree, node, name, &length);

	if (seed)
		memset(seed, byte, length);
}

/* Option rng_seed=: what the host has chosen, instead of QEMU's random numbers. */
static void edit_seeds(void)
{
	int chosen = fdt_path_offset(tree, "/chosen");

	if (!opt.rng_seed)
		return;
	if (!strcmp(opt.rng_seed, "none")) {
		fdt_delprop(tree, chosen, "rng-seed");
		fdt_delprop(tree, fdt_path_offset(tree, "/chosen"), "kaslr-seed");
		return;
	}
	fill_property(chosen, "rng-seed", opt.rng_seed[0] == 'z' ? 0 : 0xff);
	fill_property(chosen, "kaslr-seed", opt.rng_seed[0] == 'z' ? 0 : 0xff);
}

void fdt_write_guest(void)
{
	edit_memory();
	if (is_realm())
		lower_pci();
	hide_el2();
	gic_describe(tree);
	lie_about_cpus();
	fdt_delprop(tree, node_of("pci-host-ecam-generic"), "iommu-map");
	remove_node("arm,smmu-v3");
	remove_node("arm,armv8-pmuv3");
	remove_node("qemu,fw-cfg-mmio");
	remove_empty_virtio_mmio();
	if (opt.restricted_pool)
		add_restricted_pool(opt.restricted_pool);
	if (opt.ragged)
		add_ragged_reserves();
	if (opt.handover)
		add_handover();
	edit_seeds();
	if (opt.acpi)
		acpi_write(tree);
	fdt_lie(tree);
	fdt_must(fdt_pack(tree), "pack");
	memcpy((void *)dtb.start, tree, fdt_totalsize(tree));
	fdt_lie_bytes((void *)dtb.start);
	if (opt.spin_table)
		release_before = *release_address();
	if (opt.tree && !semihost_write_file(opt.tree, (const char *)dtb.start, fdt_totalsize(tree)))
		fail("cannot write %s", opt.tree);
}

/* Option tree_upper=: the host can write there for as long as it likes. */
void fdt_lift(void)
{
	u64 size = fdt_totalsize(tree);

	realm_make_empty(dtb.start, (dtb.start + size + PAGE - 1) & ~(PAGE - 1));
	memcpy((void *)mirror_of(dtb.start), tree, size);
}
