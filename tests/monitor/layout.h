/* SPDX-License-Identifier: GPL-2.0-only */
/* Where things are: QEMU's virt machine (its hw/arm/virt.c memory map), and our part of its RAM. */
#ifndef MONITOR_LAYOUT_H
#define MONITOR_LAYOUT_H

#define MONITOR_BASE	0x40000000
#define MONITOR_END	0x42000000	/* guest RAM starts here, and the guest's Image */

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
#define ECAM_LOW	0x3f000000	/* where a realm has it whose lower half ends below that: 16 buses */
#define ECAM_LOW_SIZE	0x01000000
#define ECAM_BUS	0x00100000

/* What the Image header claims, so that QEMU loads the initrd above the guest's Image on small machines too. */
#define IMAGE_CLAIM_END	0x45000000

#define NR_CPUS		8
#define CPU_BLOCK	16384		/* a CPU's stack, with its struct vcpu at the top */

/* struct vcpu as entry.S knows it */
#define VCPU_ELR	248
#define VCPU_SPSR	256
#define VCPU_SIZE	384
#define LIFE_REGISTERS	102		/* of EL1, FP and SIMD */

#endif
