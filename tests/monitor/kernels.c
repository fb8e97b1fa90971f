// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each kernel calls PSCI_VERSION once, while it boots on one CPU and before it drives a device: Linux does so in
 * setup_arch(). What the host sees then is what the kernel before it has left.
 */
#include "count.h"
#include "host.h"
#include "kernels.h"
#include "options.h"
#include "secret.h"

#define KERNELS		16

static struct {
	u64 ticks, shared, secrets;
} kernels[KERNELS];
static u32 nr_kernels;

/* Under the lock. */
void kernel_starts(void)
{
	if (nr_kernels == KERNELS)
		return;
	kernels[nr_kernels].ticks = end_ticks();
	kernels[nr_kernels].shared = count.shared;
	kernels[nr_kernels].secrets = secret_told() && protected_vm() ? host_scan(0) : 0;
	nr_kernels++;
}

void kernels_report(struct json *j)
{
	json_open(j, "kernels", '[');
	for (u32 i = 0; i < nr_kernels; i++) {
		json_open(j, NULL, '{');
		json_number(j, "ms", end_milliseconds(kernels[i].ticks));
		json_number(j, "shared", kernels[i].shared);
		json_number(j, "secrets", kernels[i].secrets);
		json_close(j, '}');
	}
	json_close(j, ']');
}
