/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lists of binary attributes, whose type got a const or two up to Linux 6.17.
 */
#ifndef _COMPAT_SYSFS_H
#define _COMPAT_SYSFS_H

#include <linux/sysfs.h>

/* compat_bin_attr list[] = { &bin_attr_one, NULL }; for an attribute_group */
#define compat_bin_attr	typeof(*((struct attribute_group *)NULL)->bin_attrs)

#endif /* _COMPAT_SYSFS_H */
