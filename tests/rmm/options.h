/* SPDX-License-Identifier: GPL-2.0-only */
/* options.c: see README.rst */
#ifndef RMM_OPTIONS_H
#define RMM_OPTIONS_H

#include "base.h"

struct options {
	const char *report, *tree, *image, *initrd, *append;
	u64 cpus, ram_mib, timeout;
	u64 ipa_bits, sve, measure, poison, alignment, around, queue;
	const char *hash;
	char rpv[65];
	struct lie secret;
	struct numbers peek;

	const char *set_when, *set_progress, *set_stall, *host_call, *cpu_on;
	u64 set_from, reject_set, reject_after, fail_every, abort_mmio;
};

extern struct options opt;
void options_read(void);

/* The bit of an upper address */
static inline u64 realm_half(void)
{
	return BIT(opt.ipa_bits - 1);
}

#endif
