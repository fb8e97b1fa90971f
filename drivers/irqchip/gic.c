// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of a GIC that an untrusted host emulates: the host chooses the values of its
 * registers and the size of its frames.
 */
#define pr_fmt(fmt) "pguest: GIC: " fmt

#include <linux/bitfield.h>
#include <linux/irqchip/arm-gic-v3.h>
#include <linux/irqchip/pguest.h>
#include <linux/io.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <asm/pguest.h>

/* Arm IHI 0069, GICD_TYPER */
#define TYPER_ID_BITS	GENMASK(23, 19)		/* less one */
#define TYPER_NUM_LPIS	GENMASK(15, 11)

/* LPIs begin at 8192, an INTID has 24 bits, and Linux uses 16 of them. */
#define LEAST_ID_BITS	14
#define MOST_ID_BITS	24
#define USED_ID_BITS	16

/*
 * Behind pguest_gicd_typer(). With fewer bits than the first LPI needs, the number of
 * LPIs would wrap, and LPIs without an entry in the property table would be allocated.
 */
u32 __pguest_gicd_typer(u32 typer)
{
	unsigned int bits = clamp_t(unsigned int, GICD_TYPER_ID_BITS(typer),
				    LEAST_ID_BITS, MOST_ID_BITS);

	u32p_replace_bits(&typer, bits - 1, TYPER_ID_BITS);
	if (GICD_TYPER_NUM_LPIS(typer) >= min_t(unsigned int, bits, USED_ID_BITS))
		u32p_replace_bits(&typer, 0, TYPER_NUM_LPIS);
	return typer;
}

/* Behind pguest_gic_refuses(). */
bool __pguest_gic_refuses(u32 ctlr)
{
	if (ctlr & GICR_CTLR_ENABLE_LPIS)
		pr_warn("LPIs are on again, and the tables that the host has for them are not used\n");
	return true;
}

/* Behind pguest_gic_lpis_off(). */
bool __pguest_gic_lpis_off(void __iomem *rd_base)
{
	void __iomem *ctlr = rd_base + GICR_CTLR;
	u32 val;

	if (!rd_base)
		return false;
	val = readl_relaxed(ctlr);
	if (!(val & GICR_CTLR_ENABLE_LPIS))
		return true;
	pr_warn("LPIs are on, with tables that this kernel has not made: they are switched off\n");
	writel_relaxed(val & ~GICR_CTLR_ENABLE_LPIS, ctlr);

	/* Only hardware needs time for this; an emulated redistributor does not. */
	if (!(readl_relaxed(ctlr) & (GICR_CTLR_ENABLE_LPIS | GICR_CTLR_RWP)))
		return true;
	pr_warn("LPIs cannot be switched off: this kernel has none\n");
	return false;
}

/* Behind pguest_gic_measure(). */
int __pguest_gic_measure(const void __iomem *base, size_t least, size_t *size)
{
	struct vm_struct *area = find_vm_area((const void __force *)base);
	size_t mapped = area ? get_vm_area_size(area) - offset_in_page(base) : 0;

	if (mapped < least) {
		pguest_stop_later("a frame of the GIC has %#zx bytes, and %#zx are needed",
				  mapped, least);
		return -EINVAL;
	}
	if (size)
		*size = mapped;
	return 0;
}

/* Redistributors with LPIs, by CPU, and the ITSs: what reads tables from memory */
static DEFINE_PER_CPU(void __iomem *, lpi_frame);

/* Where the tables of a CPU's redistributor are, while it is off for hibernation */
struct lpi_tables {
	u64 properties, pending;
};

static DEFINE_PER_CPU(struct lpi_tables, lpi_tables);

struct its_frame {
	struct list_head list;
	void __iomem *base;
};

static LIST_HEAD(its_frames);
static bool its_forgotten;

/* Behind pguest_gic_lpis_on(). */
void __pguest_gic_lpis_on(void __iomem *rd_base)
{
	this_cpu_write(lpi_frame, rd_base);
}

/* Behind pguest_gic_its_on(). */
void __pguest_gic_its_on(void __iomem *base)
{
	struct its_frame *frame = kzalloc(sizeof(*frame), GFP_KERNEL);

	if (!frame) {
		its_forgotten = true;
		return;
	}
	frame->base = base;
	list_add(&frame->list, &its_frames);
}

