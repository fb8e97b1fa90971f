// SPDX-License-Identifier: GPL-2.0-only
/* What the VMM says, and how it gives up. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "vmm.h"

static void put_line(const char *format, va_list args, const char *reason)
{
	char text[512];

	vsnprintf(text, sizeof(text), format, args);
	fprintf(stderr, "vmm: %s%s%s\n", text, reason ? ": " : "", reason ? reason : "");
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_line(format, args, NULL);
	va_end(args);
}

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_line(format, args, NULL);
	va_end(args);
	exit(1);
}

void die_errno(const char *format, ...)
{
	const char *reason = strerror(errno);
	va_list args;

	va_start(args, format);
	put_line(format, args, reason);
	va_end(args);
	exit(1);
}
