/* SPDX-License-Identifier: GPL-2.0-only */
/* Where things are in the guest's address space; whatever the guest needs of it is in its device tree. */
#ifndef VMM_LAYOUT_H
#define VMM_LAYOUT_H

#define GIC_DIST_BASE	0x08000000UL	/* 64 KiB */
#define GIC_ITS_BASE	0x08080000UL	/* 128 KiB */
#define GIC_ITS_SIZE	0x00020000UL
#define GIC_REDIST_BASE	0x080a0000UL	/* 128 KiB for each CPU */
#define GIC_REDIST_SIZE	0x00020000UL

#define PL011_BASE	0x09000000UL
#define VIRTIO_BASE	0x0a000000UL	/* a page for each: pages are what a guest can guard */
#define VIRTIO_STRIDE	0x00001000UL
#define VIRTIO_SIZE	0x00000200UL
/* The doorbell is where tests/lib/doorbell.h says. */
#define STEAL_BASE	0x0c000000UL	/* a memory slot of its own, not in the device tree */
#define STEAL_SIZE	0x00010000UL
#define CLOCK_BASE	0x0d000000UL	/* another, of one page */
#define PCI_MEM_BASE	0x10000000UL	/* for BARs */
#define PCI_MEM_SIZE	0x10000000UL
#define PCI_ECAM_BASE	0x30000000UL	/* bus 0 */
#define PCI_ECAM_SIZE	0x00100000UL
#define RAM_BASE	0x40000000UL

/* SPIs, counted from 0. The GIC calls the first one 32. */
#define SPI_PL011	0
#define SPI_VIRTIO	1
#define GIC_IRQS	96

#define MIB		(1UL << 20)
#define PAGE		4096UL
#define MAX_CPUS	8
#define MAX_DEVICES	24

#endif
