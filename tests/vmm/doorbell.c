// SPDX-License-Identifier: GPL-2.0-only
/*
 * The monitor's doorbell, as far as a host without secrets of the hypervisor can
 * play it: a test in the guest says where it is, and asks to be attacked.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "doorbell.h"
#include "vcpu.h"
#include "vmm.h"

static struct {
	uint64_t argument, value;
	int64_t result;
} bell;

static int64_t outcome_of(int error)
{
	if (error == EFAULT)
		report_host_read_refused();
	return -error;
}

static int64_t result_of(enum access how)
{
	if (how == ACCESS_PRIVATE)
		report_host_read_refused();
	return how == ACCESS_OK ? DOORBELL_OK : how == ACCESS_PRIVATE ? DOORBELL_EFAULT : DOORBELL_EINVAL;
}

/* In each of these the kernel touches the page for us, and says whether it could. */
static int64_t system_call(uint64_t ipa, bool into)
{
	uint8_t *page = memory_at(ipa, sizeof(bell.value));
	int pipes[2];
	ssize_t done;
	int error;

	if (!page || pipe(pipes))
		return DOORBELL_EINVAL;
	if (into && write(pipes[1], "gggggggg", sizeof(bell.value)) != sizeof(bell.value))
		say("a pipe that takes nothing");
	done = into ? read(pipes[0], page, sizeof(bell.value)) : write(pipes[1], page, sizeof(bell.value));
	error = errno;
	if (!into && done > 0 && read(pipes[0], &bell.value, sizeof(bell.value)) != done)
		say("a pipe that loses bytes");
	close(pipes[0]);
	close(pipes[1]);
	return done < 0 ? outcome_of(error) : DOORBELL_OK;
}

/*
 * The kernel reads by its own mapping of the page, which is refused to it too: it takes the page from the guest by
 * force, and the hypervisor clears it.
 */
static int64_t take_by_force(uint64_t ipa)
{
	uint8_t *page = memory_at(ipa, sizeof(bell.value));
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	ssize_t done;

	if (!page || mem < 0)
		return DOORBELL_EINVAL;
	done = pread(mem, &bell.value, sizeof(bell.value), (uintptr_t)page);
	close(mem);
	return done < 0 ? outcome_of(errno) : DOORBELL_OK;
}

static int64_t stolen_time(uint64_t vcpu)
{
	int64_t waited = vcpus_waited(vcpu);

	if (waited < 0)
		return DOORBELL_EINVAL;
	bell.value = waited;
	return DOORBELL_OK;
}

static int64_t do_command(uint32_t number)
{
	static const uint64_t garbage = 0xdeadbeefdeadbeef;

	switch (number) {
	case DOORBELL_MARK:
		report_phase(bell.argument);
		return DOORBELL_OK;
	case DOORBELL_PEEK:
		return result_of(memory_get(&bell.value, bell.argument, sizeof(bell.value)));
	case DOORBELL_POKE:
		return result_of(memory_put(bell.argument, &garbage, sizeof(garbage)));
	case DOORBELL_SCAN:
		bell.value = memory_scan(bell.argument).found;
		return DOORBELL_OK;
	case DOORBELL_FILL:
		return system_call(bell.argument, true);
	case DOORBELL_SEND:
		return system_call(bell.argument, false);
	case DOORBELL_STEAL:
		return take_by_force(bell.argument);
	case DOORBELL_STOLEN:
		return stolen_time(bell.argument);
	case DOORBELL_CLOCK_DISRUPT:
		bell.value = clock_disrupt(bell.argument == DOORBELL_CLOCK_STUCK);
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
		bell.result = do_command(value);
}
