// SPDX-License-Identifier: GPL-2.0-only
/*
 * Semihosting: the command line, the report file, the end of QEMU.
 * Source: Arm IHI "Semihosting for AArch32 and AArch64", operation numbers and blocks.
 */
#include <string.h>
#include "base.h"

#define SYS_OPEN		0x01
#define SYS_CLOSE		0x02
#define SYS_WRITE		0x05
#define SYS_READ		0x06
#define SYS_FLEN		0x0c
#define SYS_TIME		0x11
#define SYS_GET_CMDLINE		0x15
#define SYS_EXIT_EXTENDED	0x20
#define OPEN_FOR_READING	1	/* fopen()'s "rb" */
#define OPEN_FOR_WRITING	4	/* "w" */
#define APPLICATION_EXIT	0x20026

void semihost_cmdline(char *out, size_t size)
{
	u64 block[2] = { (u64)out, size };

	if (semihost(SYS_GET_CMDLINE, block) || block[1] >= size)
		out[0] = 0;
	else
		out[block[1]] = 0;
}

bool semihost_write_file(const char *path, const char *text, size_t size)
{
	u64 open[3] = { (u64)path, OPEN_FOR_WRITING, strlen(path) };
	s64 fd = semihost(SYS_OPEN, open);
	u64 write[3] = { fd, (u64)text, size };
	u64 close[1] = { fd };
	s64 left;

	if (fd < 0)
		return false;
	left = semihost(SYS_WRITE, write);
	semihost(SYS_CLOSE, close);
	return left == 0;
}

s64 semihost_read_file(const char *path, void *to, size_t room)
{
	u64 open[3] = { (u64)path, OPEN_FOR_READING, strlen(path) };
	s64 fd = semihost(SYS_OPEN, open);
	u64 file[1] = { fd };
	s64 size = fd < 0 ? -1 : semihost(SYS_FLEN, file);
	u64 read[3] = { fd, (u64)to, size };

	if (size > (s64)room || (size > 0 && semihost(SYS_READ, read)))
		size = -1;
	if (fd >= 0)
		semihost(SYS_CLOSE, file);
	return size;
}

/* Seconds since 1970 */
u64 semihost_time(void)
{
	return (u32)semihost(SYS_TIME, NULL);
}

void semihost_exit(int code)
{
	u64 block[2] = { APPLICATION_EXIT, code };

	semihost(SYS_EXIT_EXTENDED, block);
	for (;;)
		asm volatile("wfi");
}
