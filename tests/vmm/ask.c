// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ask KVM what it allows a protected VM and its VMM, and say the answers: a line
 * each, a number that is negative for errno. The guest is a page of code.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmm.h"

#define X5		5

/* Newer than the headers of a stable distribution. */
#ifndef KVM_ARM_VM_SMCCC_CTRL
#define KVM_ARM_VM_SMCCC_CTRL	0
#define KVM_ARM_VM_SMCCC_FILTER	0
#endif
#define SPARE_BASE	(RAM_BASE + (1UL << 30))

/* guest-code.S */
extern const uint8_t guest_code[], guest_code_end[];

static void ask_tell(const char *question, long answer)
{
	say("asked: %s: %ld", question, answer);
}

static long ask_outcome(int result)
{
	return result < 0 ? -errno : result;
}

static long ask_slot(unsigned int number, uint64_t ipa, uint64_t size, uint32_t flags)
{
	struct kvm_userspace_memory_region region = {
		.slot = number,
		.flags = flags,
		.guest_phys_addr = ipa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)vm.ram,
	};

	return ask_outcome(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &region));
}

static void ask_for_extensions(void)
{
	static const struct {
		const char *name;
		int number;
	} extensions[] = {
		{ "steal time", KVM_CAP_STEAL_TIME }, { "SVE", KVM_CAP_ARM_SVE }, { "PMU", KVM_CAP_ARM_PMU_V3 },
		{ "pointer authentication", KVM_CAP_ARM_PTRAUTH_GENERIC }, { "irqfd", KVM_CAP_IRQFD },
		{ "MSI", KVM_CAP_SIGNAL_MSI },
	};
	char text[64];

	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
		snprintf(text, sizeof(text), "%s of the system", extensions[i].name);
		ask_tell(text, ask_outcome(ioctl(vm.kvm, KVM_CHECK_EXTENSION, extensions[i].number)));
		snprintf(text, sizeof(text), "%s of the VM", extensions[i].name);
		ask_tell(text, ask_outcome(ioctl(vm.fd, KVM_CHECK_EXTENSION, extensions[i].number)));
	}
}

static void ask_for_refusals(void)
{
	struct kvm_enable_cap nisv = { .cap = KVM_CAP_ARM_NISV_TO_USER };
	struct kvm_device_attr filter = { .group = KVM_ARM_VM_SMCCC_CTRL, .attr = KVM_ARM_VM_SMCCC_FILTER };

	ask_tell("a VM of a sign-extended type", ask_outcome(ioctl(vm.kvm, KVM_CREATE_VM, (unsigned long)(int)(1U << 31))));
	ask_tell("a read-only slot", ask_slot(1, SPARE_BASE, MIB, KVM_MEM_READONLY));
	ask_tell("a slot with a dirty log", ask_slot(1, SPARE_BASE, MIB, KVM_MEM_LOG_DIRTY_PAGES));
	ask_tell("exits for accesses without a syndrome", ask_outcome(ioctl(vm.fd, KVM_ENABLE_CAP, &nisv)));
	ask_tell("an SMCCC filter", ask_outcome(ioctl(vm.fd, KVM_HAS_DEVICE_ATTR, &filter)));
}

static uint64_t register_x5(int vcpu)
{
	uint64_t value = 0;
	struct kvm_one_reg reg = {
		.id = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(regs.regs[X5]),
		.addr = (uintptr_t)&value,
	};

	return ioctl(vcpu, KVM_GET_ONE_REG, &reg) ? 0 : value;
}

static void ask_after_a_run(int vcpu)
{
	uint64_t word;

	ask_tell("what x5 is, as the host sees it", register_x5(vcpu));
	ask_tell("a load from the guest's code", memory_get(&word, RAM_BASE, sizeof(word)) ? -EFAULT : 0);
	ask_tell("another slot, later", ask_slot(1, SPARE_BASE, MIB, 0));
	ask_tell("a slot deleted, later", ask_slot(0, RAM_BASE, 0, 0));
	ask_tell("another vCPU, later", ask_outcome(ioctl(vm.fd, KVM_CREATE_VCPU, 1)) < 0 ? -errno : 0);
}

/* The type of the event that ends it, or a negative number. */
static long ask_run(bool ptrauth)
{
	struct kvm_vcpu_init init;
	struct kvm_one_reg pc = {
		.id = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(regs.pc),
		.addr = (uintptr_t)&(uint64_t){ RAM_BASE },
	};
	int size = ioctl(vm.kvm, KVM_GET_VCPU_MMAP_SIZE, 0), vcpu = ioctl(vm.fd, KVM_CREATE_VCPU, 0);
	struct kvm_run *state = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	long ended;

	gic_create();
	if (vcpu < 0 || state == MAP_FAILED || ioctl(vm.fd, KVM_ARM_PREFERRED_TARGET, &init))
		die_errno("a vCPU to ask about");
	init.features[0] = 1 << KVM_ARM_VCPU_PSCI_0_2;
	if (ptrauth)
		init.features[0] |= 1 << KVM_ARM_VCPU_PTRAUTH_ADDRESS | 1 << KVM_ARM_VCPU_PTRAUTH_GENERIC;
	if (ioctl(vcpu, KVM_ARM_VCPU_INIT, &init) || ioctl(vcpu, KVM_SET_ONE_REG, &pc))
		die_errno("a vCPU to ask about");
	gic_init();
	ended = ask_outcome(ioctl(vcpu, KVM_RUN, 0));
	if (!ended && state->exit_reason == KVM_EXIT_SYSTEM_EVENT)
		ended = state->system_event.type;
	if (ptrauth)
		ask_after_a_run(vcpu);
	munmap(state, size);
	close(vcpu);
	gic_destroy();
	return ended;
}

/* A VM to ask about, twice: with the features that a VMM should choose, and without them. */
void ask(void)
{
	opt.ram = 32 * MIB;
	for (int ptrauth = 1; ptrauth >= 0; ptrauth--) {
		long ended;

		vm_create();
		memory_load(RAM_BASE, guest_code, guest_code_end - guest_code);
		if (ptrauth) {
			ask_for_extensions();
			ask_for_refusals();
		}
		ended = ask_run(ptrauth);
		ask_tell(ptrauth ? "how a guest with pointer authentication ends" : "how a guest without it ends", ended);
		vm_destroy();
	memory_forget();
	}
	ask_tell("locked memory after the end", locked_kib());
}
