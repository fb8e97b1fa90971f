// SPDX-License-Identifier: GPL-2.0-only
/// Start an image only in a VM like the one that it is of.
///
// Why:     what the image has shared, its devices and its keys are at addresses that
//          the VM had in which it was made. The generic code compares the version of
//          the kernel and the number of pages: a host can place memory elsewhere.
// Where:   arch/arm64/kernel/hibernate.c, arch_hdr_invariants(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken for each image.

@mark@
identifier f = arch_hdr_invariants;
identifier i;
@@
 f(struct arch_hibernate_hdr_invariants *i)
 {
 ...
 memcpy(i->uts_version, ...);
+pguest_hibernate_mark(i->uts_version, sizeof(i->uts_version));
 }

@depends on mark@
@@
 #include <linux/pm.h>
+#include <linux/pguest_hibernate.h>
