// SPDX-License-Identifier: GPL-2.0-only
/// Let a random source go whose host has just answered.
///
// Why:     the removal wakes who waits for data, and waits until that one has ended. If
//          the device answers meanwhile, the other takes the data for an answer like any
//          other, asks for more, and waits for it: by reinit_completion() what the removal
//          has said is lost. A device that does not answer keeps both for ever, and with
//          them who reads /dev/hwrng.
// Where:   drivers/char/hw_random/virtio-rng.c, request_entropy(): 1 match
//          drivers/char/hw_random/virtio-rng.c, remove_common(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken for each request.

@request@
identifier f = request_entropy;
identifier vi;
@@
 f(struct virtrng_info *vi)
 {
 ...
 reinit_completion(&vi->have_data);
+if (pguest_active()) {
+	/* Pairs with remove_common(). */
+	smp_mb();
+	if (vi->hwrng_removed)
+		complete(&vi->have_data);
+}
 ...
 }

@depends on request@
identifier f = remove_common;
identifier vi;
@@
 f(...)
 {
 ...
 vi->hwrng_removed = true;
+if (pguest_active()) {
+	/* Said before it completes; pairs with request_entropy(). */
+	smp_mb();
+}
 ...
 }

@have@
@@
 #include <linux/pguest.h>

@depends on request && !have@
@@
 #include <linux/module.h>
+#include <linux/pguest.h>
