// SPDX-License-Identifier: GPL-2.0-only
/*
 * Read the host's clock through its PTP device, and look at it as the host cannot:
 * does it go back, how long does a reading take.
 *
 *	clock [READINGS [ERRORS]]		with up to so many errors it succeeds
 *
 * One line for the host with each of these, in nanoseconds:
 *
 *	clock_ns	the time
 *	clock_max_error_ns  how wrong that may be, or "none" where it is not stated
 *	clock_system_off_ns the precise cross timestamp: host's time minus ours
 *	clock_back	readings that were before the one before them, with no step told between
 *	clock_errors	readings that failed, and with which errno the last one did
 *	clock_typical_ns, clock_longest_ns  the median reading and the longest, by our
 *			counter, which goes on while somebody else has the CPU
 *	clock_typical_error_ns, clock_longest_error_ns  of those that failed
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <linux/ptp_clock.h>

#define SECOND		1000000000LL
#define CLOCKS		16
#define READINGS_MAX	10000
#define CLOCK_OF(fd)	((~(clockid_t)(fd) << 3) | 3)

static int number = -1;			/* of the device /dev/ptpN */

static void value(const char *name, const char *is)
{
	printf("@pguest {\"value\": \"%s\", \"is\": \"%s\"}\n", name, is);
}

static void number_value(const char *name, long long is)
{
	printf("@pguest {\"value\": \"%s\", \"is\": \"%lld\"}\n", name, is);
}

static uint64_t counter(void)
{
	uint64_t now;

	asm volatile("isb; mrs %0, cntvct_el0; isb" : "=r"(now) : : "memory");
	return now;
}

static uint64_t to_ns(uint64_t ticks)
{
	uint64_t hz;

	asm volatile("mrs %0, cntfrq_el0" : "=r"(hz));
	return ticks / hz * SECOND + ticks % hz * SECOND / hz;
}

/* The first line of a file in the directory of the PTP clock, with errno if there is none */
static int read_line(int clock, const char *name, char *line, size_t size)
{
	char path[128];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/sys/class/ptp/ptp%d/%s", clock, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	n = read(fd, line, size - 1);
	close(fd);
	if (n < 0)
		return -1;
	line[n] = 0;
	line[strcspn(line, "\n")] = 0;
	return 0;
}

static int open_clock(void)
{
	char name[64], path[64];

	for (int i = 0; i < CLOCKS; i++) {
		if (read_line(i, "clock_name", name, sizeof(name)) || strncmp(name, "vmclock", 7))
			continue;
		number = i;
		snprintf(path, sizeof(path), "/dev/ptp%d", i);
		return open(path, O_RDONLY);
	}
	errno = ENODEV;
	return -1;
}

static void show_file(const char *name, const char *as)
{
	char line[64];

	if (read_line(number, name, line, sizeof(line)))
		snprintf(line, sizeof(line), errno == ENODATA ? "none" : "errno %d", errno);
	value(as, line);
}

static void show_cross_timestamp(int fd)
{
	struct ptp_sys_offset_precise both = {};

	if (ioctl(fd, PTP_SYS_OFFSET_PRECISE, &both)) {
		number_value("clock_cross_errno", errno);
		return;
	}
	number_value("clock_system_off_ns",
		     (both.device.sec - both.sys_realtime.sec) * SECOND +
		     (long long)both.device.nsec - both.sys_realtime.nsec);
}

/* Setting it must fail, by each of the ways that there are. */
static void try_to_set(int fd)
{
	struct timespec zero = {};

	if (clock_settime(CLOCK_OF(fd), &zero) == 0)
		number_value("clock_was_set", 1);
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void show_durations(const char *typical, const char *longest, uint64_t *took,
			   unsigned int count)
{
	qsort(took, count, sizeof(*took), by_size);
	number_value(typical, to_ns(took[count / 2]));
	number_value(longest, to_ns(took[count - 1]));
}

int main(int argc, char **argv)
{
	static uint64_t good[READINGS_MAX], bad[READINGS_MAX];
	unsigned int readings = argc > 1 ? atoi(argv[1]) : 1000, told = 0, errors = 0, back = 0;
	unsigned int allowed = argc > 2 ? atoi(argv[2]) : 0;
	int fd = open_clock(), error = 0, failed;
	long long time = 0, last = 0;
	struct timespec ts;
	uint64_t start;

	if (fd < 0) {
		perror("the vmclock device");
		return 2;
	}
	if (!readings || readings > READINGS_MAX)
		return 2;
	while (told + errors < readings) {
		start = counter();
		failed = clock_gettime(CLOCK_OF(fd), &ts);
		if (failed) {
			error = errno;
			/* A step that the program is told of: time begins anew. */
			if (error == ESTALE)
				last = 0;
			bad[errors++] = counter() - start;
			continue;
		}
		good[told++] = counter() - start;
		time = ts.tv_sec * SECOND + ts.tv_nsec;
		back += time < last;
		last = time;
	}
	try_to_set(fd);

	number_value("clock_back", back);
	number_value("clock_errors", errors);
	if (told) {
		show_durations("clock_typical_ns", "clock_longest_ns", good, told);
		show_cross_timestamp(fd);
	}
	if (errors) {
		number_value("clock_errno", error);
		show_durations("clock_typical_error_ns", "clock_longest_error_ns", bad, errors);
	}
	show_file("device/disruption_marker", "clock_marker");
	show_file("device/generation", "clock_generation");
	show_file("device/clock_status", "clock_status");
	show_file("device/disruptions", "clock_disruptions");
	show_file("device/refused", "clock_refused");
	show_file("device/max_error_ns", "clock_max_error_ns");
	/* Last, since the host compares it with when the line comes. */
	if (told && clock_gettime(CLOCK_OF(fd), &ts) == 0)
		number_value("clock_ns", ts.tv_sec * SECOND + ts.tv_nsec);
	fflush(stdout);

	if (errors > allowed) {
		printf("%u of %u readings failed: %s\n", errors, readings, strerror(error));
		return 1;
	}
	if (back) {
		printf("it went back %u times\n", back);
		return 1;
	}
	return 0;
}
