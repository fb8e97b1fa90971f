// SPDX-License-Identifier: GPL-2.0-only
/* The boot in order, then the secondaries'. */
#include <string.h>
#include "calls.h"
#include "device.h"
#include "hostpages.h"
#include "memory.h"
#include "options.h"
#include "report.h"
#include "secret.h"
#include "trap.h"
#include "tree.h"

#define SPSR_EL1H_MASKED	0x3c5		/* EL1h, DAIF masked */
#define CNTHCTL_EL1_COUNTERS	3		/* physical counter and timer at EL1 */
#define ICC_SRE_ENABLE		0xf		/* system registers, at EL1 too */

/* Image header, Documentation/arch/arm64/booting.rst */
struct image_header {
	u32 code[2];
	u64 text_offset, size, flags, reserved[3];
	u32 magic, pe;
};

extern u8 __bss_end[];

/* EL2's registers on this CPU. QEMU's PSCI resets the others, EL1's included, when it starts a CPU. */
static void el2_setup(void)
{
	mmu_on();
	sysreg_write(vpidr_el2, sysreg_read(midr_el1));
	sysreg_write(vmpidr_el2, sysreg_read(mpidr_el1));
	sysreg_write(cnthctl_el2, CNTHCTL_EL1_COUNTERS);
	sysreg_write(cntvoff_el2, 0);
	sysreg_write(s3_4_c12_c9_5, ICC_SRE_ENABLE);
	stage2_cpu_setup();
	pmu_setup();
	traps_setup();
	vgic_cpu_setup();
	sysreg_write(sctlr_el1, rmm->sctlr);
	barrier_all();
}

/* What PSCI sets */
static void vcpu_begin(struct vcpu *vcpu, u64 pc, u64 x0)
{
	vcpu->x[0] = x0;
	vcpu->elr = pc;
	vcpu->spsr = SPSR_EL1H_MASKED;
	vcpu->on = true;
	pvtime_slept(vcpu);
}

/* All registers zero but PC and X0. */
static void vcpu_reset(struct vcpu *vcpu, u64 pc, u64 x0)
{
	memset(vcpu->x, 0, sizeof(vcpu->x));
	vcpu_begin(vcpu, pc, x0);
}

static u64 find_image(void)
{
	u64 at = ram.start + opt.text_offset;
	const struct image_header *h = (void *)at;

	if (h->magic != 0x644d5241)
		fail("no arm64 Image at 0x%lx: -device loader,file=Image,addr=0x%lx,force-raw=on", at, at);
	if (h->text_offset != opt.text_offset || at + h->size > ram.end)
		fail("the Image wants offset 0x%lx and %lu bytes", h->text_offset, h->size);
	image = (struct span){ at, at + h->size };
	return image.start;
}

void boot_main(u64 dtb_address, u64 secondary_entry)
{
	struct vcpu *vcpu = &cpu_blocks[0].vcpu;
	u64 entry;

	pages_init(__bss_end, (void *)MONITOR_END);
	secondary_start = secondary_entry;
	report_init();
	mmu_init();
	mmu_on();
	options_read();
	secret_init();
	fdt_read(dtb_address);
	entry = find_image();
	if (is_realm())
		fdt_place();
	if (is_realm())
		realm_init();
	else
		stage2_init();
	smmu_init();
	virtio_check();
	host_pages_init();
	handover_place();
	fdt_write_guest();
	if (is_realm())
		attest_boot();
	end_clock_start();
	say("%s, %u CPUs, %lu MiB, granule %lu", opt.mode, nr_cpus, (ram.end - ram.start) >> 20, opt.granule);

	el2_setup();
	if (is_realm() && opt.tree_upper)
		fdt_lift();
	vcpu_reset(vcpu, entry, dtb.start | (opt.tree_upper ? realm_half() : 0));
	report_phase(0);
	guest_start(vcpu);
}

void secondary_main(struct vcpu *vcpu)
{
	el2_setup();
	if (is_realm() && rmm->keeps_last_life && life_goes_on(vcpu)) {
		vcpu_begin(vcpu, vcpu->entry, vcpu->context);
		guest_restart(vcpu);
	}
	vcpu_reset(vcpu, vcpu->entry, vcpu->context);
	if (is_realm() && !rmm->keeps_last_life)
		life_unknown(vcpu);
	guest_start(vcpu);
}
