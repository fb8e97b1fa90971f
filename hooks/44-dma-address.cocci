// SPDX-License-Identifier: GPL-2.0-only
/// Give devices the address under which they find shared memory.
///
// Why:     in a realm that address is in the unprotected half. The tree's own checks
//          refuse masks that are too small for it.
// Where:   include/linux/dma-direct.h, phys_to_dma_unencrypted(), phys_to_dma(),
//            dma_to_phys(): 3 matches
// Trees:   6.1-6.12
// Outside: a branch not taken for each mapping that ends.

@shared@
identifier f = phys_to_dma_unencrypted;
identifier dev, paddr;
@@
 f(struct device *dev, phys_addr_t paddr)
 {
 if (dev->dma_range_map)
-	return translate_phys_to_dma(dev, paddr);
+	return pguest_dma_shared(translate_phys_to_dma(dev, paddr));
-return paddr;
+return pguest_dma_shared(paddr);
 }

@private@
identifier f = phys_to_dma;
identifier dev, paddr;
@@
 f(struct device *dev, phys_addr_t paddr)
 {
-return __sme_set(phys_to_dma_unencrypted(dev, paddr));
+return __sme_set(dev->dma_range_map ? translate_phys_to_dma(dev, paddr) : paddr);
 }

@memory@
identifier f = dma_to_phys;
identifier dev, dma_addr, paddr;
@@
 f(struct device *dev, dma_addr_t dma_addr)
 {
 phys_addr_t paddr;
+
+dma_addr = pguest_dma_memory(dma_addr);
 ...
 }

@depends on shared@
@@
 #include <linux/mem_encrypt.h>
+#include <linux/pguest.h>
