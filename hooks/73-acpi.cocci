// SPDX-License-Identifier: GPL-2.0-only
/// Keep AML and ACPI registers out of the kernel's memory.
///
// Why:     the host writes the tables, their AML and EFI's memory map. AML could read
//          and write the kernel's memory, and the host could change a table after it
//          was checked.
// Where:   drivers/acpi/osl.c, acpi_os_map_memory(), acpi_os_read_memory(),
//            acpi_os_write_memory(), acpi_os_map_generic_address(): 1 match each
//          drivers/acpi/acpica/exregion.c, acpi_ex_system_memory_space_handler(): 1 match
//          drivers/acpi/acpica/tbxface.c, acpi_get_table(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken for each mapping.
// Off:     the same by its text, of which gcc makes another object.

@map@
identifier f = acpi_os_map_memory;
identifier phys, size;
type T1, T2;
@@
 f(T1 phys, T2 size)
 {
+if (pguest_acpi_refuses_map(phys, size))
+	return NULL;
 ...
 }

@touch@
identifier f = { acpi_os_read_memory, acpi_os_write_memory };
identifier phys, value, width;
type T1, T2, T3;
@@
 f(T1 phys, T2 value, T3 width)
 {
 ...
+if (pguest_acpi_refuses(phys, width / 8))
+	return AE_BAD_ADDRESS;
 rcu_read_lock();
 ...
 }

@generic@
identifier f = acpi_os_map_generic_address;
identifier gas, addr;
@@
 f(struct acpi_generic_address *gas)
 {
 ...
 if (!addr || !gas->bit_width)
	return NULL;
+if (pguest_acpi_refuses(addr, gas->bit_width / 8))
+	return NULL;
 ...
 }

@depends on map@
@@
 #include <linux/mm.h>
+#include <linux/pguest.h>

@aml@
identifier f = acpi_ex_system_memory_space_handler;
identifier to;
expression at, size;
@@
 f(...)
 {
 <...
-to = acpi_os_map_memory(at, size);
+if (!pguest_active())
+	to = acpi_os_map_memory(at, size);
+else if (!pguest_acpi_refuses(at, size))
+	to = (void *)acpi_os_map_iomem(at, size);
+else
+	to = NULL;
 ...>
 }

@depends on aml@
@@
 #include "acinterp.h"
+#include <linux/pguest.h>
+#include <acpi/acpi_io.h>

@table@
identifier f = acpi_get_table;
identifier signature;
expression status, desc, out;
@@
 f(char *signature, ...)
 {
 <...
-status = acpi_tb_get_table(desc, out);
+status = AE_NOT_FOUND;
+if (!pguest_acpi_refuses_table(signature))
+	status = acpi_tb_get_table(desc, out);
 ...>
 }

@depends on table@
@@
 #include "actables.h"
+#include <linux/pguest.h>
