// SPDX-License-Identifier: GPL-2.0-only
/// Share the page of the VM's generation ID.
///
// Why:     the host cannot write to a private page, and a device mapping of
//          ordinary memory is read by pairs of registers, which cannot be emulated.
// Where:   drivers/virt/vmgenid.c, vmgenid_add_acpi(), vmgenid_add_of(): 3 matches
// Trees:   7.3
// Outside: one branch not taken at probe.

@acpi@
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
+struct resource *page = platform_get_resource(pdev, IORESOURCE_MEM, 0);
 ...
-virt = devm_platform_get_and_ioremap_resource(pdev, 0, NULL);
+if (pguest_active() && page)
+	virt = pguest_devm_host_page(&pdev->dev, page->start, VMGENID_SIZE, PGUEST_GENERATION);
+else
+	virt = devm_platform_get_and_ioremap_resource(pdev, 0, NULL);
 ...
 }

@depends on of@
@@
 #include <linux/module.h>
+#include <linux/pguest.h>
