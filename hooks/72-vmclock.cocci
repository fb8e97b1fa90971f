// SPDX-License-Identifier: GPL-2.0-only
/// Leave the host's clock page to the layer's own driver.
///
// Why:     the tree's driver maps the page as private memory, lets programs map it,
//          and does not check what it reads.
// Where:   drivers/ptp/ptp_vmclock.c, vmclock_probe(): 1 match
// Trees:   6.18-7.3
// Outside: one branch not taken at probe; there the tree's driver comes first.

@probe@
identifier f = vmclock_probe;
identifier pdev, ret;
@@
 f(struct platform_device *pdev)
 {
 ...
 int ret;
+
+if (pguest_active())
+	return -ENODEV;
 ...
 }

@depends on probe@
@@
 #include <linux/module.h>
+#include <linux/pguest.h>
