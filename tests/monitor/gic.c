// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a host may say of the GIC that it emulates, and what a guest must not believe. Registers are as QEMU has
 * them until an option says otherwise; what the guest wrote is what it reads back, but for its_flaps=.
 *
 * Source of the registers: Arm IHI 0069, GICv3 architecture.
 */
#include <string.h>
#include <libfdt.h>
#include "device.h"
#include "options.h"

#define GICD_TYPER		0x0004
#define GICD_ISPENDR		0x0200
#define NR_INTERRUPTS		256		/* SGIs, PPIs, and the SPIs of QEMU's virt */

#define GICR_CTLR		0x0000
#define GICR_TYPER		0x0008
#define GICR_PROPBASER		0x0070
#define GICR_PENDBASER		0x0078
#define GICR_SGI_FRAME		0x10000
#define GICR_ISPENDR0		0x0200
#define REDIST_SIZE		0x20000
#define STOP_SGIS		(BIT(2) | BIT(3))	/* enum ipi_msg_type: IPI_CPU_STOP and the one behind it */
#define ENABLE_LPIS		BIT(0)
#define TYPER_LAST		BIT(4)
#define TYPER_VLPIS		(BIT(1) | BIT(7))	/* virtual LPIs, and a vPE table for each redistributor */
#define ID_BITS_16		15

#define GITS_TYPER		0x0008
#define GITS_BASER		0x0100
#define GITS_BASERS_END		0x0140
#define BASER_SHAREABILITY	BIT(10)
#define GITS_TYPER_VLPIS	(BIT(1) | BIT(40))	/* GICv4, and GICv4.1's VMAPP */

/* What the guest has written of its LPIs, by redistributor. */
static struct {
	bool property, pending, enable;
} written[NR_CPUS];

static u64 injected;

static bool half_of(const struct mmio *m, u64 offset, u64 reg)
{
	return (offset & ~7UL) == reg && m->log2_size >= 2;
}

/* The part of a 64-bit register that an access reads. */
static u64 part_of(const struct mmio *m, u64 offset, u64 value)
{
	return m->log2_size == 3 ? value : (u32)(value >> 8 * (offset & 4));
}

/* An address, or the name of something that the guest has in its memory. */
u64 place_of(const char *word)
{
	if (!strcmp(word, "initrd"))
		return initrd.start;
	if (!strcmp(word, "text"))
		return image.start + 0x10000;
	if (!strcmp(word, "tree"))
		return dtb.start;
	return to_number(word);
}

static bool lie_of_tables(struct mmio *m, u32 cpu, u64 offset)
{
	if (half_of(m, offset, GICR_PROPBASER) && !written[cpu].property) {
		m->value = part_of(m, offset, (place_of(opt.lpi_property) & ~0xfffUL) | ID_BITS_16);
		return true;
	}
	if (half_of(m, offset, GICR_PENDBASER) && opt.lpi_pending && !written[cpu].pending) {
		m->value = part_of(m, offset, place_of(opt.lpi_pending) & ~0xffffUL);
		return true;
	}
	if (offset != GICR_CTLR || (written[cpu].enable && !opt.lpis_stuck))
		return false;
	m->value = device_read(m->ipa, m->log2_size) | ENABLE_LPIS;
	return true;
}

static bool lie_of_type(struct mmio *m, u64 offset)
{
	u64 value;

	if (!half_of(m, offset, GICR_TYPER) || !(opt.gicr_endless || opt.gic_v4))
		return false;
	value = device_read(m->ipa & ~7UL, 3);
	if (opt.gicr_endless)
		value &= ~TYPER_LAST;
	if (opt.gic_v4)
		value |= TYPER_VLPIS;
	m->value = part_of(m, offset, value);
	return true;
}

static void note_write(const struct mmio *m, u32 cpu, u64 offset)
{
	if (half_of(m, offset, GICR_PROPBASER))
		written[cpu].property = true;
	else if (half_of(m, offset, GICR_PENDBASER))
		written[cpu].pending = true;
	else if (offset == GICR_CTLR)
		written[cpu].enable = true;
}

