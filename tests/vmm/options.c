// SPDX-License-Identifier: GPL-2.0-only
/* What the command line says, and what holds where it says nothing. main.c reads it. */
#include "vmm.h"

struct options opt = {
	.access_platform = true,
	.its = true,
	.scan = true,
	.cpus = 1,
	.ram = 512 * MIB,
	.append = "",
};
