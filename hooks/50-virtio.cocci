// SPDX-License-Identifier: GPL-2.0-only
/// Drive every virtio device through the DMA API.
///
// Why:     a device that does not offer VIRTIO_F_ACCESS_PLATFORM is otherwise
//          given addresses of private memory. Guest addresses and DMA addresses
//          are the same under pKVM, so such a device works from bounce buffers
//          like any other, and need not be refused.
// Where:   include/linux/virtio_config.h, virtio_has_dma_quirk(): 1 match
// Trees:   6.1, 6.12, 7.3
// Outside: a branch not taken when a queue is set up.

@quirk@
identifier f = virtio_has_dma_quirk;
@@
 f(...)
 {
-return !virtio_has_feature(vdev, VIRTIO_F_ACCESS_PLATFORM);
+return !pguest_active() &&
+       !virtio_has_feature(vdev, VIRTIO_F_ACCESS_PLATFORM);
 }

@depends on quirk@
@@
 #include <linux/bug.h>
+#include <linux/pguest.h>
