// SPDX-License-Identifier: GPL-2.0-only
/// Accept memory that is plugged in before it is mapped, and give it back.
///
// Why:     in a realm it is not RAM before the RMM was asked for it.
// Where:   arch/arm64/mm/mmu.c, arch_add_memory(), arch_remove_memory(): 3 matches
// Trees:   6.1, 6.12
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
 __create_pgd_mapping(...);
 ...
 if (ret)
-	__remove_pgd_mapping(...);
+	{
+	__remove_pgd_mapping(swapper_pg_dir, __phys_to_virt(start), size);
+	pguest_remove_memory(start, size);
+	}
 else { ... }
 ...
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

@depends on add@
@@
 #include <linux/mm.h>
+#include <linux/pguest.h>
