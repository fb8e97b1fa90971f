/* SPDX-License-Identifier: GPL-2.0-only */
/* QEMU's virt machine (its hw/arm/virt.c memory map), as far as programs at EL2 use it, and their own CPUs. */
#ifndef LIB_VIRT_H
#define LIB_VIRT_H

#define FW_CFG_BASE	0x09020000
#define PL011_BASE	0x09000000
#define GICD_BASE	0x08000000
#define ITS_BASE	0x08080000	/* control frame; the translater is the next 64 KiB */
#define ITS_TRANSLATER	0x08090000
#define REDIST_BASE	0x080a0000	/* 128 KiB a CPU: RD frame, SGI frame */
#define SMMU_BASE	0x09050000
#define SMMU_SIZE	0x00020000
#define VIRTIO_MMIO	0x0a000000	/* 32 transports of 0x200 bytes */
#define ECAM_BASE	0x4010000000
#define ECAM_SIZE	0x10000000

#define NR_CPUS		8
#define CPU_BLOCK	16384		/* a CPU's stack, with its struct vcpu at the top */

#endif
