// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client of configfs-tsm that follows its generation protocol: what was read
 * is kept only if nobody wrote to the entry between the challenge and the end of
 * the token.
 *
 *	report CHALLENGE FILE	a token for 64 bytes, given as hexadecimal digits
 *	report many COUNT FILE	tokens for random challenges, one after the other,
 *				each as: challenge, length (32 bits), token
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define REPORTS		"/sys/kernel/config/tsm/report"
#define CHALLENGE	64
#define TOKEN_MAX	(64 << 10)
#define TRIES		10

static char entry[128];
static unsigned char token[TOKEN_MAX];

static int complain(const char *what)
{
	printf("report: %s: %s\n", what, strerror(errno));
	return -1;
}

static const char *in_entry(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", entry, name);
	return path;
}

/* Until the end of the file; its size is known to nobody before. */
static ssize_t read_all(const char *name, void *buffer, size_t size)
{
	int fd = open(in_entry(name), O_RDONLY);
	size_t done = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	while (done < size && (n = read(fd, (char *)buffer + done, size - done)) > 0)
		done += n;
	close(fd);
	return n < 0 ? -1 : (ssize_t)done;
}

static long generation(void)
{
	char text[32] = "";

	if (read_all("generation", text, sizeof(text) - 1) <= 0)
		return complain("generation");
	return atol(text);
}

/* What was written arrives when the file is closed. */
static int write_challenge(const unsigned char *challenge)
{
	int fd = open(in_entry("inblob"), O_WRONLY);
	ssize_t n;

	if (fd < 0)
		return complain("inblob");
	n = write(fd, challenge, CHALLENGE);
	if (close(fd) || n != CHALLENGE)
		return complain("inblob");
	return 0;
}

/* 0 bytes if somebody else wrote to the entry meanwhile. */
static ssize_t try_once(const unsigned char *challenge)
{
	long before = generation();
	ssize_t n;

	if (before < 0 || write_challenge(challenge))
		return -1;
	n = read_all("outblob", token, sizeof(token));
	if (n < 0)
		return complain("outblob");
	return generation() == before + 1 ? n : 0;
}

static ssize_t get_token(const unsigned char *challenge)
{
	for (int i = 0; i < TRIES; i++) {
		ssize_t n = try_once(challenge);

		if (n)
			return n;
	}
	errno = EAGAIN;
	return complain("others write to our entry");
}

static int parse(const char *hex, unsigned char *challenge)
{
	for (int i = 0; i < CHALLENGE; i++) {
		unsigned int byte;
		int used = 0;

		if (sscanf(hex + 2 * i, "%2x%n", &byte, &used) != 1 || used != 2)
			return -1;
		challenge[i] = byte;
	}
	return hex[2 * CHALLENGE] ? -1 : 0;
}

static int write_all(int fd, const void *data, size_t size)
{
	for (size_t done = 0; done < size; ) {
		ssize_t n = write(fd, (const char *)data + done, size - done);

		if (n <= 0)
			return complain("write");
		done += n;
	}
	return 0;
}

static int one(const char *hex, int out)
{
	unsigned char challenge[CHALLENGE];
	ssize_t n;

	if (parse(hex, challenge)) {
		puts("report: the challenge is not 128 hexadecimal digits");
		return -1;
	}
	n = get_token(challenge);
	return n < 0 ? -1 : write_all(out, token, n);
}

static int many(int count, int out)
{
	for (int i = 0; i < count; i++) {
		unsigned char challenge[CHALLENGE];
		uint32_t length;
		ssize_t n;

		if (getrandom(challenge, sizeof(challenge), 0) != CHALLENGE)
			return complain("getrandom");
		n = get_token(challenge);
		length = n;
		if (n < 0 || write_all(out, challenge, CHALLENGE) ||
		    write_all(out, &length, sizeof(length)) || write_all(out, token, n))
			return -1;
	}
	printf("report: %d tokens\n", count);
	return 0;
}

int main(int argc, char **argv)
{
	int loop = argc == 4 && !strcmp(argv[1], "many");
	int out, failed;

	if (argc != 3 && !loop) {
		puts("usage: report CHALLENGE FILE | report many COUNT FILE");
		return 2;
	}
	out = open(argv[argc - 1], O_WRONLY | O_CREAT | (loop ? 0 : O_TRUNC), 0600);
	if (out < 0) {
		complain(argv[argc - 1]);
		return 2;
	}
	snprintf(entry, sizeof(entry), REPORTS "/report-%d", getpid());
	if (mkdir(entry, 0700)) {
		complain(entry);
		return 1;
	}
	failed = loop ? many(atoi(argv[2]), out) : one(argv[1], out);
	if (rmdir(entry))
		failed = complain("rmdir");
	if (fsync(out) && errno != EINVAL)
		failed = complain("fsync");
	return failed ? 1 : 0;
}
