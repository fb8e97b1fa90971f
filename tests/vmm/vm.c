// SPDX-License-Identifier: GPL-2.0-only
/* The machine: a VM, its memory, its interrupt lines. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "vmm.h"

/* Newer than the headers of a stable distribution. Unsigned: 1 << 31 would be another number. */
#ifndef KVM_VM_TYPE_ARM_PROTECTED
#define KVM_VM_TYPE_ARM_PROTECTED	(1UL << 31)
#endif

struct vm vm;

static unsigned int slots;

static const struct {
	int number;
	const char *name;
} needed[] = {
	{ KVM_CAP_USER_MEMORY, "user memory" },
	{ KVM_CAP_DEVICE_CTRL, "devices" },
	{ KVM_CAP_ARM_PSCI_0_2, "PSCI 0.2" },
	{ KVM_CAP_IOEVENTFD, "ioeventfd" },
	{ KVM_CAP_IMMEDIATE_EXIT, "immediate exits" },
};

static void *shared_memory(uint64_t size, int *fd)
{
	void *host;

	/* shmem: pages of ordinary files are refused with -EIO, and readable after the end if they were not. */
	*fd = memfd_create("guest", MFD_CLOEXEC);
	if (*fd < 0 || ftruncate(*fd, size))
		die_errno("%lu MiB of guest memory", size / MIB);
	host = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (host == MAP_FAILED)
		die_errno("%lu MiB of guest memory", size / MIB);
	/* A copy of a private page, for a child or a core file, takes it from the guest by force. */
	madvise(host, size, MADV_DONTFORK);
	madvise(host, size, MADV_DONTDUMP);
	return host;
}

void vm_create(void)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	slots = 0;
	vm.kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm.kvm < 0)
		die_errno("/dev/kvm");
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (ioctl(vm.kvm, KVM_CHECK_EXTENSION, needed[i].number) <= 0)
			die("this KVM has no %s", needed[i].name);
	}

	/* Whatever the guest touches stays pinned and counts as locked. */
	if (setrlimit(RLIMIT_MEMLOCK, &all))
		say("RLIMIT_MEMLOCK stays: %s", strerror(errno));

	vm.fd = ioctl(vm.kvm, KVM_CREATE_VM, opt.protected ? KVM_VM_TYPE_ARM_PROTECTED : 0UL);
	if (vm.fd < 0 && opt.protected && errno == EINVAL)
		die("no protected VMs here: boot the host with kvm-arm.mode=protected");
	if (vm.fd < 0)
		die_errno("KVM_CREATE_VM");

	vm.ram = shared_memory(opt.ram, &vm.ram_fd);
	vm_add_memory(RAM_BASE, opt.ram, vm.ram);
	if (opt.steal) {
		vm.steal = shared_memory(STEAL_SIZE, &vm.steal_fd);
		vm_add_memory(STEAL_BASE, STEAL_SIZE, vm.steal);
	}
	if (opt.clock) {
		vm.clock = shared_memory(PAGE, &vm.clock_fd);
		vm_add_memory(CLOCK_BASE, PAGE, vm.clock);
	}
}

void vm_add_memory(uint64_t ipa, uint64_t size, void *host)
{
	struct kvm_userspace_memory_region region = {
		.slot = slots++,
		.flags = 0,	/* a protected VM may have no others */
		.guest_phys_addr = ipa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)host,
	};

	if (ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &region))
		die_errno("memory slot at %#lx", ipa);
}

int vm_device(unsigned int type)
{
	struct kvm_create_device device = { .type = type };

	if (ioctl(vm.fd, KVM_CREATE_DEVICE, &device))
		die_errno("KVM_CREATE_DEVICE %u", type);
	return device.fd;
}

void vm_device_set(int device, unsigned int group, uint64_t attr, const void *value, const char *what)
{
	struct kvm_device_attr set = { .group = group, .attr = attr, .addr = (uintptr_t)value };

	if (ioctl(device, KVM_SET_DEVICE_ATTR, &set))
		die_errno("%s", what);
}

void vm_set_spi(unsigned int spi, bool high)
{
	struct kvm_irq_level line = {
		.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | (spi + 32),
		.level = high,
	};

	if (ioctl(vm.fd, KVM_IRQ_LINE, &line))
		die_errno("KVM_IRQ_LINE %u", spi);
}

static void set_ioeventfd(uint64_t ipa, unsigned int size, int eventfd, uint32_t flags)
{
	struct kvm_ioeventfd kick = { .addr = ipa, .len = size, .fd = eventfd, .flags = flags };

	if (ioctl(vm.fd, KVM_IOEVENTFD, &kick))
		die_errno("KVM_IOEVENTFD at %#lx", ipa);
}

/* A write there wakes whoever waits for the eventfd, and no vCPU leaves the kernel. */
void vm_kick_to_eventfd(uint64_t ipa, unsigned int size, int eventfd)
{
	set_ioeventfd(ipa, size, eventfd, 0);
}

void vm_no_kick(uint64_t ipa, unsigned int size, int eventfd)
{
	set_ioeventfd(ipa, size, eventfd, KVM_IOEVENTFD_FLAG_DEASSIGN);
}

static void free_memory(uint8_t *host, uint64_t size, int fd)
{
	munmap(host, size);
	close(fd);
}

void vm_destroy(void)
{
	close(vm.fd);
	close(vm.kvm);
	free_memory(vm.ram, opt.ram, vm.ram_fd);
	if (vm.steal)
		free_memory(vm.steal, STEAL_SIZE, vm.steal_fd);
	if (vm.clock)
		free_memory(vm.clock, PAGE, vm.clock_fd);
	vm.ram = vm.steal = vm.clock = NULL;
}

/* Memory that counts as locked: guest pages, and page tables that EL2 was given. */
long locked_kib(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char text[128];
	long kib = -1;

	while (status && fgets(text, sizeof(text), status)) {
		if (sscanf(text, "VmLck: %ld", &kib) == 1)
			break;
	}
	if (status)
		fclose(status);
	return kib;
}
