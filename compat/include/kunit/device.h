/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices for KUnit, for trees before 6.8. Our include directory comes after the
 * tree's, so the tree's is taken where there is one.
 */
#ifndef _KUNIT_DEVICE_H
#define _KUNIT_DEVICE_H

#include <kunit/resource.h>
#include <linux/device.h>
#include <linux/err.h>

static inline int compat_device_init(struct kunit_resource *res, void *name)
{
	struct device *dev = root_device_register(name);

	res->data = dev;
	return PTR_ERR_OR_ZERO(dev);
}

static inline void compat_device_free(struct kunit_resource *res)
{
	root_device_unregister(res->data);
}

/* Register a device without a driver until the end of the test. Returns it, or an ERR_PTR(). */
static inline struct device *kunit_device_register(struct kunit *test, const char *name)
{
	return kunit_alloc_resource(test, compat_device_init, compat_device_free,
				    GFP_KERNEL, (void *)name) ?: ERR_PTR(-ENOMEM);
}

#endif /* _KUNIT_DEVICE_H */