/* A redistributor: true when this was a read, and has its answer. */
bool gicr_lies(struct mmio *m, u32 cpu, u64 offset)
{
	if (cpu >= NR_CPUS)
		return false;
	if (m->write) {
		note_write(m, cpu, offset);
		return false;
	}
	return lie_of_type(m, offset) || (opt.lpi_property && lie_of_tables(m, cpu, offset));
}

/* The same of the ITS. Shareability never reads as it was written: Linux then tries what it has read. */
bool gits_lies(struct mmio *m, u64 offset, u64 table)
{
	if (m->write)
		return false;
	if (opt.its_flaps && offset >= GITS_BASER && offset < GITS_BASERS_END && !(offset & 7) && m->log2_size == 3) {
		m->value = table ^ BASER_SHAREABILITY;
		return true;
	}
	if (opt.gic_v4 && half_of(m, offset, GITS_TYPER)) {
		m->value = part_of(m, offset, device_read(m->ipa & ~7UL, 3) | GITS_TYPER_VLPIS);
		return true;
	}
	return false;
}

enum mmio_result gicd_access(struct vcpu *vcpu, struct mmio *m)
{
	(void)vcpu;
	if (m->write || m->ipa - GICD_BASE != GICD_TYPER || !opt.gicd_typer.told)
		return MMIO_PASS;
	m->value = opt.gicd_typer.value;
	return MMIO_DONE;
}

/* Of the device tree: how large the frames are, and how far they are from each other. */
void gic_describe(void *tree)
{
	int node = fdt_node_offset_by_compatible(tree, -1, "arm,gic-v3"), length;
	fdt64_t reg[4];
	const void *old;

	if (node < 0)
		return;
	if (opt.gicr_stride.told)
		fdt_setprop_u64(tree, node, "redistributor-stride", opt.gicr_stride.value);
	old = fdt_getprop(tree, node, "reg", &length);
	if (!old || length != sizeof(reg))
		return;
	memcpy(reg, old, sizeof(reg));
	if (opt.gicd_size.told)
		reg[1] = cpu_to_fdt64(opt.gicd_size.value);
	if (opt.gicr_size.told)
		reg[3] = cpu_to_fdt64(opt.gicr_size.value);
	fdt_setprop(tree, node, "reg", reg, sizeof(reg));
}

/*
 * Option interrupts=N: at each Nth exit one more interrupt becomes pending that no device has asked for, of all SGIs,
 * PPIs and SPIs in turn. The two by which Linux stops a CPU are left out: that is what a host can do without them.
 */
void gic_tick(const struct vcpu *vcpu)
{
	static u32 next, exits[NR_CPUS];
	u64 frame = REDIST_BASE + vcpu->index * REDIST_SIZE + GICR_SGI_FRAME;
	u32 number;

	if (!opt.interrupts || ++exits[vcpu->index] % opt.interrupts)
		return;
	number = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED) % NR_INTERRUPTS;
	if (BIT(number % 32) & STOP_SGIS && number < 32)
		return;
	device_write(number < 32 ? frame + GICR_ISPENDR0 : GICD_BASE + GICD_ISPENDR + number / 32 * 4, 2,
		     BIT(number % 32));
	__atomic_fetch_add(&injected, 1, __ATOMIC_RELAXED);
}

/* Which LPI tables are in force: the guest's, or what was there when it came. */
void gic_report(struct json *j)
{
	if (opt.interrupts)
		json_number(j, "injected", injected);
	json_open(j, "lpi_tables", '[');
	for (u32 cpu = 0; cpu < nr_cpus && cpu < NR_CPUS; cpu++) {
		json_open(j, NULL, '{');
		json_number(j, "property", written[cpu].property);
		json_number(j, "pending", written[cpu].pending);
		json_number(j, "enable", written[cpu].enable);
		json_close(j, '}');
	}
	json_close(j, ']');
}
