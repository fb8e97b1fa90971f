// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's programs are one file with many names, since the C library is most of
 * what each of them would be. TOOLS is TOOL(data) TOOL(doorbell) and so on, from the
 * compiler's command line.
 */
#include <stddef.h>
#include <string.h>

#define TOOL(name) int name##_main(int argc, char **argv);
TOOLS
#undef TOOL

#define TOOL(name) { #name, name##_main },
static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} tools[] = { TOOLS };

int main(int argc, char **argv)
{
	const char *path = argc ? argv[0] : "", *slash = strrchr(path, '/');

	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		if (!strcmp(tools[i].name, slash ? slash + 1 : path))
			return tools[i].run(argc, argv);
	}
	return 127;	/* as a shell that finds no such program */
}
