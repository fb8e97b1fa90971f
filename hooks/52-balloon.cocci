// SPDX-License-Identifier: GPL-2.0-only
/// Give pages up before the balloon device gets them, and take them back.
///
// Why:     Android's pKVM wants a page relinquished before the host may have
//          it. In a realm a page is given up by sharing it. Pages that are reported as free stay in use by the allocator, so
//          they cannot be given up: reporting is switched off. Nor can a page be
//          given up in the middle of a migration.
// Where:   drivers/virtio/virtio_balloon.c, fill_balloon(),
//            release_pages_balloon(), virtballoon_migratepage(),
//            virtballoon_validate(): 4 matches
// Trees:   6.1, 6.12
// Outside: a branch not taken for each page.

@fill@
identifier f = fill_balloon;
identifier page;
@@
 f(...)
 {
 <...
-struct page *page = balloon_page_alloc();
+struct page *page = pguest_balloon_page(balloon_page_alloc());
 ...>
 }

@release@
identifier f = release_pages_balloon;
identifier page;
@@
 f(...)
 {
 <...
-put_page(page);
+if (pguest_return_page(page))
+	put_page(page);
 ...>
 }

@migrate@
identifier f = virtballoon_migratepage;
expression lock;
@@
 f(...)
 {
 ...
-if (!mutex_trylock(lock))
+if (pguest_active() || !mutex_trylock(lock))
	return -EAGAIN;
 ...
 }

@validate@
identifier f = virtballoon_validate;
@@
 f(struct virtio_device *vdev)
 {
 ...
 __virtio_clear_bit(vdev, VIRTIO_RING_F_INDIRECT_DESC);
 __virtio_clear_bit(vdev, VIRTIO_F_ACCESS_PLATFORM);
+if (pguest_active()) {
+	__virtio_clear_bit(vdev, VIRTIO_BALLOON_F_REPORTING);
+	__virtio_clear_bit(vdev, VIRTIO_BALLOON_F_FREE_PAGE_HINT);
+}
 return 0;
 }

@depends on fill@
@@
 #include <linux/module.h>
+#include <linux/pguest.h>
