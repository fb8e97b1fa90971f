/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The list of drivers that may be used: the interface of driver_list.c.
 */
#ifndef _PGUEST_DEVICE_POLICY_H
#define _PGUEST_DEVICE_POLICY_H

#include <linux/types.h>

/* Size of "BUS:DRIVER" or of a pattern, with the terminating zero */
#define PGUEST_DRIVER_LEN	64

/**
 * struct pguest_rule - a rule of the owner
 * @pattern: "BUS:DRIVER"; a "*" at its end matches anything
 * @allow: true if matching drivers may be used
 */
struct pguest_rule {
	char pattern[PGUEST_DRIVER_LEN];
	bool allow;
};

#define PGUEST_RULES		32

/**
 * struct pguest_driver_list - which drivers may be used
 * @replaced: the default list is not used
 * @nr: number of rules
 * @rules: the last rule that matches decides, and overrides the default
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
