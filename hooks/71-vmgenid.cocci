// SPDX-License-Identifier: GPL-2.0-only
/// Share the page of the VM's generation ID.
///
// Why:     the host cannot write to a private page, and reads of ordinary memory that
//          is mapped as a device use register pairs, which cannot be emulated.
// Where:   drivers/virt/vmgenid.c, vmgenid_add_acpi() or vmgenid_add(): 1 match
//          drivers/virt/vmgenid.c, vmgenid_add_of(): 1 match in 6.12-7.3
// Trees:   6.1-7.3. Up to 6.6 the driver is for ACPI alone.
// Outside: one branch not taken at probe.

@plain@
identifier f = {vmgenid_add, vmgenid_add_acpi};
expression dev, phys, size;
@@
 f(...)
 {
 ...
-devm_memremap(dev, phys, size, MEMREMAP_WB)
+pguest_devm_host_page(dev, phys, size, PGUEST_GENERATION)
 ...
 }

@shared@
identifier f = vmgenid_add_acpi;
identifier virt;
expression dev, phys, size, flags;
@@
 f(...)
 {
 ...
-virt = devm_memremap(dev, phys, size, flags);
+if (pguest_active())
+	virt = pguest_devm_host_page(dev, phys, size, PGUEST_GENERATION);
+else
+	virt = devm_memremap(dev, phys, size, flags);
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

@depends on plain || shared@
@@
 #include <linux/module.h>
+#include <linux/pguest.h>
