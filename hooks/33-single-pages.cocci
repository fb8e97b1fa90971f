// SPDX-License-Identifier: GPL-2.0-only
/// Map memory by pages where a page can change its address.
///
// Why:     in a realm shared memory has another address than private memory.
//          Before 6.18 the tree cannot split the block mappings that rodata=off
//          brings. Later trees make them on hardware that can split them (BBML),
//          but splitting may sleep and needs memory, and pages are shared in atomic
//          context.
// Where:   arch/arm64/mm/pageattr.c, can_set_direct_map(): 1 match in 6.1-6.12
//          arch/arm64/mm/mmu.c, force_pte_mapping(): 1 match in 6.18-7.3
// Trees:   6.1-7.3. 31-linear-map includes the header in mmu.c.
// Outside: a branch not taken at boot.

@split_never@
identifier f = can_set_direct_map;
expression needed;
@@
 f(...)
 {
 ...
 return needed
+	|| pguest_needs_pages()
	;
 }

@split_later@
identifier f = force_pte_mapping;
@@
 f(...)
 {
 ...
 if (debug_pagealloc_enabled()
+    || pguest_needs_pages()
    )
	return true;
 ...
 }

@depends on split_never@
@@
 #include <linux/module.h>
+#include <linux/pguest.h>
