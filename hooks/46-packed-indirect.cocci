// SPDX-License-Identifier: GPL-2.0-only
/// Show the device nothing in a packed ring's indirect table but what was written to it.
///
// Why:     the table is allocated as it comes, and an entry's buffer ID is never
//          set: two bytes of freed memory go to the host with each entry.
// Where:   drivers/virtio/virtio_ring.c, alloc_indirect_packed(): 1 match
// Trees:   6.1, 6.12, 7.3
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
