// SPDX-License-Identifier: GPL-2.0-only
/// Do not call EFI runtime services in a protected VM.
///
// Why:     the host chooses the code: the address of the system table comes from the
//          device tree, and the kernel maps what the table refers to as executable.
// Where:   drivers/firmware/efi/efi.c, efi_runtime_disabled(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken.

@runtime@
identifier f = efi_runtime_disabled;
expression disabled;
@@
 f(...)
 {
-return disabled;
+return disabled || pguest_efi_has_no_runtime();
 }

@depends on runtime@
@@
 #include <linux/of.h>
+#include <linux/pguest.h>
