// SPDX-License-Identifier: GPL-2.0-only
/// Refuse a device that cannot address shared memory.
///
// Why:     the tree accepts every mask of 32 bits or more. In a realm shared memory is
//          at the top of the address space: such a device would probe, and each of its
//          mappings would fail with a WARN.
// Where:   kernel/dma/direct.c, dma_direct_supported(): 1 match
// Trees:   6.1-7.3
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
