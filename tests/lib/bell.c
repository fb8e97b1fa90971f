// SPDX-License-Identifier: GPL-2.0-only
#include "bell.h"
#include "doorbell.h"

static u64 read_register(const struct bell *bell, u64 offset)
{
	switch (offset) {
	case DOORBELL_ARGUMENT:	return bell->argument;
	case DOORBELL_RESULT:	return bell->result;
	case DOORBELL_VALUE:	return bell->value;
	default:		return offset < DOORBELL_COUNTER(0) ? 0 : bell->counter((offset - DOORBELL_COUNTER(0)) / 8);
	}
}

static void write_argument(struct bell *bell, const struct mmio *m)
{
	if (m->log2_size == 3)
		bell->argument = m->value;
	else if (m->ipa & 4)
		bell->argument = (u32)bell->argument | m->value << 32;
	else
		bell->argument = (bell->argument & ~0xffffffffUL) | (u32)m->value;
}

void bell_access(struct bell *bell, struct mmio *m)
{
	u64 offset = m->ipa & (PAGE - 1) & ~7UL;

	if (!m->write)
		m->value = read_register(bell, offset) >> 8 * (m->ipa & 7);
	else if (offset == DOORBELL_ARGUMENT)
		write_argument(bell, m);
	else if (offset == DOORBELL_COMMAND && !(m->ipa & 4))
		bell->result = bell->command((u32)m->value);
}
