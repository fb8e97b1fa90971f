/* SPDX-License-Identifier: GPL-2.0-only */
/* vCPUs: what they are in vcpu.c, what their exits mean in run.c. */
#ifndef VMM_VCPU_H
#define VMM_VCPU_H

#include <linux/kvm.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "layout.h"

/* vcpu.c */
extern struct vcpu {
	int fd;
	struct kvm_run *run;
	size_t run_size;
	pthread_t thread;
	pid_t tid;
} vcpus[MAX_CPUS];

/* The answers of KVM about stolen time: what is positive, or a negative errno */
struct steal_answers {
	int system, vm, has_attribute, set_attribute;
};

extern struct steal_answers steal_answers;

void vcpus_create(void);
void vcpus_offer_steal(void);
void vcpus_destroy(void);
/* The guest's virtual counter minus the host's */
int64_t vcpus_counter_offset(void);
/* Nanoseconds that a vCPU wanted to run and did not; negative: there is no such vCPU */
int64_t vcpus_waited(uint64_t vcpu);
void vcpu_set_start(struct vcpu *vcpu, uint64_t pc, uint64_t x0);
uint64_t vcpu_get_x(struct vcpu *vcpu, unsigned int n);

/* The machine runs until the first of these; @why is how it ended. */
void vcpus_stop(const char *why);
void vcpus_allow(void);
bool vcpus_stopping(void);
const char *vcpus_wait_for_stop(void);

/* run.c */
void vcpus_start(uint64_t pc, uint64_t fdt);
const char *vcpus_wait(void);

#endif
