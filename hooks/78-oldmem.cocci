// SPDX-License-Identifier: GPL-2.0-only
/// Read a crashed kernel's memory, private or shared.
///
// Why:     in a realm shared memory has another address, and the tree maps old memory
//          as if it were a device, which is refused for RAM. The generic call for another
//          way of reading, copy_oldmem_page_encrypted(), needs a kernel that says that
//          all memory is encrypted.
// Where:   arch/arm64/kernel/crash_dump.c, copy_oldmem_page(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken for each page of a dump.

@oldmem@
identifier f = copy_oldmem_page;
identifier iter, pfn, csize, offset;
@@
 f(struct iov_iter *iter, unsigned long pfn, size_t csize, unsigned long offset)
 {
 ...
 if (!csize) return 0;
+
+if (pguest_active())
+	return pguest_copy_oldmem(iter, pfn, csize, offset);
 ...
 }

@depends on oldmem@
@@
 #include <linux/crash_dump.h>
+#include <linux/pguest_kexec.h>
