// SPDX-License-Identifier: GPL-2.0-only
/// Store the size of each region of redistributors.
///
// Why:     63-gic-frames keeps the driver inside the region.
// Where:   drivers/irqchip/irq-gic-v3.c, struct redist_region: 1 match
// Trees:   6.1-7.3
// Outside: eight bytes for each region.
// Off:     the same: a structure has one layout.

@region@
@@
 struct redist_region {
 	...
 	bool single_redist;
+	/* bytes that are mapped */
+	size_t size;
 };
