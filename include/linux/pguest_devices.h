/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device policy: which drivers a protected VM uses. The driver core calls it, and
 * so does code that initialises devices before there is a driver core.
 */
#ifndef _LINUX_PGUEST_DEVICES_H
#define _LINUX_PGUEST_DEVICES_H

#include <linux/pguest_core.h>

struct device;

/* Called in a protected VM alone, see linux/pguest_core.h. */
bool __pguest_refuses(struct device *dev, const char *driver);
bool __pguest_refuses_early(const char *table, const char *name);

/**
 * pguest_refuses() - must a driver not be bound to a device?
 * @dev: the device, on a bus
 * @driver: name of the driver
 *
 * The first refusal of a driver is logged, with the parameter that allows it.
 *
 * Context: Any.
 * Return: true in a protected VM whose list of drivers does not have this one.
 */
static inline bool pguest_refuses(struct device *dev, const char *driver)
{
	return pguest_active() && __pguest_refuses(dev, driver);
}

/**
 * pguest_refuses_early() - must a device not be initialised by an early driver?
 * @table: "irqchip", "timer", "clk", "earlycon", "psci" or "smp"
 * @name: name of the driver in that table
 *
 * Context: Any.
 * Return: as pguest_refuses().
 */
static inline bool pguest_refuses_early(const char *table, const char *name)
{
	return pguest_active() && __pguest_refuses_early(table, name);
}

#endif /* _LINUX_PGUEST_DEVICES_H */
