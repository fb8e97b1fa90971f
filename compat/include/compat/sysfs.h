/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Binary attributes of sysfs: their types became const up to Linux 6.17, and
 * sysfs_bin_attr_simple_read() exists since 6.10.
 */
#ifndef _COMPAT_SYSFS_H
#define _COMPAT_SYSFS_H

#include <linux/string.h>
#include <linux/sysfs.h>

/* compat_bin_attr list[] = { &bin_attr_one, NULL }; for an attribute_group */
#define compat_bin_attr	typeof(*((struct attribute_group *)NULL)->bin_attrs)

#ifdef COMPAT_SYSFS_SIMPLE_READ
static inline ssize_t sysfs_bin_attr_simple_read(struct file *file, struct kobject *kobj,
						 struct bin_attribute *attr, char *buf,
						 loff_t off, size_t count)
{
	return memory_read_from_buffer(buf, count, &off, attr->private, attr->size);
}
#endif

#endif /* _COMPAT_SYSFS_H */
