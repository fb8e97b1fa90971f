// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device policy: a driver is bound to a device of the host only if it is on a list.
 * Most drivers trust their device, and a distribution's kernel has drivers for more than
 * a thousand devices, so a host could choose one that it can exploit.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/device.h>
#include <linux/init.h>
#include <linux/platform_device.h>
#include <linux/pguest_devices.h>
#include <linux/property.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include <asm/pguest.h>
#include <asm/setup.h>

#include "device_policy.h"

#define PARAMETER	"pguest.devices="

static struct pguest_driver_list allowed __ro_after_init;

/**
 * struct refusal - a driver that was refused
 * @driver: "BUS:DRIVER"
 * @device: the first device for which it was refused
 * @times: number of refusals
 * @why: the owner's rule that forbids it, NULL if it is not listed
 */
struct refusal {
	char driver[PGUEST_DRIVER_LEN];
	char device[32];
	unsigned long times;
	const struct pguest_rule *why;
};

#define REFUSALS	64

static DEFINE_RAW_SPINLOCK(refusals_lock);
static struct refusal refusals[REFUSALS];
static unsigned int nr_refusals;
static unsigned long not_noted;

/* Record a refusal. True for the first one of a driver that the table has room for. */
static bool note_refusal(const char *driver, const char *device, const struct pguest_rule *why)
{
	struct refusal *r = refusals;
	unsigned long flags;
	bool first = false;

	raw_spin_lock_irqsave(&refusals_lock, flags);
	while (r < refusals + nr_refusals && strcmp(r->driver, driver))
		r++;
	if (r == refusals + REFUSALS) {
		not_noted++;
	} else {
		first = !r->times++;
		if (first) {
			strscpy(r->driver, driver, sizeof(r->driver));
			strscpy(r->device, device, sizeof(r->device));
			r->why = why;
			nr_refusals++;
		}
	}
	raw_spin_unlock_irqrestore(&refusals_lock, flags);
	return first;
}

static bool policy_refuses(const char *bus, const char *name, const char *device)
{
	const struct pguest_rule *why = NULL;
	char driver[PGUEST_DRIVER_LEN];

	/* A name that is longer than a pattern cannot be on the list. */
	if (snprintf(driver, sizeof(driver), "%s:%s", bus, name) < sizeof(driver) &&
	    pguest_drivers_allow(&allowed, driver, &why))
		return false;
	if (note_refusal(driver, device, why))
		pr_notice("%s is not used: %s is not on the list, " PARAMETER "+%s allows it\n",
			  device, driver, driver);
	return true;
}

/*
 * Has the kernel created the device by itself? Then neither it nor a parent has a
 * firmware node or a resource, and the host has no part in it.
 */
static bool made_by_kernel(struct device *dev)
{
	for (; dev && dev != &platform_bus; dev = dev->parent) {
		if (dev->bus != &platform_bus_type || dev_fwnode(dev) ||
		    to_platform_device(dev)->num_resources)
			return false;
	}
	return true;
}

/* Behind pguest_refuses(). */
bool __pguest_refuses(struct device *dev, const char *driver)
{
	const char *bus = made_by_kernel(dev) ? "kernel" : dev->bus->name;

	return policy_refuses(bus, driver, dev_name(dev));
}

/* Behind pguest_refuses_early(). */
bool __pguest_refuses_early(const char *table, const char *name)
{
	return policy_refuses(table, name, name);
}

static void __init add_rules(const char *text, size_t len)
{
	int err = pguest_drivers_parse(&allowed, text, len);

	if (err)
		pr_warn(PARAMETER "%.*s: not all of it is a driver: %d\n", (int)len, text, err);
}

/**
 * pguest_drivers_init() - set up the list of drivers
 *
 * It consists of the default, CONFIG_PGUEST_DEVICES and pguest.devices=. The latter is
 * read here because early consoles and interrupt controllers come before parameters are
 * parsed.
 *
 * Context: Boot, one CPU.
 */
void __init pguest_drivers_init(void)
{
	const char *at = boot_command_line;

	add_rules(CONFIG_PGUEST_DEVICES, strlen(CONFIG_PGUEST_DEVICES));
	while ((at = strstr(at, PARAMETER))) {
		bool word = at == boot_command_line || at[-1] == ' ';
		size_t len;

		at += strlen(PARAMETER);
		len = strcspn(at, " ");
		if (word)
			add_rules(at, len);
		at += len;
	}
}

/* pguest_drivers_init() has read it: accept it as a parameter. */
static int __init devices_param(char *value)
{
	return 0;
}
early_param("pguest.devices", devices_param);

static void show_rules(struct seq_file *m)
{
	unsigned int i;

	for (i = 0; !allowed.replaced && i < pguest_nr_default_drivers; i++) {
		const char *pattern = pguest_default_drivers[i];

		seq_printf(m, "default %s%s\n", *pattern == '-' ? "" : "+", pattern);
	}
	for (i = 0; i < allowed.nr; i++)
		seq_printf(m, "owner %c%s\n", allowed.rules[i].allow ? '+' : '-',
			   allowed.rules[i].pattern);
}

/**
 * pguest_show_devices() - print the list of drivers, and the refusals
 * @m: a file in debugfs
 *
 * Context: Process.
 */
void pguest_show_devices(struct seq_file *m)
{
	unsigned long others;
	unsigned int i, n;

	show_rules(m);
	raw_spin_lock_irq(&refusals_lock);
	n = nr_refusals;
	others = not_noted;
	raw_spin_unlock_irq(&refusals_lock);

	/* Entries below n are complete and are never removed. */
	for (i = 0; i < n; i++) {
		const struct refusal *r = &refusals[i];

		seq_printf(m, "refused %s %s %lu %s%s\n", r->driver, r->device,
			   READ_ONCE(r->times), r->why ? "-" : "not listed",
			   r->why ? r->why->pattern : "");
	}
	if (others)
		seq_printf(m, "refused - - %lu not noted\n", others);
}
