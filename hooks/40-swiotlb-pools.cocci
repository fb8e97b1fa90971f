// SPDX-License-Identifier: GPL-2.0-only
/// Leave bounce pools private until their slots are used.
///
// Why:     35-swiotlb-search shares a slot when it hands it out. So nothing shares a
//          pool as a whole, and nothing clears it at boot: each page would cost an
//          exit to the host, and is cleared when it is shared. Pools for a single
//          transfer are shared at once, with their owner in the ledger.
// Where:   kernel/dma/swiotlb.c, swiotlb_update_mem_attributes(),
//            swiotlb_init_late(), rmem_swiotlb_device_init(): 1 match each
//          kernel/dma/swiotlb.c, swiotlb_memblock_alloc() or
//            swiotlb_init_remap(): 1 match
//          kernel/dma/swiotlb.c, swiotlb_init_io_tlb_mem() or
//            swiotlb_init_io_tlb_pool(): 1 match
//          kernel/dma/swiotlb.c, alloc_dma_pages(): 1 match in 6.6-7.3
//          kernel/dma/swiotlb.c, swiotlb_late_init_with_tbl(): at most 1 match.
//            Qualcomm's pool, which compat/include/compat/swiotlb.h excludes.
// Never:   kernel/dma/swiotlb.c: set_memory_decrypted(), memblock_alloc_low()
// Trees:   6.1-7.3
// Outside: a branch not taken for each pool.

@dynamic@
identifier f = alloc_dma_pages;
expression addr, n;
@@
 f(...)
 {
 <...
-set_memory_decrypted(addr, n)
+pguest_share_pages(addr, n, PGUEST_BOUNCE)
 ...>
 }

@late@
identifier f = {swiotlb_update_mem_attributes, swiotlb_init_late, rmem_swiotlb_device_init,
	swiotlb_late_init_with_tbl};
expression addr, n;
@@
 f(...)
 {
 <...
-set_memory_decrypted(addr, n)
+pguest_pool_decrypted(addr, n)
 ...>
 }

@boot@
identifier f = {swiotlb_memblock_alloc, swiotlb_init_remap};
expression bytes, align;
@@
 f(...)
 {
 <...
-memblock_alloc_low(bytes, align)
+pguest_alloc_pool(bytes, align)
 ...>
 }

@clear@
identifier f = {swiotlb_init_io_tlb_mem, swiotlb_init_io_tlb_pool};
expression vaddr, bytes;
@@
 f(...)
 {
 <...
-memset(vaddr, 0, bytes);
+if (!pguest_active())
+	memset(vaddr, 0, bytes);
 ...>
 }
