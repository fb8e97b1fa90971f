// SPDX-License-Identifier: GPL-2.0-only
/* Text: a small printf (%s %d %u %x %lx %lu %c %%) and the PL011 that the guest uses too. */
#include <stdarg.h>
#include "base.h"
#include "virt.h"

#ifndef SPEAKER
#define SPEAKER		"monitor: "
#endif

struct out {
	char *at, *end;
};

static void put_char(struct out *o, char c)
{
	if (o->at < o->end)
		*o->at++ = c;
}

static void put_number(struct out *o, u64 n, unsigned int base, int width)
{
	char digits[24];
	int len = 0;

	do {
		digits[len++] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n);
	while (width-- > len)
		put_char(o, '0');
	while (len)
		put_char(o, digits[--len]);
}

static void put_signed(struct out *o, s64 n)
{
	if (n < 0)
		put_char(o, '-');
	put_number(o, n < 0 ? -(u64)n : (u64)n, 10, 0);
}

static const char *put_conversion(struct out *o, const char *f, va_list *args)
{
	bool is_long = false;
	int width = 0;

	for (; *f >= '0' && *f <= '9'; f++)
		width = width * 10 + *f - '0';
	for (; *f == 'l'; f++)
		is_long = true;
	switch (*f) {
	case 's':
		for (const char *s = va_arg(*args, const char *); *s; s++)
			put_char(o, *s);
		break;
	case 'c':
		put_char(o, va_arg(*args, int));
		break;
	case 'd':
		put_signed(o, is_long ? va_arg(*args, long) : va_arg(*args, int));
		break;
	case 'u':
	case 'x':
		put_number(o, is_long ? va_arg(*args, u64) : va_arg(*args, u32), *f == 'x' ? 16 : 10, width);
		break;
	default:
		put_char(o, *f);
	}
	return f + 1;
}

/* Always terminated; the result is the length written. */
size_t vformat(char *out, size_t size, const char *f, va_list args)
{
	struct out o = { out, out + size - 1 };
	va_list copy;

	va_copy(copy, args);
	while (*f) {
		if (*f == '%')
			f = put_conversion(&o, f + 1, &copy);
		else
			put_char(&o, *f++);
	}
	va_end(copy);
	*o.at = 0;
	return o.at - out;
}

size_t format(char *out, size_t size, const char *f, ...)
{
	va_list args;
	size_t len;

	va_start(args, f);
	len = vformat(out, size, f, args);
	va_end(args);
	return len;
}

/* QEMU's PL011 takes a byte whatever state the guest's driver has put it in. */
static void putc_uart(char c)
{
	*(volatile u32 *)PL011_BASE = (u8)c;
}

void say(const char *f, ...)
{
	char line[256];
	va_list args;

	va_start(args, f);
	vformat(line, sizeof(line), f, args);
	va_end(args);
	for (const char *s = SPEAKER; *s; s++)
		putc_uart(*s);
	for (const char *s = line; *s; s++)
		putc_uart(*s);
	putc_uart('\r');
	putc_uart('\n');
}
