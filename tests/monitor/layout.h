/* SPDX-License-Identifier: GPL-2.0-only */
/* Where things are: our part of the RAM of QEMU's virt machine, and what entry.S knows of a vCPU. */
#ifndef MONITOR_LAYOUT_H
#define MONITOR_LAYOUT_H

#include "virt.h"

#define MONITOR_BASE	0x40000000
#define MONITOR_END	0x42000000	/* guest RAM starts here, and the guest's Image */

#define ECAM_LOW	0x3f000000	/* where a realm has it whose lower half ends below that: 16 buses */
#define ECAM_LOW_SIZE	0x01000000
#define ECAM_BUS	0x00100000

/* What the Image header claims, so that QEMU loads the initrd above the guest's Image on small machines too. */
#define IMAGE_CLAIM_END	0x45000000

/* struct vcpu as entry.S knows it */
#define VCPU_ELR	248
#define VCPU_SPSR	256
#define VCPU_SIZE	384
#define LIFE_REGISTERS	102		/* of EL1, FP and SIMD */

#endif
