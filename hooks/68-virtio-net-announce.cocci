// SPDX-License-Identifier: GPL-2.0-only
/// Announce nothing that the network device may not ask for.
///
// Why:     the driver sees in the device's configuration that it is to announce
//          itself, and acknowledges that by the control queue, without a look at the
//          features. A host that sets the bit and has offered no control queue makes
//          the guest end in a BUG_ON(). The feature for it depends on that queue.
// Where:   drivers/net/virtio_net.c, virtnet_config_changed_work(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken when the configuration changes.

@@
identifier f = virtnet_config_changed_work;
identifier vi, v;
@@
 f(...)
 {
 ...
 struct virtnet_info *vi = ...;
 ...
+if (pguest_active() && !virtio_has_feature(vi->vdev, VIRTIO_NET_F_GUEST_ANNOUNCE))
+	v &= ~VIRTIO_NET_S_ANNOUNCE;
 if (v & VIRTIO_NET_S_ANNOUNCE) {
 ...
 }
 ...
 }
