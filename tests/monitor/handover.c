// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a firmware at EL1 would hand over to the guest (option handover): a file of the launcher's,
 * at the end of RAM; fdt.c makes the node that names it. The monitor does not look into it.
 */
#include <string.h>
#include "cpu.h"
#include "count.h"
#include "memory.h"
#include "options.h"
#include "tree.h"

#define ALIGNMENT	0x10000		/* the largest page of a guest */
#define MAX_SIZE	0x100000

static u8 blob[MAX_SIZE];

/* As by a firmware that shares its memory with the host, and does not take it back */
static void share_it(void)
{
	for (u64 ipa = handover.start; ipa < handover.end; ipa += opt.granule, count.shared++) {
		if (!stage2_set(ipa, SHARED))
			fail("option handover_shared: no memory for page tables");
	}
}

/* Whole pages at the end of what the device tree lists; behind what was read there are zeroes. */
void handover_place(void)
{
	s64 size;

	if (!opt.handover)
		return;
	if (!protected_vm() || is_realm() || opt.ragged || opt.acpi)
		fail("option handover: for pKVM's guests with a device tree");
	size = semihost_read_file(opt.handover, (char *)blob, sizeof(blob));
	if (size < 0)
		fail("option handover: cannot read %s, or it is too long", opt.handover);
	handover.end = (ram.end - (opt.hidden_ram << 20)) & ~(ALIGNMENT - 1UL);
	handover.start = (handover.end - size - 1) & ~(ALIGNMENT - 1UL);
	if (handover.start < image.end || handover.start < initrd.end || handover.start < dtb.end)
		fail("option handover: no room for %ld bytes", size);
	memcpy((void *)handover.start, blob, handover.end - handover.start);
	if (opt.handover_shared)
		share_it();
}
