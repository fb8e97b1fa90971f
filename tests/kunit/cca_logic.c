// SPDX-License-Identifier: GPL-2.0-only
/*
 * The logic of the driver arm_cca_guest, for suites that are built in while the
 * driver is a module.
 */
#include "../../drivers/virt/coco/arm-cca-guest/registers.c"
#include "../../drivers/virt/coco/arm-cca-guest/token.c"
