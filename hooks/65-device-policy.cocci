// SPDX-License-Identifier: GPL-2.0-only
/// Bind no driver that is not on the list of a protected VM.
///
// Why:     whatever the host shows is driven by the driver that fits, and most
//          drivers believe their device: they copy as much as it says. All ways
//          to a driver's probe lead through here: a device or a driver that is
//          new, on any bus, plugged in later or asked for through sysfs, at once
//          or later. The positive error is what a probe that failed returns, so
//          that other drivers have their turn.
// Where:   drivers/base/dd.c, __driver_probe_device(): 1 match
// Trees:   6.1, 6.12, 7.3
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