/* Attempts to see that a frame is off: hardware needs microseconds */
#define OFF_ATTEMPTS	100000

static bool bits_become(void __iomem *reg, u32 mask, u32 bits)
{
	unsigned int i;

	for (i = 0; i < OFF_ATTEMPTS; i++) {
		if ((readl_relaxed(reg) & mask) == bits)
			return true;
		cpu_relax();
	}
	return false;
}

static bool redistributor_off(void __iomem *rd_base)
{
	void __iomem *ctlr = rd_base + GICR_CTLR;

	writel_relaxed(readl_relaxed(ctlr) & ~GICR_CTLR_ENABLE_LPIS, ctlr);
	return bits_become(ctlr, GICR_CTLR_ENABLE_LPIS | GICR_CTLR_RWP, 0);
}

/* The addresses go as well: nothing may use them when another kernel switches the ITS on. */
static bool its_off(void __iomem *base)
{
	void __iomem *ctlr = base + GITS_CTLR;
	unsigned int i;

	writel_relaxed(readl_relaxed(ctlr) & ~(GITS_CTLR_ENABLE | GITS_CTLR_ImDe), ctlr);
	if (!bits_become(ctlr, GITS_CTLR_ENABLE | GITS_CTLR_QUIESCENT, GITS_CTLR_QUIESCENT))
		return false;
	writeq_relaxed(0, base + GITS_CBASER);
	for (i = 0; i < GITS_BASER_NR_REGS; i++)
		writeq_relaxed(0, base + GITS_BASER + i * sizeof(u64));
	return true;
}

/**
 * pguest_gic_off() - make the GIC use no tables in memory
 *
 * The host emulates the GIC. One that stays on can no more reach the tables when they
 * are private, so that only interrupts are lost.
 *
 * Context: One CPU online, with interrupts off for good.
 */
void pguest_gic_off(void)
{
	struct its_frame *frame;
	bool off = !its_forgotten;
	int cpu;

	list_for_each_entry(frame, &its_frames, list)
		off &= its_off(frame->base);
	for_each_possible_cpu(cpu) {
		if (per_cpu(lpi_frame, cpu))
			off &= redistributor_off(per_cpu(lpi_frame, cpu));
	}
	if (!off)
		pr_warn("the host's GIC stays on\n");
}

static void suspend_redistributor(void __iomem *rd_base, struct lpi_tables *tables)
{
	tables->properties = readq_relaxed(rd_base + GICR_PROPBASER);
	tables->pending = readq_relaxed(rd_base + GICR_PENDBASER);
	if (!redistributor_off(rd_base))
		pr_warn("the host's GIC stays on\n");
}

static void resume_redistributor(void __iomem *rd_base, const struct lpi_tables *tables)
{
	void __iomem *ctlr = rd_base + GICR_CTLR;

	/* Another kernel may have left them on. The registers cannot be written then. */
	redistributor_off(rd_base);
	writeq_relaxed(tables->properties, rd_base + GICR_PROPBASER);
	writeq_relaxed(tables->pending, rd_base + GICR_PENDBASER);
	writel_relaxed(readl_relaxed(ctlr) | GICR_CTLR_ENABLE_LPIS, ctlr);
}

/**
 * pguest_gic_suspend() - make the redistributors use no tables until pguest_gic_resume()
 *
 * The ITSs are off already: their driver suspends them. Their addresses stay, because an
 * ITS may lose its collections with them.
 *
 * Context: One CPU online, with interrupts off.
 */
void pguest_gic_suspend(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		if (per_cpu(lpi_frame, cpu))
			suspend_redistributor(per_cpu(lpi_frame, cpu),
					      per_cpu_ptr(&lpi_tables, cpu));
	}
}

/**
 * pguest_gic_resume() - give the redistributors their tables again
 *
 * The driver does so for a CPU that comes online the first time only. In a machine that
 * was restarted the kernel before this one has left addresses of its own.
 *
 * Context: As pguest_gic_suspend(), when the tables are shared again.
 */
void pguest_gic_resume(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		if (per_cpu(lpi_frame, cpu))
			resume_redistributor(per_cpu(lpi_frame, cpu),
					     per_cpu_ptr(&lpi_tables, cpu));
	}
}
