// SPDX-License-Identifier: GPL-2.0-only
/// Use no TRNG that the host may be answering for.
///
// Why:     the kernel prefers SMCCC's TRNG calls to RNDRRS, and credits what they
//          return as the CPU's own. A guest of pKVM calls the host by them.
// Where:   drivers/firmware/smccc/smccc.c, arm_smccc_version_init(): 1 match
// Trees:   6.1, 6.12, 7.3
// Outside: a branch not taken, once.

@trng@
identifier f = arm_smccc_version_init;
identifier probe = smccc_probe_trng;
identifier available;
@@
 f(...)
 {
 ...
-available = probe();
+if (pguest_trust_trng())
+	available = probe();
 ...
 }

@depends on trng@
@@
 #include <linux/kernel.h>
+#include <linux/pguest.h>
