// SPDX-License-Identifier: GPL-2.0-only
#include "hostpages.h"
#include "memory.h"
#include "options.h"

struct host_slot host_slots[] = {
	{ STEAL_IPA },
	{ CLOCK_IPA },
	{ VMGENID_IPA },
	{ TABLE_IPA },
};

static struct host_slot *slot_of(u64 ipa)
{
	for (struct host_slot *s = host_slots; s < host_slots + ARRAY_SIZE(host_slots); s++)
		if (s->pa && ipa >= s->ipa && ipa - s->ipa < opt.granule)
			return s;
	return NULL;
}

bool host_page_has(u64 ipa)
{
	return slot_of(ipa);
}

u64 host_page_pa(u64 ipa)
{
	struct host_slot *s = slot_of(ipa);

	return s ? s->pa + (ipa - s->ipa) : ipa;
}
