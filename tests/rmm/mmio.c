// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the realm has touched that was not there. Below the half of its addresses it is RAM to give; above, a page
 * that is shared, or a device. A device's register is the machine's own, but for the GIC, which is the guest's, and
 * for the doorbell.
 */
#include "count.h"
#include "doorbell.h"
#include "exits.h"
#include "gic.h"
#include "memory.h"
#include "options.h"
#include "place.h"

/* ESR_EL2.ISS of a data abort, as far as an RMM shows it */
#define ISS_ISV		BIT(24)
#define ISS_SAS(esr)	((esr) >> 22 & 3)
#define ISS_WNR		BIT(6)

#define VIRTIO_QUEUE_MAX	0x034	/* register, VIRTIO 1.2, 4.2.2 */

static void pass_on(struct vcpu *vcpu, struct mmio *m)
{
	(void)vcpu;
	if (m->write)
		device_write(m->ipa, m->log2_size, m->value);
	else
		m->value = device_read(m->ipa, m->log2_size);
}

/*
 * QEMU's virtio-mmio offers queues of 1024 entries whatever the device has in mind, and a driver fills them with
 * buffers: 4 MiB for each port of a console. Option queue= is what the host offers at most.
 */
static void access_virtio(struct vcpu *vcpu, struct mmio *m)
{
	pass_on(vcpu, m);
	if (!m->write && m->ipa % VIRTIO_STRIDE == VIRTIO_QUEUE_MAX && m->value > opt.queue)
		m->value = opt.queue;
}

static const struct region {
	u64 start, end;
	void (*access)(struct vcpu *vcpu, struct mmio *m);
} regions[] = {
	{ GICD_BASE,	GICD_BASE + 0x10000,			vgic_distributor },
	{ REDIST_BASE,	REDIST_BASE + NR_CPUS * 0x20000,	vgic_redistributor },
	{ PL011_BASE,	PL011_BASE + PAGE,			pass_on },
	{ VIRTIO_MMIO,	VIRTIO_MMIO + VIRTIO_SLOTS * VIRTIO_STRIDE, access_virtio },
	{ DOORBELL_IPA,	DOORBELL_IPA + PAGE,			doorbell },
};

static bool access_device(struct vcpu *vcpu, struct mmio *m)
{
	for (u32 i = 0; i < ARRAY_SIZE(regions); i++) {
		if (m->ipa < regions[i].start || m->ipa >= regions[i].end)
			continue;
		vcpu->mmio++;
		regions[i].access(vcpu, m);
		return true;
	}
	return false;
}

/* Option abort_mmio=: from the Nth access on the host has no device any more. */
static bool is_refused(void)
{
	static u64 accesses;

	return opt.abort_mmio && __atomic_add_fetch(&accesses, 1, __ATOMIC_RELAXED) >= opt.abort_mmio;
}

/* The RMM adds the rest of ESR's meaning: width, sign, register, and the step over the instruction. */
static bool emulate_access(struct vcpu *vcpu, u64 esr, u64 ipa)
{
	struct mmio m = {
		.ipa = ipa,
		.log2_size = ISS_SAS(esr),
		.write = esr & ISS_WNR,
		.value = exit_field(vcpu, EXIT_GPRS),
	};

	if (!(esr & ISS_ISV) || is_refused() || !access_device(vcpu, &m))
		return false;
	enter_gpr(vcpu, 0, m.write ? 0 : m.value);
	vcpu->enter_flags |= ENTER_MMIO_DONE;
	return true;
}

static bool give_value(u64 ipa)
{
	bool given;

	lock();
	given = ipa & realm_half() ? memory_touch_upper(ipa & ~realm_half()) : memory_touch(ipa);
	unlock();
	return given;
}

/* Bits 11:0 come with an access that can be emulated; else they are 0. */
void on_abort(struct vcpu *vcpu, u64 esr)
{
	u64 page = exit_field(vcpu, EXIT_HPFAR) >> 4 << 12, ipa = page | (exit_field(vcpu, EXIT_FAR) & (PAGE - 1));

	if (give_value(page))
		return;
	if (!(page & realm_half()))
		fail("CPU %u touched 0x%lx, where there is no RAM, or RAM that is lost", vcpu->index, page);
	if (emulate_access(vcpu, esr, ipa & ~realm_half()))
		return;
	__atomic_fetch_add(&count.blocked_mmio, 1, __ATOMIC_RELAXED);
	vcpu->enter_flags |= ENTER_ABORT;
}
