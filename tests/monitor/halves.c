// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two halves of a realm's addresses: the lower one is the guest's own, the upper one the host's. They are never the
 * same page: the upper half is backed by the mirror, which follows RAM in the machine.
 */
#include "memory.h"
#include "options.h"

u64 realm_half(void)
{
	return is_realm() ? BIT(opt.ipa_bits - 1) : 0;
}

bool is_upper(u64 ipa)
{
	return ipa & realm_half();
}

u64 mirror_of(u64 ipa)
{
	return (ipa & ~realm_half()) + (ram.end - ram.start);
}

u64 unmirror(u64 pa)
{
	u64 size = ram.end - ram.start;

	return pa >= ram.end && pa < ram.end + size ? pa - size : pa;
}

void fill_page(u64 pa, u64 word)
{
	for (u64 *p = (u64 *)pa; p < (u64 *)(pa + PAGE); p += 2) {
		p[0] = word;
		p[1] = word;
	}
}
