/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks of the GIC drivers for an interrupt controller that an untrusted host
 * emulates. Outside a protected VM they change nothing.
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
void __pguest_gic_lpis_on(void __iomem *rd_base);
void __pguest_gic_its_on(void __iomem *base);

/**
 * pguest_gic_measure() - check how much of a frame is mapped
 * @base: the driver's mapping
 * @least: bytes that the driver will use
 * @size: set to the number of mapped bytes; may be NULL
 *
 * Context: Boot, one CPU.
 * Return: 0, or -EINVAL if the frame is smaller in the device tree or the MADT: the
 *	   boot will then be stopped.
 */
static inline int pguest_gic_measure(const void __iomem *base, size_t least, size_t *size)
{
	return pguest_active() ? __pguest_gic_measure(base, least, size) : 0;
}

/**
 * pguest_gic_lpis_off() - disable LPIs that this kernel has not enabled
 * @rd_base: the redistributor of this CPU, NULL if it has none
 *
 * Context: Boot, one CPU, before this kernel sets LPI tables.
 * Return: false if they cannot be disabled: this kernel then does without LPIs.
 */
static inline bool pguest_gic_lpis_off(void __iomem *rd_base)
{
	return !pguest_active() || __pguest_gic_lpis_off(rd_base);
}

/**
 * pguest_gic_lpis_on() - remember that LPIs are enabled
 * @rd_base: the redistributor of this CPU
 *
 * Context: Any, on the CPU.
 */
static inline void pguest_gic_lpis_on(void __iomem *rd_base)
{
	if (pguest_active())
		__pguest_gic_lpis_on(rd_base);
}

/**
 * pguest_gic_its_on() - remember that an ITS is enabled
 * @base: its registers
 *
 * Context: Boot, process.
 */
static inline void pguest_gic_its_on(void __iomem *base)
{
	if (pguest_active())
		__pguest_gic_its_on(base);
}

/**
 * pguest_gicd_typer() - GICD_TYPER with consistent fields
 * @typer: GICD_TYPER as it was read
 *
 * Context: Any.
 * Return: @typer; in a protected VM fields that contradict each other are corrected.
 */
static inline u32 pguest_gicd_typer(u32 typer)
{
	return pguest_active() ? __pguest_gicd_typer(typer) : typer;
}

/**
 * pguest_gicr_typer() - GICR_TYPER without GICv4
 * @typer: GICR_TYPER as it was read
 *
 * Context: Any.
 * Return: @typer; in a protected VM without the bits of GICv4, which is for hypervisors.
 */
static inline u64 pguest_gicr_typer(u64 typer)
{
	u64 v4 = GICR_TYPER_VLPIS | GICR_TYPER_RVPEID | GICR_TYPER_DIRTY;

	return pguest_active() ? typer & ~v4 : typer;
}

/**
 * pguest_gits_typer() - GITS_TYPER without GICv4
 * @typer: GITS_TYPER as it was read
 *
 * Context: Any.
 * Return: @typer; in a protected VM without the bits of GICv4.
 */
static inline u64 pguest_gits_typer(u64 typer)
{
	u64 v4 = GITS_TYPER_VLPIS | GITS_TYPER_VMAPP;

	return pguest_active() ? typer & ~v4 : typer;
}

/**
 * pguest_gic_refuses() - must this kernel not adopt LPI tables that are in use?
 * @ctlr: GICR_CTLR as it was read
 *
 * Context: Boot, one CPU.
 * Return: true in a protected VM: the host chooses the address of such tables.
 */
static inline bool pguest_gic_refuses(u32 ctlr)
{
	return pguest_active() && __pguest_gic_refuses(ctlr);
}

/**
 * pguest_gic_frame_in() - is a redistributor inside the mapping of its region?
 * @base: mapping of the region
 * @size: mapped bytes, from pguest_gic_measure()
 * @frame: address of the redistributor, which may be wrong
 * @least: size of the redistributor in bytes
 *
 * Context: Any.
 * Return: false if it is not, or is not aligned to 64 KiB.
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
 * A GIC accepts the attributes of a table, or reads back attributes that it would
 * accept, which takes a second attempt.
 *
 * Context: Any.
 * Return: true in a protected VM after the third attempt.
 */
static inline bool pguest_gic_gives_up(unsigned int *attempts)
{
	return pguest_active() && ++*attempts > 3;
}

#endif /* _LINUX_IRQCHIP_PGUEST_H */
