// SPDX-License-Identifier: GPL-2.0-only
/*
 * Do one thing with a file and say how it ended, by the name of the errno: a
 * shell has only words for it.
 *
 *	attempt read FILE [CHUNK]	"ok BYTES" when all of it was read
 *	attempt write FILE BYTES	bytes of 0x11 in one write, and close
 *	attempt text FILE WORD		likewise, a word
 *	attempt both FILE		read, then write, by one descriptor
 *	attempt seek FILE		read a byte, seek to 0, read again
 *	attempt mkdir DIR
 *	attempt rmdir DIR
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char buffer[1 << 16];

static int say(const char *what)
{
	printf("%s%s\n", what, strerrorname_np(errno));
	return 0;
}

static int ok(long bytes)
{
	printf("ok %ld\n", bytes);
	return 0;
}

static int do_read(const char *path, const char *chunk)
{
	size_t size = chunk ? strtoul(chunk, NULL, 0) : sizeof(buffer);
	int fd = open(path, O_RDONLY);
	long done = 0;
	ssize_t n;

	if (fd < 0)
		return say("open ");
	while ((n = read(fd, buffer, size)) > 0)
		done += n;
	if (n < 0)
		return say("");
	return ok(done);
}

static int put(const char *path, const char *data, size_t size)
{
	int fd = open(path, O_WRONLY);
	ssize_t n;

	if (fd < 0)
		return say("open ");
	n = write(fd, data, size);
	if (n < 0)
		return say("");
	if (close(fd))
		return say("close ");
	return ok(n);
}

static int do_write(const char *path, const char *bytes)
{
	size_t size = bytes ? strtoul(bytes, NULL, 0) : 0;

	if (size > sizeof(buffer))
		return 2;
	memset(buffer, 0x11, size);
	return put(path, buffer, size);
}

static int do_text(const char *path, const char *word)
{
	return put(path, word ?: "", strlen(word ?: ""));
}

static int do_both(const char *path, const char *unused)
{
	int fd = open(path, O_RDWR);

	(void)unused;
	if (fd < 0)
		return say("open ");
	if (read(fd, buffer, 1) < 0)
		return say("read ");
	if (write(fd, buffer, 1) < 0)
		return say("write ");
	return ok(1);
}

static int do_seek(const char *path, const char *unused)
{
	int fd = open(path, O_RDONLY);

	(void)unused;
	if (fd < 0)
		return say("open ");
	if (read(fd, buffer, 1) != 1)
		return say("read ");
	if (lseek(fd, 0, SEEK_SET))
		return say("seek ");
	return ok(1);
}

static int do_mkdir(const char *path, const char *unused)
{
	(void)unused;
	return mkdir(path, 0700) ? say("") : ok(0);
}

static int do_rmdir(const char *path, const char *unused)
{
	(void)unused;
	return rmdir(path) ? say("") : ok(0);
}

static const struct action {
	const char *name;
	int (*run)(const char *path, const char *argument);
} actions[] = {
	{ "read", do_read },
	{ "write", do_write },
	{ "text", do_text },
	{ "both", do_both },
	{ "seek", do_seek },
	{ "mkdir", do_mkdir },
	{ "rmdir", do_rmdir },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc >= 3 && i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (!strcmp(argv[1], actions[i].name))
			return actions[i].run(argv[2], argv[3]);
	}
	puts("usage: attempt read|write|text|both|seek|mkdir|rmdir PATH [ARGUMENT]");
	return 2;
}
