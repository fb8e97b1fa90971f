// SPDX-License-Identifier: GPL-2.0-only
/* The boot in order, then the secondaries', and what all files share: CPUs, the lock, pages. */
#include <string.h>
#include "monitor.h"

#define ACTIVE_SPIN_SECONDS	60

#define SPSR_EL1H_MASKED	0x3c5		/* EL1h, DAIF masked */
#define CNTHCTL_EL1_COUNTERS	3		/* physical counter and timer at EL1 */
#define ICC_SRE_ENABLE		0xf		/* system registers, at EL1 too */

/* Image header, Documentation/arch/arm64/booting.rst */
struct image_header {
	u32 code[2];
	u64 text_offset, size, flags, reserved[3];
	u32 magic, pe;
};

struct cpu_block cpu_blocks[NR_CPUS] __attribute__((aligned(4096)));
u32 nr_cpus;
struct span ram, machine_ram, image, initrd, dtb;

static u32 lock_word;
static u8 *free_page, *const end_of_pages = (u8 *)MONITOR_END;
extern u8 __bss_end[];

/* One lock for all that changes; the MMIO path and the tables' readers go without it. */
void lock(void)
{
	u64 start = sysreg_read(cntpct_el0);

	while (__atomic_exchange_n(&lock_word, 1, __ATOMIC_ACQUIRE)) {
		asm volatile("yield");
		if (sysreg_read(cntpct_el0) - start > ACTIVE_SPIN_SECONDS * sysreg_read(cntfrq_el0))
			fail("the lock was not free for %d s", ACTIVE_SPIN_SECONDS);
	}
}

void unlock(void)
{
	__atomic_store_n(&lock_word, 0, __ATOMIC_RELEASE);
}

void *alloc_pages(size_t n)
{
	u8 *p = free_page;

	if (n > (size_t)(end_of_pages - p) / PAGE)
		return NULL;
	free_page += n * PAGE;
	return memset(p, 0, n * PAGE);
}

struct vcpu *vcpu_by_mpidr(u64 mpidr)
{
	for (u32 i = 0; i < nr_cpus; i++)
		if (cpu_blocks[i].vcpu.mpidr == mpidr)
			return &cpu_blocks[i].vcpu;
	return NULL;
}

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
	const struct image_header *h = (void *)ram.start;

	if (h->magic != 0x644d5241)
		fail("no arm64 Image at 0x%lx: -device loader,file=Image,addr=0x42000000,force-raw=on", ram.start);
	if (h->text_offset || ram.start + h->size > ram.end)
		fail("the Image wants offset 0x%lx and %lu bytes", h->text_offset, h->size);
	image = (struct span){ ram.start, ram.start + h->size };
	return image.start;
}

void boot_main(u64 dtb_address)
{
	struct vcpu *vcpu = &cpu_blocks[0].vcpu;
	u64 entry;

	free_page = __bss_end;
	mmu_init();
	mmu_on();
	options_read();
	fdt_read(dtb_address);
	entry = find_image();
	if (is_realm())
		fdt_place();
	stage2_init();
	smmu_init();
	virtio_check();
	host_pages_init();
	fdt_write_guest();
	if (is_realm())
		attest_boot();
	deadline_set();
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
