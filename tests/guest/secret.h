/* SPDX-License-Identifier: GPL-2.0-only */
/* A secret as the tests have it: 64 bytes of a file, or 8 bytes, a number, again and again. */
#ifndef GUEST_SECRET_H
#define GUEST_SECRET_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SECRET_BYTES	64

static uint64_t secret_words[SECRET_BYTES / 8];

static void secret_read(const char *word)
{
	int fd;

	for (int i = 0; i < SECRET_BYTES / 8; i++)
		secret_words[i] = strtoull(word, NULL, 0);
	if (*word != '/')
		return;
	fd = open(word, O_RDONLY);
	if (fd < 0 || read(fd, secret_words, SECRET_BYTES) != SECRET_BYTES) {
		perror(word);
		exit(1);
	}
	close(fd);
}

/* @at begins where a copy does. */
static void secret_fill(uint64_t *at, size_t bytes)
{
	for (size_t i = 0; i < bytes / 8; i++)
		at[i] = secret_words[i % (SECRET_BYTES / 8)];
}

#endif
