// SPDX-License-Identifier: GPL-2.0-only
/// Leave the host's clock to our driver in a protected VM.
///
// Why:     the tree's driver maps memory that is private, lets programs map it as
//          well, and believes what it reads there.
// Where:   drivers/ptp/ptp_vmclock.c, vmclock_probe(): 1 match
// Trees:   7.3
// Outside: one branch not taken at probe; there the tree's driver is the first.

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
