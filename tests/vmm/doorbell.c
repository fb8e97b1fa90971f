// SPDX-License-Identifier: GPL-2.0-only
/*
 * The monitor's doorbell, as far as a host without secrets of the hypervisor can
 * play it: a test in the guest says where it is, and asks to be attacked.
 */
#include "../monitor/doorbell.h"
#include "vmm.h"

static struct {
	uint64_t argument, value;
	int64_t result;
} bell;

static int64_t outcome(enum access how)
{
	if (how == ACCESS_PRIVATE)
		report_host_read_refused();
	return how == ACCESS_OK ? DOORBELL_OK : how == ACCESS_PRIVATE ? DOORBELL_EFAULT : DOORBELL_EINVAL;
}

static int64_t command(uint32_t number)
{
	static const uint64_t garbage = 0xdeadbeefdeadbeef;

	switch (number) {
	case DOORBELL_MARK:
		report_phase(bell.argument);
		return DOORBELL_OK;
	case DOORBELL_PEEK:
		return outcome(memory_get(&bell.value, bell.argument, sizeof(bell.value)));
	case DOORBELL_POKE:
		return outcome(memory_put(bell.argument, &garbage, sizeof(garbage)));
	case DOORBELL_SCAN:
		bell.value = memory_scan(bell.argument).found;
		return DOORBELL_OK;
	case DOORBELL_DONE:
		if (bell.argument)
			report_failure("the test in the guest says that it failed");
		return DOORBELL_OK;
	default:
		return DOORBELL_EINVAL;
	}
}

uint64_t doorbell_read(uint64_t offset)
{
	switch (offset) {
	case DOORBELL_ARGUMENT:	return bell.argument;
	case DOORBELL_RESULT:	return bell.result;
	case DOORBELL_VALUE:	return bell.value;
	default:		return 0;	/* the counters are the hypervisor's */
	}
}

void doorbell_write(uint64_t offset, uint64_t value, unsigned int size)
{
	if (offset == DOORBELL_ARGUMENT && size == sizeof(value))
		bell.argument = value;
	else if (offset == DOORBELL_COMMAND)
		bell.result = command(value);
}
