// SPDX-License-Identifier: GPL-2.0-only
/// Have room for what a display's driver maps at once.
///
// Why:     it maps a whole picture, which is more than the bounce pool has at first, and
//          drops a command, with a WARN(), for which there are no slots. Both are done
//          where the driver can sleep until the pool has grown.
// Where:   drivers/gpu/drm/virtio/virtgpu_object.c, virtio_gpu_object_shmem_init(): 1 match
//          drivers/gpu/drm/virtio/virtgpu_vq.c, virtio_gpu_queue_ctrl_sgs(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken for each picture and each command.

@picture@
identifier f = virtio_gpu_object_shmem_init;
identifier bo, pages;
@@
 f(..., struct virtio_gpu_object *bo, ...)
 {
 ...
+pguest_expect_buffers(bo->base.base.size >> PAGE_SHIFT, GFP_KERNEL);
 pages = drm_gem_shmem_get_pages_sgt(&bo->base);
 ...
 }

@depends on picture@
@@
 #include <linux/dma-mapping.h>
+#include <linux/pguest.h>

@command@
identifier f = virtio_gpu_queue_ctrl_sgs;
identifier elemcnt, vgdev;
@@
 f(struct virtio_gpu_device *vgdev, ..., int elemcnt, ...)
 {
 ... when any
+pguest_expect_buffers(elemcnt, GFP_KERNEL);
 if (vgdev->has_indirect) elemcnt = 1;
 ... when any
 }

@depends on command@
@@
 #include <linux/dma-mapping.h>
+#include <linux/pguest.h>
