// SPDX-License-Identifier: GPL-2.0-only
/// Take any number for a disk's cache mode.
///
// Why:     the disk's configuration says 0 or 1 for its cache mode, and any other
//          number ends in a BUG_ON() when a program reads cache_type in sysfs.
// Where:   drivers/block/virtio_blk.c, virtblk_get_cache_mode(): 1 match
// Trees:   6.1-7.3. The include is of 51-virtio-blk.
// Outside: a branch not taken when a disk is probed, or its cache mode looked at.

@@
identifier f = virtblk_get_cache_mode;
identifier writeback;
@@
 f(...)
 {
 ...
+if (pguest_active())
+	writeback = !!writeback;
 return writeback;
 }
