// SPDX-License-Identifier: GPL-2.0-only
/// Call no code that firmware left in a protected VM.
///
// Why:     where it is, the host's words say: the system table's address comes with
//          the device tree, and the kernel makes what it names executable.
// Where:   drivers/firmware/efi/efi.c, efi_runtime_disabled(): 1 match
// Trees:   6.1, 6.12, 7.3
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
