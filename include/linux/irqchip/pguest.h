/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the GIC drivers ask about an interrupt controller that a host emulates,
 * who may not be trusted. Outside a protected VM each of these is what the
 * driver did before.
 */
#ifndef _LINUX_IRQCHIP_PGUEST_H
#define _LINUX_IRQCHIP_PGUEST_H

#include <linux/irqchip/arm-gic-v3.h>
#include <linux/pguest_core.h>
#include <linux/sizes.h>

/* Called in a protected VM alone, see linux/pguest_core.h. */
u32 __pguest_gicd_typer(u32 typer);
bool __pguest_gic_refuses(u32 ctlr);
bool __pguest_gic_lpis_off(void __iomem *rd_base);
int __pguest_gic_measure(const void __iomem *base, size_t least, size_t *size);

/**
 * pguest_gic_measure() - how much of a frame is mapped
 * @base: where the driver has mapped it
 * @least: bytes that the driver is going to use
 * @size: is set to the bytes that are mapped; may be NULL
 *
 * Context: Boot, one CPU.
 * Return: 0, or -EINVAL if the device tree or the MADT has a frame that is smaller: the
 *	   boot is going to end.
 */
static inline int pguest_gic_measure(const void __iomem *base, size_t least, size_t *size)
{
	return pguest_active() ? __pguest_gic_measure(base, least, size) : 0;
}

/**
 * pguest_gic_lpis_off() - switch LPIs off that somebody else has switched on
 * @rd_base: the redistributor of this CPU, NULL if it has none
 *
 * Context: Boot, one CPU, before this kernel has given it tables.
 * Return: false if they cannot be switched off: then this kernel can have none.
 */
static inline bool pguest_gic_lpis_off(void __iomem *rd_base)
{
	return !pguest_active() || __pguest_gic_lpis_off(rd_base);
}

/**
 * pguest_gicd_typer() - what the distributor says of its interrupts
 * @typer: GICD_TYPER as it was read
 *
 * Context: Any.
 * Return: @typer, in a protected VM with numbers that fit each other.
 */
static inline u32 pguest_gicd_typer(u32 typer)
{
	return pguest_active() ? __pguest_gicd_typer(typer) : typer;
}

/**
 * pguest_gicr_typer() - what a redistributor says of itself
 * @typer: GICR_TYPER as it was read
 *
 * Context: Any.
 * Return: @typer, in a protected VM without GICv4, which is for hypervisors.
 */
static inline u64 pguest_gicr_typer(u64 typer)
{
	u64 v4 = GICR_TYPER_VLPIS | GICR_TYPER_RVPEID | GICR_TYPER_DIRTY;

	return pguest_active() ? typer & ~v4 : typer;
}

/**
 * pguest_gits_typer() - what an ITS says of itself
 * @typer: GITS_TYPER as it was read
 *
 * Context: Any.
 * Return: @typer, in a protected VM without GICv4.
 */
static inline u64 pguest_gits_typer(u64 typer)
{
	u64 v4 = GITS_TYPER_VLPIS | GITS_TYPER_VMAPP;

	return pguest_active() ? typer & ~v4 : typer;
}

/**
 * pguest_gic_refuses() - must LPI tables that are in force not be used?
 * @ctlr: GICR_CTLR as it was read
 *
 * Context: Boot, one CPU.
 * Return: true in a protected VM: where the tables are is the host's choice.
 */
static inline bool pguest_gic_refuses(u32 ctlr)
{
	return pguest_active() && __pguest_gic_refuses(ctlr);
}

/**
 * pguest_gic_frame_in() - does a redistributor lie in what is mapped of its region?
 * @base: where the region is mapped
 * @size: bytes, of pguest_gic_measure()
 * @frame: the redistributor: any address at all; they are aligned to 64 KiB
 * @least: bytes that it has
 *
 * Context: Any.
 * Return: false if touching it would be touching something else.
 */
static inline bool pguest_gic_frame_in(const void __iomem *base, size_t size,
				       const void __iomem *frame, size_t least)
{
	unsigned long offset = (unsigned long)frame - (unsigned long)base;

	return !pguest_active() || (IS_ALIGNED(offset, SZ_64K) && offset < size &&
				    size - offset >= least);
}

/**
 * pguest_gic_gives_up() - count the attempts to write a register
 * @attempts: how many there were; goes up
 *
 * A GIC supports the attributes of a table that it was asked for, or shows others
 * that it does: that takes a second attempt.
 *
 * Context: Any.
 * Return: true in a protected VM when there were enough.
 */
static inline bool pguest_gic_gives_up(unsigned int *attempts)
{
	return pguest_active() && ++*attempts > 3;
}

#endif /* _LINUX_IRQCHIP_PGUEST_H */
