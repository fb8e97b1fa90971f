// SPDX-License-Identifier: GPL-2.0-only
/* JSON, as far as a report needs it. */
#include <stdarg.h>
#include "base.h"

void json_put(struct json *j, const char *f, ...)
{
	va_list args;

	va_start(args, f);
	j->at += vformat(j->at, j->end - j->at, f, args);
	va_end(args);
}

static void begin_value(struct json *j, const char *name)
{
	if (j->comma)
		json_put(j, ",");
	j->comma = true;
	if (name)
		json_put(j, "\"%s\":", name);
}

void json_open(struct json *j, const char *name, char bracket)
{
	begin_value(j, name);
	json_put(j, "%c", bracket);
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	json_put(j, "%c", bracket);
	j->comma = true;
}

void json_number(struct json *j, const char *name, u64 value)
{
	begin_value(j, name);
	json_put(j, "%lu", value);
}

void json_hex(struct json *j, const char *name, u64 value)
{
	begin_value(j, name);
	json_put(j, "\"0x%lx\"", value);
}

void json_string(struct json *j, const char *name, const char *value)
{
	begin_value(j, name);
	json_put(j, "\"");
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			json_put(j, "\\");
		json_put(j, "%c", *value >= ' ' ? *value : ' ');
	}
	json_put(j, "\"");
}
