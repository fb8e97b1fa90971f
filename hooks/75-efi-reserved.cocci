// SPDX-License-Identifier: GPL-2.0-only
/// Write nothing down for a next kernel where EFI's tables say.
///
// Why:     a list of what stays reserved over kexec begins in one of EFI's tables. The
//          kernel adds an entry for each table of the GIC's: where the list goes on,
//          and at which index, is what the host has put there. A negative index
//          reaches all of memory below.
// Where:   drivers/firmware/efi/efi.c, efi_mem_reserve_persistent(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken for each table of the GIC's at boot.

@list@
identifier f = efi_mem_reserve_persistent;
symbol efi_memreserve_root;
expression E;
statement S;
@@
 f(...)
 {
 ...
+if (pguest_active())
+	return 0;
 if (efi_memreserve_root == E) S
 ...
 }
