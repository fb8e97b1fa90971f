/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The list of drivers that may be used, as its files and its tests know it.
 */
#ifndef _PGUEST_DEVICE_POLICY_H
#define _PGUEST_DEVICE_POLICY_H

#include <linux/types.h>

/* "BUS:DRIVER", or a pattern for it, with its end */
#define PGUEST_DRIVER_LEN	64

/**
 * struct pguest_rule - what an owner has said of some drivers
 * @pattern: "BUS:DRIVER"; a "*" at its end stands for anything
 * @allow: may they be used?
 */
struct pguest_rule {
	char pattern[PGUEST_DRIVER_LEN];
	bool allow;
};

#define PGUEST_RULES		32

/**
 * struct pguest_driver_list - which drivers may be used
 * @replaced: the default does not count
 * @nr: rules
 * @rules: of those that fit, the last counts; it goes before the default
 */
struct pguest_driver_list {
	bool replaced;
	unsigned int nr;
	struct pguest_rule rules[PGUEST_RULES];
};

extern const char *const pguest_default_drivers[];
extern const unsigned int pguest_nr_default_drivers;

int pguest_drivers_parse(struct pguest_driver_list *list, const char *text, size_t len);
bool pguest_drivers_allow(const struct pguest_driver_list *list, const char *driver,
			  const struct pguest_rule **why);

#endif /* _PGUEST_DEVICE_POLICY_H */
