// SPDX-License-Identifier: GPL-2.0-only
/* The interrupt controller: KVM's GICv3, with an ITS. */
#include <linux/kvm.h>
#include <unistd.h>

#include "vmm.h"

static int gic, its;

void gic_create(void)
{
	uint64_t dist = GIC_DIST_BASE, redist = GIC_REDIST_BASE, base = GIC_ITS_BASE;
	uint32_t irqs = GIC_IRQS;

	gic = vm_device(KVM_DEV_TYPE_ARM_VGIC_V3);
	vm_device_set(gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &irqs, "GIC: number of interrupts");
	vm_device_set(gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &dist, "GIC: distributor");
	vm_device_set(gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, &redist,
		      "GIC: redistributors");
	if (!opt.its)
		return;
	its = vm_device(KVM_DEV_TYPE_ARM_VGIC_ITS);
	vm_device_set(its, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_ITS_ADDR_TYPE, &base, "ITS: address");
}

/* After all vCPUs exist: one that is made later has no redistributor. */
void gic_init(void)
{
	vm_device_set(gic, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL, "GIC: start");
	if (opt.its)
		vm_device_set(its, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL, "ITS: start");
}

/* A device holds on to the VM as a vCPU does. */
void gic_destroy(void)
{
	if (opt.its)
		close(its);
	close(gic);
}
