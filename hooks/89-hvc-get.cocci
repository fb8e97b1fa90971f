// SPDX-License-Identifier: GPL-2.0-only
/// Open no console that is going away.
///
// Why:     a console whose last reference is gone is in the list until it is freed,
//          and an open() in that moment takes it without a look at whether it could
//          take a reference: it uses freed memory, and frees it once more. A host
//          removes a console when it likes.
// Where:   drivers/tty/hvc/hvc_console.c, hvc_get_by_index(): 1 match
// Trees:   6.1-7.3
// Outside: two branches when a console is opened.

@get@
identifier f = hvc_get_by_index;
identifier hp, index;
@@
 f(int index)
 {
 <...
-if (hp->index == index)
+if (hp->index == index && (tty_port_get(&hp->port) || !pguest_active()))
 {
-	tty_port_get(&hp->port);
 ...
 }
 ...>
 }

@depends on get@
@@
 #include <linux/spinlock.h>
+#include <linux/pguest.h>
