// SPDX-License-Identifier: GPL-2.0-only
/// Drop messages of a console that are too short.
///
// Why:     the driver takes what an earlier message has left in the buffer for the rest
//          of a short one. The length of a port's name is what follows the header: less
//          than a header is a name of almost 2^64 bytes, with a warning of the page
//          allocator, and one byte less a name that is no string.
// Where:   drivers/char/virtio_console.c, control_work_handler(): 1 match
// Trees:   6.1-7.3. The include is of 28-virtio-console.
// Outside: a branch not taken for each message.

@@
identifier f = control_work_handler;
expression vdev;
identifier portdev, buf;
@@
 f(...)
 {
 <...
+if (!pguest_active() || buf->len >= sizeof(struct virtio_console_control)) {
+	/* The host says how long it is. */
 	handle_control_message(vdev, portdev, buf);
+}
 ...>
 }
