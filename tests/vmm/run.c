// SPDX-License-Identifier: GPL-2.0-only
/* One thread for each vCPU, and what its exits mean. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vcpu.h"
#include "vmm.h"

#define LAST_WORDS	0x5047		/* "PG" */

static void stop_for(const char *why, const char *detail)
{
	say("%s: %s", why, detail);
	report_failure(detail);
	vcpus_stop(why);
}

static const char *system_event(struct kvm_run *run)
{
	switch (run->system_event.type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN:	return "off";
	case KVM_SYSTEM_EVENT_RESET:	return "reset";
	default:			return "event";
	}
}

/* What KVM_RUN itself says of a protected VM. */
static const char *meaning_of(int error)
{
	switch (error) {
	case EFAULT:	return "KVM_RUN: EFAULT: a page cannot be pinned, or was taken from the guest";
	case ENOMEM:	return "KVM_RUN: ENOMEM: the limit of locked memory, or no memory for EL2";
	case EIO:	return "KVM_RUN: EIO: guest memory that is neither anonymous nor shmem";
	default:	return strerror(error);
	}
}

/* A guest without a console says in SYSTEM_OFF why it ends: Documentation/pkvm.rst. */
static void hear_last_words(struct vcpu *vcpu)
{
	uint64_t text[14] = { 0 };

	/* KVM's answer is in X0 to X3. */
	if (vcpu_get_x(vcpu, 4) != LAST_WORDS)
		return;
	for (unsigned int i = 0; i < 13; i++)
		text[i] = vcpu_get_x(vcpu, 5 + i);
	report_last_words((const char *)text);
}

static bool handle_exit(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	switch (run->exit_reason) {
	case KVM_EXIT_MMIO:
		mmio_access(run->mmio.phys_addr, run->mmio.data, run->mmio.len, run->mmio.is_write);
		return true;
	case KVM_EXIT_INTR:
		return true;
	case KVM_EXIT_SYSTEM_EVENT:
		hear_last_words(vcpu);
		vcpus_stop(system_event(run));
		return false;
	case KVM_EXIT_FAIL_ENTRY:
		stop_for("fail", "the hypervisor refused to enter the guest");
		return false;
	default:
		say("exit reason %u", run->exit_reason);
		stop_for("fail", "an exit for an unknown reason");
		return false;
	}
}

/* Each on a CPU of the host's own, as far as there are any. */
static void pin_to_cpu(unsigned int number)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(number % sysconf(_SC_NPROCESSORS_ONLN), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		say("vCPU %u: no CPU of its own: %s", number, strerror(errno));
}

static void *run_vcpu(void *argument)
{
	struct vcpu *vcpu = argument;

	vcpu->tid = gettid();
	if (opt.pin)
		pin_to_cpu(vcpu - vcpus);
	while (!vcpus_stopping()) {
		if (ioctl(vcpu->fd, KVM_RUN, 0) < 0) {
			if (errno == EINTR || errno == EAGAIN)
				continue;
			stop_for("fail", meaning_of(errno));
			break;
		}
		if (!handle_exit(vcpu))
			break;
	}
	return NULL;
}

static void ignore_signal(int signal)
{
	(void)signal;
}

void vcpus_start(uint64_t pc, uint64_t fdt)
{
	struct sigaction wake = { .sa_handler = ignore_signal };

	sigaction(SIGUSR1, &wake, NULL);
	vcpus_allow();
	vcpu_set_start(&vcpus[0], pc, fdt);
	for (unsigned int i = 0; i < opt.cpus; i++) {
		if (pthread_create(&vcpus[i].thread, NULL, run_vcpu, &vcpus[i]))
			die("no thread for vCPU %u", i);
	}
}

/* How the machine ended; all vCPUs have stopped then. */
const char *vcpus_wait(void)
{
	const char *why = vcpus_wait_for_stop();

	for (unsigned int i = 0; i < opt.cpus; i++) {
		vcpus[i].run->immediate_exit = 1;
		pthread_kill(vcpus[i].thread, SIGUSR1);
	}
	for (unsigned int i = 0; i < opt.cpus; i++)
		pthread_join(vcpus[i].thread, NULL);
	return why;
}
