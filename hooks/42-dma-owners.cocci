// SPDX-License-Identifier: GPL-2.0-only
/// Say for whom the DMA core shares memory.
///
// Why:     every shared granule stands in the ledger with its owner. Memory
//          from a pool that is shared already is left as it is, and pages whose
//          state is unknown do not go back to the allocator.
// Where:   kernel/dma/direct.c, dma_set_decrypted(), dma_set_encrypted(): 3 matches
//          kernel/dma/pool.c, atomic_pool_expand(): 1 match
// Trees:   6.1, 6.12
// Outside: nothing; without a hypervisor these functions do nothing.

@coherent@
identifier f = {dma_set_decrypted, dma_set_encrypted};
identifier dev;
expression addr, n;
@@
 f(struct device *dev, ...)
 {
 <...
(
-if (!force_dma_unencrypted(dev))
+if (!force_dma_unencrypted(dev) ||
+    (pguest_active() && is_swiotlb_for_alloc(dev)))
	return 0;
|
-set_memory_decrypted(addr, n)
+pguest_share_pages(addr, n, PGUEST_COHERENT)
)
 ...>
 }

@depends on coherent@
@@
 #include <linux/pfn.h>
+#include <linux/pguest.h>

@atomic@
identifier f = atomic_pool_expand;
expression addr, n;
@@
 f(...)
 {
 <...
-ret = set_memory_decrypted(addr, n);
+ret = pguest_share_pages(addr, n, PGUEST_ATOMIC);
+if (ret == -EIO)
+	goto out;
 ...>
 }

@depends on atomic@
@@
 #include <linux/init.h>
+#include <linux/pguest.h>
