// SPDX-License-Identifier: GPL-2.0-only
/// Refuse a device whose addresses are too narrow for shared memory.
///
// Why:     the tree takes every mask of 32 bits for good. In a realm shared memory
//          is at the top of the address space: such a device would probe, and then
//          each mapping of its would fail with a WARN.
// Where:   kernel/dma/direct.c, dma_direct_supported(): 1 match
// Trees:   6.1, 6.12, 7.3
// Outside: one branch not taken when a driver sets its mask.

@mask@
identifier f = dma_direct_supported;
identifier dev, mask;
@@
 f(struct device *dev, u64 mask)
 {
 u64 min_mask = ...;
+
+if (!pguest_dma_mask_ok(dev, mask))
+	return 0;
 ...
 }
