// SPDX-License-Identifier: GPL-2.0-only
/// Ask no network device for statistics of its own.
///
// Why:     the driver takes the queue's number and the length of each entry out of the
//          device's reply. By the number it chooses where in its array the values of
//          the reply go, however far behind the end that is, and with a length of 0
//          it reads the same entry for ever. Its own statistics are not concerned.
// Where:   drivers/net/virtio_net.c, virtnet_validate(): 1 match
// Trees:   6.12-7.3. Earlier trees do not know the feature. The include is of 38-net-full.
// Outside: a branch not taken when a network device is probed.

@@
identifier f = virtnet_validate;
identifier vdev;
@@
 f(struct virtio_device *vdev)
 {
 ...
+if (pguest_active())
+	__virtio_clear_bit(vdev, VIRTIO_NET_F_DEVICE_STATS);
 return 0;
 }
