// SPDX-License-Identifier: GPL-2.0-only
/*
 * The default list of drivers of a protected VM, and the rules that change it.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "device_policy.h"

/*
 * Drivers that are tested against a hostile host, and drivers without a device of the
 * host. A "-" removes drivers that a pattern before it matches.
 */
const char *const pguest_default_drivers[] = {
	"virtio:virtio_blk", "virtio:virtio_net", "virtio:virtio_console",
	"virtio:virtio_rng", "virtio:virtio_balloon",

	/* The buses of these */
	"pci:virtio-pci", "platform:virtio-mmio", "platform:pci-host-generic",

	/* The platform: console, time, pages that the host supplies */
	"amba:uart-pl011", "platform:sbsa-uart", "serial-base:*",
	"amba:rtc-pl031", "platform:alarmtimer",	/* the host supplies the time anyway */
	"platform:vmgenid", "acpi:vmgenid", "platform:vmclock",

	/* Nodes without registers: a bus, a fixed frequency */
	"platform:simple-pm-bus", "platform:of_fixed_clk",

	"platform:armv8-pmu",		/* registers of the CPU */

	/* Found before there is a driver core */
	"irqchip:arm,gic-v3", "timer:arm,armv8-timer", "clk:fixed-clock",
	"earlycon:pl011", "psci:arm,psci-0.2", "psci:arm,psci-1.0", "smp:psci",

	/* Created by the kernel, not from firmware; "kernel" is no bus, see device_policy.c */
	"kernel:*", "faux:*", "kunit:*",

	/* Created by the kernel as well, but these use code, tables or pages of firmware */
	"-kernel:rtc-efi", "-kernel:GHES", "-kernel:efi-framebuffer",
};

const unsigned int pguest_nr_default_drivers = ARRAY_SIZE(pguest_default_drivers);

/* A "*" at the end matches anything. */
static bool pattern_fits(const char *pattern, const char *driver)
{
	size_t len = strlen(pattern);

	if (len && pattern[len - 1] == '*')
		return !strncmp(pattern, driver, len - 1);
	return !strcmp(pattern, driver);
}

static bool allowed_by_default(const char *driver)
{
	bool allow = false;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pguest_default_drivers); i++) {
		const char *pattern = pguest_default_drivers[i];
		bool sign = *pattern != '-';

		if (pattern_fits(pattern + !sign, driver))
			allow = sign;
	}
	return allow;
}

/**
 * pguest_drivers_allow() - may a driver be used?
 * @list: the list
 * @driver: "BUS:DRIVER"
 * @why: set to the rule that decides; NULL if the default does
 *
 * Context: Any.
 * Return: true if it may.
 */
bool pguest_drivers_allow(const struct pguest_driver_list *list, const char *driver,
			  const struct pguest_rule **why)
{
	unsigned int i;

	for (i = list->nr; i; i--) {
		*why = &list->rules[i - 1];
		if (pattern_fits((*why)->pattern, driver))
			return (*why)->allow;
	}
	*why = NULL;
	return !list->replaced && allowed_by_default(driver);
}

/* Add the rule of one word: a driver with its bus, or a pattern. */
static int parse_word(struct pguest_driver_list *list, const char *word, size_t len)
{
	struct pguest_rule *rule = &list->rules[list->nr];
	bool sign = len && (*word == '+' || *word == '-');

	if (list->nr == PGUEST_RULES)
		return -ENOSPC;
	rule->allow = !(sign && *word == '-');
	len -= sign;
	if (!len || len >= sizeof(rule->pattern))
		return -EINVAL;
	memcpy(rule->pattern, word + sign, len);
	rule->pattern[len] = '\0';
	if (!strpbrk(rule->pattern, ":*"))
		return -EINVAL;
	list->nr++;
	return 0;
}

/**
 * pguest_drivers_parse() - add rules to the list
 * @list: the list
 * @text: words separated by commas: "+BUS:DRIVER" or "-BUS:DRIVER", each may end with
 *	  "*". If the first word has no sign, earlier rules and the default are dropped
 * @len: bytes of @text
 *
 * Malformed words are ignored.
 *
 * Context: Any.
 * Return: 0, -EINVAL if there was a malformed word, -ENOSPC if there were too many.
 */
int pguest_drivers_parse(struct pguest_driver_list *list, const char *text, size_t len)
{
	const char *end = text + len;
	int err = 0, result;

	if (len && *text != '+' && *text != '-') {
		list->replaced = true;
		list->nr = 0;
	}
	while (text < end) {
		const char *comma = memchr(text, ',', end - text) ?: end;

		result = parse_word(list, text, comma - text);
		err = err ?: result;
		text = comma + 1;
	}
	return err;
}
