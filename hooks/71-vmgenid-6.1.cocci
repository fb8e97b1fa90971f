// SPDX-License-Identifier: GPL-2.0-only
/// Share the page of the VM's generation ID.
///
// Why:     the host cannot write to a private page.
// Where:   drivers/virt/vmgenid.c, vmgenid_add(): 1 match
// Trees:   6.1, whose driver knows ACPI alone.
// Outside: one branch not taken at probe.

@acpi@
identifier f = vmgenid_add;
expression dev, phys, size;
@@
 f(...)
 {
 ...
-devm_memremap(dev, phys, size, MEMREMAP_WB)
+pguest_devm_host_page(dev, phys, size, PGUEST_GENERATION)
 ...
 }

@depends on acpi@
@@
 #include <linux/module.h>
+#include <linux/pguest.h>
