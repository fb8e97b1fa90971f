// SPDX-License-Identifier: GPL-2.0-only
/// Clear a packed ring's indirect table when it is allocated.
///
// Why:     the driver never writes the buffer ID of an entry in this table, so two
//          bytes of freed memory would go to the host with each entry.
// Where:   drivers/virtio/virtio_ring.c, alloc_indirect_packed(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken for each request with a table.

@table@
identifier f = alloc_indirect_packed;
identifier gfp;
@@
 f(..., gfp_t gfp)
 {
 ...
 gfp &= ~__GFP_HIGHMEM;
+if (pguest_active())
+	gfp |= __GFP_ZERO;
 ...
 }

@depends on table@
@@
 #include <linux/kmsan.h>
+#include <linux/pguest.h>
