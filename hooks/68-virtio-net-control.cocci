// SPDX-License-Identifier: GPL-2.0-only
/// Send no network device a command that it has no queue for.
///
// Why:     the driver refuses most features that need the control queue where the
//          device does not offer it, but not all: a command for the others ends in a
//          BUG_ON(), as when the configuration asks for an announcement, or a program
//          switches hardware GRO off.
// Where:   drivers/net/virtio_net.c, virtnet_send_command() or, in 6.12 and later,
//            virtnet_send_command_reply(): 1 match
// Trees:   6.1-7.3. The include is of 38-net-full.
// Outside: a branch not taken for each command.

@@
identifier f = {virtnet_send_command, virtnet_send_command_reply};
identifier vi;
@@
 f(struct virtnet_info *vi, ...)
 {
 ...
+if (pguest_active() && !virtio_has_feature(vi->vdev, VIRTIO_NET_F_CTRL_VQ))
+	return false;
 BUG_ON(!virtio_has_feature(vi->vdev, VIRTIO_NET_F_CTRL_VQ));
 ...
 }
