/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where things are. Devices: QEMU's virt machine, virt.h of ../lib. Memory: TF-A's QEMU platform leaves the
 * normal world what is behind 0x60000000, of which the RMM knows the part below 4 GiB.
 */
#ifndef RMM_PLACE_H
#define RMM_PLACE_H

#include "virt.h"

#define HOST_END	0x64000000	/* of our own code and data */
#define POOL_START	0x64000000	/* granules for the realm's tables and vCPUs */
#define POOL_END	0x80000000
#define PRIVATE_RAM	0x80000000	/* granules for its RAM, in the order of the addresses there */
#define STAGE_START	0xe0000000	/* files, until their pages are in the realm */
#define STAGE_END	0x100000000

#define VCPU_BLOCK	6144		/* of CPU_BLOCK, at its end: struct vcpu */

#define GUEST_RAM	0x40000000	/* IPA of the realm's RAM */

#define PL011_SPI	1
#define VIRTIO_SPI	16
#define VIRTIO_SLOTS	32
#define VIRTIO_STRIDE	0x200

#endif
