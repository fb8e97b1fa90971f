// SPDX-License-Identifier: GPL-2.0-only
/// Drive every virtio device through the DMA API.
///
// Why:     a device that does not offer VIRTIO_F_ACCESS_PLATFORM would get addresses of
//          private memory. Under pKVM guest addresses and DMA addresses are the same,
//          so such a device works with bounce buffers like any other.
// Where:   include/linux/virtio_config.h, virtio_has_dma_quirk(): 1 match
// Trees:   6.1-7.3
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
