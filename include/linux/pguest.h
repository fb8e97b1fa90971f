/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that other kernel code calls of pguest, by subject. Those who need one subject
 * include its header alone.
 */
#ifndef _LINUX_PGUEST_H
#define _LINUX_PGUEST_H

#include <linux/pguest_balloon.h>
#include <linux/pguest_dma.h>
#include <linux/pguest_firmware.h>
#include <linux/pguest_hostpage.h>
#include <linux/pguest_memory.h>
#include <linux/pguest_mmio.h>
#include <linux/pguest_random.h>

#endif /* _LINUX_PGUEST_H */
