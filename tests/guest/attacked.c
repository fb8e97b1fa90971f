// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only process of a guest of the fault campaign (scripts/hostile), which boots very often: little work, but of
 * each kind, and no shell. Memory is shared, taken back when a driver goes, and data go to a disk and come back. A
 * device may stand still; the guest must not.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "doorbell-map.h"
#include "pattern.h"

#define MARK_USER_SPACE	1
#define MARK_DONE	2
#define DATA_BYTES	(1UL << 20)
#define DATA_AT		(8UL << 20)	/* of the disk */
#define RANDOM_BYTES	1024
#define PATIENCE_TICKS	200		/* of 100 ms */
#define RNG_DRIVER	"/sys/bus/virtio/drivers/virtio_rng"

static uint64_t data[DATA_BYTES / 8], again[DATA_BYTES / 8];
static int log_fd;
static unsigned int passed, failed;

/* A line is one record of the kernel's log. */
static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
	char line[400];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (write(log_fd, line, n) != n)
		_exit(1);
}

static void check(const char *name, const char *why)
{
	if (!why) {
		passed++;
		say("@pguest {\"check\": \"%s\", \"ok\": true}\n", name);
		return;
	}
	failed++;
	say("@pguest {\"check\": \"%s\", \"ok\": false, \"why\": \"%s: %s\"}\n", name, why, strerror(errno));
}

static void mark(uint64_t id)
{
	if (!doorbell && doorbell_open())
		return;
	doorbell_ring(DOORBELL_MARK, id, NULL);
}

static void wait_100_ms(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
}

/* The program is not waited for: it holds the secret. */
static const char *plant_secret(const char *pattern)
{
	char said[64] = "";
	int ends[2];

	if (!pattern || pipe(ends))
		return "no secret";
	if (!fork()) {
		dup2(ends[1], STDOUT_FILENO);
		execl("/bin/secret", "secret", "plant", pattern, NULL);
		_exit(1);
	}
	close(ends[1]);
	if (read(ends[0], said, sizeof(said) - 1) <= 0 || strncmp(said, "planted ", 8))
		return "not planted";
	return NULL;
}

static bool write_word(const char *path, const char *word)
{
	int fd = open(path, O_WRONLY);
	bool ok = fd >= 0 && write(fd, word, strlen(word)) == (ssize_t)strlen(word);

	if (fd >= 0)
		close(fd);
	return ok;
}

static const char *rebind_rng(void)
{
	DIR *dir = opendir(RNG_DRIVER);
	struct dirent *entry;
	char name[32] = "";

	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, "virtio", 6))
			snprintf(name, sizeof(name), "%.31s", entry->d_name);
	if (dir)
		closedir(dir);
	if (!*name)
		return "no random source";
	return write_word(RNG_DRIVER "/unbind", name) && write_word(RNG_DRIVER "/bind", name) ? NULL : "cannot rebind";
}

static const char *read_rng(void)
{
	int fd = open("/dev/hwrng", O_RDONLY);
	size_t done = 0;

	while (fd >= 0 && done < RANDOM_BYTES) {
		ssize_t n = read(fd, (char *)again + done, RANDOM_BYTES - done);

		if (n <= 0)
			break;
		done += n;
	}
	if (fd >= 0)
		close(fd);
	return done == RANDOM_BYTES ? NULL : "short read of /dev/hwrng";
}

/* The words are those that campaign.judge() looks for. */
static const char *write_and_read_back(void)
{
	int fd = open("/dev/vda", O_RDWR);

	pattern_fill(data, DATA_BYTES, pattern_seed(DATA_BYTES));
	if (fd < 0)
		return "no disk";
	if (pwrite(fd, data, DATA_BYTES, DATA_AT) != (ssize_t)DATA_BYTES || fsync(fd))
		return "write failed";
	if (posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))
		return "the page cache stays";
	if (pread(fd, again, DATA_BYTES, DATA_AT) != (ssize_t)DATA_BYTES)
		return "read failed";
	close(fd);
	return memcmp(data, again, DATA_BYTES) ? "the data read is not the data written" : NULL;
}

static int work(const char *pattern)
{
	check("secret_planted", plant_secret(pattern));
	check("rng_rebinds", rebind_rng());
	check("rng_reads", read_rng());
	check("disk_reads_back", write_and_read_back());
	say("@pguest {\"summary\": \"%u passed, %u failed\"}\n", passed, failed);
	return 0;
}

/* init's child works, since one that waits for a device cannot be ended. */
static void work_with_patience(const char *pattern)
{
	pid_t worker = fork();

	if (!worker)
		_exit(work(pattern));
	for (int i = 0; i < PATIENCE_TICKS; i++) {
		if (waitpid(worker, NULL, WNOHANG) == worker)
			return;
		wait_100_ms();
	}
	errno = ETIME;
	check("work_ends", "a device stands still");
	say("@pguest {\"summary\": \"%u passed, %u failed\"}\n", passed, failed);
}

int main(void)
{
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
	log_fd = open("/dev/kmsg", O_WRONLY);
	say("@pguest {\"story\": \"user space\"}\n");
	mark(MARK_USER_SPACE);
	/* The kernel hands on the words of its command line that it does not know, as pguest_secret= */
	work_with_patience(getenv("pguest_secret"));
	mark(MARK_DONE);
	reboot(RB_POWER_OFF);
	return 1;
}
