// SPDX-License-Identifier: GPL-2.0-only
/// Share the page of the VM's generation ID.
///
// Why:     the host cannot write to a private page, and a device mapping of
//          ordinary memory is read by pairs of registers, which cannot be emulated.
// Where:   drivers/virt/vmgenid.c, vmgenid_add_acpi(), vmgenid_add_of(): 2 matches
// Trees:   6.12
// Outside: one branch not taken at probe.

@acpi@
identifier f = vmgenid_add_acpi;
expression dev, phys, size;
@@
 f(...)
 {
 ...
-devm_memremap(dev, phys, size, MEMREMAP_WB)
+pguest_devm_host_page(dev, phys, size, PGUEST_GENERATION)
 ...
 }

@of@
identifier f = vmgenid_add_of;
identifier pdev, virt;
@@
 f(struct platform_device *pdev, ...)
 {
 ...
-virt = devm_platform_get_and_ioremap_resource(pdev, 0, NULL);
+if (pguest_active())
+	virt = pguest_platform_host_page(pdev, VMGENID_SIZE, PGUEST_GENERATION);
+else
+	virt = devm_platform_get_and_ioremap_resource(pdev, 0, NULL);
 ...
 }

@depends on of@
@@
 #include <linux/module.h>
+#include <linux/pguest.h>
