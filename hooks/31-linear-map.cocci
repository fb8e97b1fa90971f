// SPDX-License-Identifier: GPL-2.0-only
/// Make the linear map of single pages where a page can change its address.
///
// Why:     a realm reaches shared memory at another address than private memory.
//          Block mappings, which rodata=off would bring, cannot be split later.
//          Memory that is plugged in has to be accepted before it is mapped.
// Where:   arch/arm64/mm/pageattr.c, can_set_direct_map(): 1 match
//          arch/arm64/mm/mmu.c, arch_add_memory(), arch_remove_memory(): 3 matches
// Trees:   6.12
// Outside: a branch not taken at boot, and for each piece of memory plugged in.

@pages@
identifier f = can_set_direct_map;
@@
 f(void)
 {
 <...
-arm64_kfence_can_set_direct_map()
+arm64_kfence_can_set_direct_map() || pguest_needs_pages()
 ...>
 }

@depends on pages@
@@
 #include <linux/mm.h>
+#include <linux/pguest.h>

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
