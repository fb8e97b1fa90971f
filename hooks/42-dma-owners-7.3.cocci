// SPDX-License-Identifier: GPL-2.0-only
/// Say for whom the DMA core shares memory.
///
// Why:     every shared granule stands in the ledger with its owner. The tree
//          itself leaves alone what comes from a shared pool, and keeps pages
//          whose state is unknown.
// Where:   kernel/dma/direct.c, dma_set_decrypted(), dma_direct_alloc(): 2 matches
//          kernel/dma/pool.c, atomic_pool_expand(): 1 match
// Trees:   7.3
// Outside: nothing; without a hypervisor these functions do nothing.

@coherent@
identifier f = {dma_set_decrypted, dma_direct_alloc};
expression addr, n;
@@
 f(...)
 {
 <...
-set_memory_decrypted(addr, n)
+pguest_share_pages(addr, n, PGUEST_COHERENT)
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
-set_memory_decrypted(addr, n)
+pguest_share_pages(addr, n, PGUEST_ATOMIC)
 ...>
 }

@depends on atomic@
@@
 #include <linux/init.h>
+#include <linux/pguest.h>
