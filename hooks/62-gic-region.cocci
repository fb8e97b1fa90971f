// SPDX-License-Identifier: GPL-2.0-only
/// Let each region of redistributors know how large it is.
///
// Why:     63-gic-frames.cocci keeps the driver inside of it.
// Where:   drivers/irqchip/irq-gic-v3.c, struct redist_region: 1 match
// Trees:   6.1, 6.12, 7.3
// Outside: eight bytes for each region.

@region@
@@
 struct redist_region {
 	...
 	bool single_redist;
+	/* what is mapped of it */
+	size_t size;
 };
