// SPDX-License-Identifier: GPL-2.0-only
/* vCPUs: how they begin and end, and what can be read of them while they run. */
#include <errno.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "vcpu.h"
#include "vmm.h"

#ifndef KVM_ARM_VCPU_PVTIME_CTRL
#define KVM_ARM_VCPU_PVTIME_CTRL	2
#define KVM_ARM_VCPU_PVTIME_IPA		0
#endif

#define CORE_REG(name)	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(name))
#define STEAL_RECORD	64

struct vcpu vcpus[MAX_CPUS];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static const char *ending;

static bool has_extension(int extension)
{
	return ioctl(vm.fd, KVM_CHECK_EXTENSION, extension) > 0;
}

static void init_vcpu(struct vcpu *vcpu, bool off)
{
	struct kvm_vcpu_init init;

	if (ioctl(vm.fd, KVM_ARM_PREFERRED_TARGET, &init))
		die_errno("KVM_ARM_PREFERRED_TARGET");
	init.features[0] = 1 << KVM_ARM_VCPU_PSCI_0_2 | off << KVM_ARM_VCPU_POWER_OFF;
	/* Both, or the guest sees generic keys that it must not write. */
	if (has_extension(KVM_CAP_ARM_PTRAUTH_ADDRESS) && has_extension(KVM_CAP_ARM_PTRAUTH_GENERIC))
		init.features[0] |= 1 << KVM_ARM_VCPU_PTRAUTH_ADDRESS | 1 << KVM_ARM_VCPU_PTRAUTH_GENERIC;
	if (ioctl(vcpu->fd, KVM_ARM_VCPU_INIT, &init))
		die_errno("KVM_ARM_VCPU_INIT");
}

void vcpus_create(void)
{
	int size = ioctl(vm.kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

	for (unsigned int i = 0; i < opt.cpus; i++) {
		struct vcpu *vcpu = &vcpus[i];

		vcpu->fd = ioctl(vm.fd, KVM_CREATE_VCPU, i);
		if (vcpu->fd < 0)
			die_errno("KVM_CREATE_VCPU %u", i);
		vcpu->run_size = size;
		vcpu->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
		if (vcpu->run == MAP_FAILED)
			die_errno("mmap of vCPU %u", i);
		init_vcpu(vcpu, i > 0);
	}
}

struct steal_answers steal_answers;

static int answer_of(int vcpu, unsigned int request, struct kvm_device_attr *attribute)
{
	return ioctl(vcpu, request, attribute) ? -errno : 0;
}

/* The capability is refused for a protected VM, the attribute is not: say what KVM answers. */
void vcpus_offer_steal(void)
{
	steal_answers.system = ioctl(vm.kvm, KVM_CHECK_EXTENSION, KVM_CAP_STEAL_TIME);
	steal_answers.vm = ioctl(vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_STEAL_TIME);
	for (unsigned int i = 0; i < opt.cpus; i++) {
		uint64_t ipa = STEAL_BASE + i * STEAL_RECORD;
		struct kvm_device_attr set = {
			.group = KVM_ARM_VCPU_PVTIME_CTRL,
			.attr = KVM_ARM_VCPU_PVTIME_IPA,
			.addr = (uintptr_t)&ipa,
		};

		steal_answers.has_attribute = answer_of(vcpus[i].fd, KVM_HAS_DEVICE_ATTR, &set);
		steal_answers.set_attribute = answer_of(vcpus[i].fd, KVM_SET_DEVICE_ATTR, &set);
		if (steal_answers.set_attribute) {
			say("stolen time of vCPU %u refused: %s", i, strerror(-steal_answers.set_attribute));
			opt.steal = false;
			return;
		}
	}
}

/* What was not offered to a protected VM may be set to another base by one that is not. */
int64_t vcpus_counter_offset(void)
{
	uint64_t guest, host;
	struct kvm_one_reg reg = { .id = KVM_REG_ARM_TIMER_CNT, .addr = (uintptr_t)&guest };

	if (ioctl(vcpus[0].fd, KVM_GET_ONE_REG, &reg))
		die_errno("KVM_GET_ONE_REG of the counter");
	asm volatile("isb; mrs %0, cntvct_el0" : "=r"(host) : : "memory");
	return guest - host;
}

/* The scheduler's run delay: KVM adds up the same for stolen time. */
int64_t vcpus_waited(uint64_t vcpu)
{
	char path[64];
	long waited = -1;
	FILE *file;

	if (vcpu >= opt.cpus)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/task/%d/schedstat", vcpus[vcpu].tid);
	file = fopen(path, "r");
	if (file && fscanf(file, "%*u %ld", &waited) != 1)
		waited = -1;
	if (file)
		fclose(file);
	return waited;
}

static void set_core(struct vcpu *vcpu, uint64_t id, uint64_t value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	if (ioctl(vcpu->fd, KVM_SET_ONE_REG, &reg))
		die_errno("KVM_SET_ONE_REG %#lx", id);
}

void vcpu_set_start(struct vcpu *vcpu, uint64_t pc, uint64_t x0)
{
	set_core(vcpu, CORE_REG(regs.pc), pc);
	set_core(vcpu, CORE_REG(regs.regs[0]), x0);
}

uint64_t vcpu_get_x(struct vcpu *vcpu, unsigned int n)
{
	uint64_t value = 0;
	struct kvm_one_reg reg = { .id = CORE_REG(regs.regs[0]) + 2 * n, .addr = (uintptr_t)&value };

	return ioctl(vcpu->fd, KVM_GET_ONE_REG, &reg) ? 0 : value;
}

void vcpus_stop(const char *why)
{
	pthread_mutex_lock(&lock);
	if (!ending)
		ending = why;
	pthread_cond_signal(&ended);
	pthread_mutex_unlock(&lock);
}

void vcpus_allow(void)
{
	ending = NULL;
}

bool vcpus_stopping(void)
{
	return __atomic_load_n(&ending, __ATOMIC_RELAXED);
}

const char *vcpus_wait_for_stop(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += opt.deadline;
	pthread_mutex_lock(&lock);
	while (!ending) {
		if (!opt.deadline)
			pthread_cond_wait(&ended, &lock);
		else if (pthread_cond_timedwait(&ended, &lock, &until))
			ending = "timeout";
	}
	pthread_mutex_unlock(&lock);
	return ending;
}

void vcpus_destroy(void)
{
	for (unsigned int i = 0; i < opt.cpus; i++) {
		munmap(vcpus[i].run, vcpus[i].run_size);
		close(vcpus[i].fd);
	}
}
