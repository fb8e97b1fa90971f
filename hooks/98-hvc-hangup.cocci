// SPDX-License-Identifier: GPL-2.0-only
/// Hang no terminal up that may be closed at the same time.
///
// Why:     who polls a console whose port is gone has its terminal hung up later, by a
//          work for which it keeps no reference. If a program closes the terminal at
//          that moment the poll has the last reference, and the same work, which is
//          in a list still, is initialised anew to free the terminal. A host removes a
//          port when it likes, and the removal hangs the terminal up as well.
// Where:   drivers/tty/hvc/hvc_console.c, __hvc_poll(): 1 match
// Trees:   6.1-7.3. The include is of 89-hvc-get.
// Outside: a branch not taken when a console is gone.

@@
identifier f = __hvc_poll;
identifier tty;
@@
 f(...)
 {
 <...
-tty_hangup(tty);
+if (!pguest_active()) {
+	/* Else who removes the console does it, with a reference. */
+	tty_hangup(tty);
+}
 ...>
 }
