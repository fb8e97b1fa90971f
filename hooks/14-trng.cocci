// SPDX-License-Identifier: GPL-2.0-only
/// Do not use SMCCC's TRNG in a protected VM.
///
// Why:     the kernel prefers SMCCC's TRNG calls to RNDRRS, and credits the result as
//          if it came from the CPU. In a guest of pKVM the host answers these calls.
// Where:   drivers/firmware/smccc/smccc.c, arm_smccc_version_init(): 1 match
// Trees:   6.1-7.3
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
