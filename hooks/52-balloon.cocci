// SPDX-License-Identifier: GPL-2.0-only
/// Give pages up before the balloon device gets them.
///
// Why:     under Android's pKVM the guest must relinquish a page before the host can
//          have it. In a realm the guest gives a page up by sharing it. Pages that
//          are reported as free stay in use by the allocator, so they cannot be
//          given up, and the feature is switched off. A page cannot be given up in
//          the middle of a migration either, and so must not come from where pages
//          have to be movable: the bounce pool takes its memory from there. A host
//          that breaks its ring gives no answer, and the driver would wait for one
//          for ever.
// Where:   drivers/virtio/virtio_balloon.c, fill_balloon(),
//            release_pages_balloon(), virtballoon_migratepage(),
//            virtballoon_validate(): 1 match each
//          drivers/virtio/virtio_balloon.c, tell_host(): 2 matches
// Never:   drivers/virtio/virtio_balloon.c: balloon_page_alloc()
// Trees:   6.1-7.3
// Outside: a branch not taken for each page.

@fill@
identifier f = fill_balloon;
@@
 f(...)
 {
 <...
-balloon_page_alloc()
+pguest_balloon_page(balloon_page_alloc)
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

@request@
identifier f = tell_host;
identifier vb, vq;
expression answer;
@@
 f(struct virtio_balloon *vb, struct virtqueue *vq)
 {
 ...
+if (pguest_active() && virtqueue_is_broken(vq))
+	return;
 sg_init_one(...);
 ...
-wait_event(vb->acked, answer);
+wait_event(vb->acked, answer || (pguest_active() && virtqueue_is_broken(vq)));
 }
