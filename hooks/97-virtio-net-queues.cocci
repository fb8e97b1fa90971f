// SPDX-License-Identifier: GPL-2.0-only
/// Make no more queues of a network than memory can describe.
///
// Why:     a device may say that it has 32,768 pairs of queues, and the driver asks for
//          one piece of memory with what it knows of each: that is more than there can
//          be in one piece, and the page allocator warns of it. More than 1024 is taken
//          for a number that the driver does not take.
// Where:   drivers/net/virtio_net.c, virtnet_probe(): 1 match
// Trees:   6.1-7.3. The include is of 38-net-full.
// Outside: a branch not taken when a network device is probed.

@@
identifier f = virtnet_probe;
identifier max_queue_pairs;
expression E;
@@
 f(struct virtio_device *vdev)
 {
 ...
 if (E)
 	max_queue_pairs = 1;
+if (pguest_active() && max_queue_pairs > 1024)
+	max_queue_pairs = 1;
 ...
 }
