// SPDX-License-Identifier: GPL-2.0-only
/// Initialise the balloon's lock before its queues.
///
// Why:     an interrupt takes the lock of the balloon's wakeup source, which the
//          driver initialises after its queues. A device has nothing to say before
//          its driver is ready, but a host can send an interrupt: the lock is taken
//          before it is initialised, and initialised while it is held.
// Where:   drivers/virtio/virtio_balloon.c, virtballoon_probe(): 2 matches
// Trees:   6.12-7.3. Earlier trees have no such lock. The include is of 52-balloon.
// Outside: two branches when a balloon is probed.

@early@
identifier f = virtballoon_probe;
identifier vb, vdev;
@@
 f(...)
 {
 ...
 vb->vdev = vdev;
+if (pguest_active())
+	spin_lock_init(&vb->wakeup_lock);
 <...
-spin_lock_init(&vb->wakeup_lock);
+if (!pguest_active())
+	spin_lock_init(&vb->wakeup_lock);
 ...>
 }
