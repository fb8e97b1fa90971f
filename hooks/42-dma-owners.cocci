// SPDX-License-Identifier: GPL-2.0-only
/// Record the owner of memory that the DMA core shares.
///
// Why:     the ledger holds the owner of every shared granule. Memory from a pool
//          that is shared already stays as it is, and pages whose state is unknown
//          do not go back to the allocator; 7.3 does both by itself. The pool for
//          atomic context has a mapping without cache, so the cache must be clean once
//          it is shared. A device that is not coherent gets memory from that pool where
//          its driver cannot sleep, and not from the bounce pool, which has no such
//          mapping.
// Where:   kernel/dma/direct.c, dma_set_decrypted(), dma_set_encrypted(): 3 matches in 6.1-7.2
//          kernel/dma/direct.c, dma_set_decrypted(): 1 match in 7.3
//          kernel/dma/direct.c, dma_direct_alloc(): 1 match in 6.1-7.2
//          kernel/dma/direct.c, dma_direct_alloc(): 2 matches in 7.3
//          kernel/dma/pool.c, atomic_pool_expand(): 1 match
// Never:   kernel/dma/direct.c: set_memory_decrypted()
//          kernel/dma/pool.c: set_memory_decrypted()
// Trees:   6.1-7.3
// Outside: nothing; without a hypervisor these functions do nothing.
// Off:     the same by its text, of which gcc makes another object.

@coherent@
identifier f = {dma_set_decrypted, dma_set_encrypted, dma_direct_alloc};
expression addr, n;
@@
 f(...)
 {
 <...
-set_memory_decrypted(addr, n)
+pguest_share_pages(addr, n, PGUEST_COHERENT)
 ...>
 }

@pooled@
identifier f = {dma_set_decrypted, dma_set_encrypted};
identifier dev;
@@
 f(struct device *dev, ...)
 {
 <...
-if (!force_dma_unencrypted(dev))
+if (!force_dma_unencrypted(dev) ||
+    (pguest_active() && is_swiotlb_for_alloc(dev)))
	return 0;
 ...>
 }

@sleeps@
identifier f = dma_direct_alloc;
identifier dev, gfp;
expression shared;
@@
 f(...)
 {
 <...
 shared &&
-dma_direct_use_pool(dev, gfp)
+(dma_direct_use_pool(dev, gfp) || pguest_alloc_atomic(dev, gfp))
 ...>
 }

@depends on coherent@
@@
 #include <linux/pfn.h>
+#include <linux/pguest_coherent.h>

@leaks@
identifier f = atomic_pool_expand;
identifier leak_pages;
@@
 f(...)
 {
 ...
 bool leak_pages = false;
 ... when any
 }

@atomic@
identifier f = atomic_pool_expand;
expression addr, n;
@@
 f(...)
 {
 <...
-set_memory_decrypted(addr, n)
+pguest_share_atomic_pool(addr, n)
 ...>
 }

@depends on !leaks@
identifier f = atomic_pool_expand;
identifier ret;
expression addr, n;
@@
 f(...)
 {
 <...
 ret = pguest_share_atomic_pool(addr, n);
+if (pguest_active() && ret == -EIO)
+	goto out;
 ...>
 }

@depends on atomic@
@@
 #include <linux/init.h>
+#include <linux/pguest_coherent.h>
