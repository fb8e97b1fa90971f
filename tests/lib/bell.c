// SPDX-License-Identifier: GPL-2.0-only
#include "bell.h"
#include "doorbell.h"
#include "end.h"

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

static s64 do_command(struct bell *bell, u32 number)
{
	switch (number) {
	case DOORBELL_MARK:
		bell->mark(bell->argument);
		return DOORBELL_OK;
	case DOORBELL_PEEK:
		return bell->peek(bell->argument, &bell->value);
	case DOORBELL_POKE:
		return bell->poke(bell->argument);
	case DOORBELL_SCAN:
		bell->value = bell->scan(bell->argument);
		return DOORBELL_OK;
	case DOORBELL_DONE:
		if (bell->argument)
			end_failure("the test in the guest says that it failed");
		return DOORBELL_OK;
	default:
		return bell->command(number);
	}
}

void bell_access(struct bell *bell, struct mmio *m)
{
	u64 offset = m->ipa & (PAGE - 1) & ~7UL;

	if (!m->write)
		m->value = read_register(bell, offset) >> 8 * (m->ipa & 7);
	else if (offset == DOORBELL_ARGUMENT)
		write_argument(bell, m);
	else if (offset == DOORBELL_COMMAND && !(m->ipa & 4))
		bell->result = do_command(bell, (u32)m->value);
}
