// SPDX-License-Identifier: GPL-2.0-only
/// Bind only drivers that are on the list of a protected VM.
///
// Why:     the kernel drives whatever device the host shows, and most drivers trust
//          their device: they copy as much as it says. Every way to a driver's probe
//          goes through this function: a new device or driver on any bus, hotplug,
//          sysfs, deferred or asynchronous probes. The positive error is what a failed
//          probe returns, so that other drivers are tried.
// Where:   drivers/base/dd.c, __driver_probe_device(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken for each device.

@bind@
identifier f = __driver_probe_device;
identifier drv, dev;
type T;
@@
 f(T drv, struct device *dev)
 {
 ...
 if (dev->driver)
	return -EBUSY;
+if (pguest_refuses(dev, drv->name))
+	return EPERM;
 ...
 }

@depends on bind@
@@
 #include <linux/pm_runtime.h>
+#include <linux/pguest_devices.h>
