// SPDX-License-Identifier: GPL-2.0-only
/// Reserve lost memory in the device tree of the next kernel.
///
// Why:     the host may still have access to a granule whose state is unknown. This
//          kernel never uses it again, and the next one must not either.
// Where:   drivers/of/kexec.c, of_kexec_alloc_and_setup_fdt(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken for each kernel that is loaded.

@tree@
identifier f = of_kexec_alloc_and_setup_fdt;
identifier image, fdt, ret, node;
@@
 f(const struct kimage *image, ...)
 {
 ...
 ret = fdt_setprop(fdt, node, "linux,booted-from-kexec", NULL, 0);
+if (!ret)
+	ret = pguest_kexec_tree(image, fdt);
 ...
 }

@depends on tree@
@@
 #include <linux/kexec.h>
+#include <linux/pguest_kexec.h>
