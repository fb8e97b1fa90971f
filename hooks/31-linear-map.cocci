// SPDX-License-Identifier: GPL-2.0-only
/// Accept hot-plugged memory, and give it back.
///
// Why:     in a realm the new range is RAM only after the RMM has accepted it.
// Where:   arch/arm64/mm/mmu.c, arch_add_memory(): 2 matches
//          arch/arm64/mm/mmu.c, arch_remove_memory(): 1 match
// Trees:   6.1-7.3. Newer trees undo all failures of arch_add_memory() in one place.
// Outside: a branch not taken for each piece of memory.

@add@
identifier f = arch_add_memory;
identifier nid, start, size, params, ret;
@@
 f(int nid, u64 start, u64 size, struct mhp_params *params)
 {
 ...
+ret = pguest_add_memory(start, size);
+if (ret)
+	return ret;
 ret = __create_pgd_mapping(...);
 ...
 }

@add_void@
identifier f = arch_add_memory;
identifier nid, start, size, params, ret;
@@
 f(int nid, u64 start, u64 size, struct mhp_params *params)
 {
 ...
+ret = pguest_add_memory(start, size);
+if (ret)
+	return ret;
 __create_pgd_mapping(...);
 ...
 ret = __add_pages(...);
 ...
 }

@undo_here@
identifier f = arch_add_memory;
identifier nid, start, size, params, ret;
@@
 f(int nid, u64 start, u64 size, struct mhp_params *params)
 {
 ...
 if (ret)
	__remove_pgd_mapping(...);
 else { ... }
+if (ret)
+	pguest_remove_memory(start, size);
 ...
 }

@depends on !undo_here@
identifier f = arch_add_memory;
identifier nid, start, size, params;
@@
 f(int nid, u64 start, u64 size, struct mhp_params *params)
 {
 <...
 __remove_pgd_mapping(...);
+pguest_remove_memory(start, size);
 ...>
 }

@remove@
identifier f = arch_remove_memory;
identifier start, size;
@@
 f(u64 start, u64 size, ...)
 {
 ...
 __remove_pgd_mapping(...);
+pguest_remove_memory(start, size);
 }

@depends on add || add_void@
@@
 #include <linux/mm.h>
+#include <linux/pguest.h>
