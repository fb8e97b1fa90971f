// SPDX-License-Identifier: GPL-2.0-only
/// Share a CPU's steal time before it is read, and check it.
///
// Why:     the host cannot write to a private page, and it chooses the address, which
//          could be the guest's own memory. The value is bounded by elapsed time. A
//          CPU comes online without steal time as well; otherwise the host could keep
//          it offline by a wrong answer.
// Where:   arch/arm64/kernel/paravirt.c, para_steal_clock(),
//            stolen_time_cpu_down_prepare(), stolen_time_cpu_online(): 4 matches
// Trees:   6.1-7.3
// Outside: a branch not taken for each reading.

@read@
identifier f = para_steal_clock;
identifier cpu, ret;
expression E;
@@
 f(int cpu)
 {
 ...
-ret = le64_to_cpu(E);
+ret = pguest_steal_clock(cpu, le64_to_cpu(E));
 ...
 }

@down@
identifier f = stolen_time_cpu_down_prepare;
expression p;
@@
 f(...)
 {
 ...
-memunmap(p);
+if (pguest_active())
+	pguest_unmap_host_page(p);
+else
+	memunmap(p);
 ...
 }

@online@
identifier f = stolen_time_cpu_online;
identifier reg, res, kaddr;
expression size;
@@
 f(...)
 {
 <...
(
-return -EINVAL;
+return pguest_active() ? 0 : -EINVAL;
|
+if (pguest_active()) {
+	rcu_assign_pointer(reg->kaddr, __pguest_map_steal(res.a0));
+	return 0;
+}
 kaddr = memremap(res.a0, size, MEMREMAP_WB);
 rcu_assign_pointer(reg->kaddr, kaddr);
)
 ...>
 }

@depends on read@
@@
 #include <linux/types.h>
+#include <linux/pguest.h>
