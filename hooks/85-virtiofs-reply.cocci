// SPDX-License-Identifier: GPL-2.0-only
/// Check replies of virtio-fs as those of user space.
///
// Why:     fs/fuse/dev.c checks what a server in user space answers. The driver of
//          virtio-fs does not: an error that is no errno becomes a pointer
//          that the kernel follows, in __get_acl() for one, and the length of the reply
//          becomes that of an attribute or of a link, whatever was asked for.
// Where:   fs/fuse/virtio_fs.c, virtio_fs_requests_done_work(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken for each completed request of virtio-fs.

@reply@
identifier f = virtio_fs_requests_done_work;
identifier req, vq, len;
@@
 f(...)
 {
 <...
 while ((req = virtqueue_get_buf(vq, &len)) != NULL) {
+	pguest_check_fuse_reply(req, len);
 ...
 }
 ...>
 }

@later depends on reply@
@@
 #include "fuse_dev_i.h"
+#include <linux/pguest_fuse.h>

@depends on reply && !later@
@@
 #include "fuse_i.h"
+#include <linux/pguest_fuse.h>
