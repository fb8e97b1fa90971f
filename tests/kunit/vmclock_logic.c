// SPDX-License-Identifier: GPL-2.0-only
/*
 * The logic of the driver vmclock, for the suite that is built in while the driver
 * is a module.
 */
#include "../../drivers/ptp/vmclock_page.c"
