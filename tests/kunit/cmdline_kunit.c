// SPDX-License-Identifier: GPL-2.0-only
/*
 * pguest_filter_line(): which words of the host's command line the owner's policy keeps.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include <asm/pguest.h>

#define ALLOWED	"console  log_level\tquiet"

struct line {
	const char *host;
	const char *own;
	const char *is;
	unsigned int left_out;
	size_t size;
};

static const struct line lines[] = {
	{ "", "", "" },
	{ "", "ro", "ro" },
	{ "console=ttyAMA0", "", "console=ttyAMA0" },
	{ "console=ttyAMA0", "ro", "console=ttyAMA0 ro" },
	{ "console=a quiet console=b", "", "console=a quiet console=b" },
	{ "  console=a \t\n quiet ", "", "console=a quiet" },
	{ "rdinit=/bin/sh", "", "", 1 },
	{ "rdinit=/bin/sh", "quiet rdinit=/init", "quiet rdinit=/init", 1 },
	{ "pguest=off console=a swiotlb=noforce", "", "console=a", 2 },
	{ "iommu=pt rodata=off mem=64M acpi=force resume=/dev/vda", "", "", 5 },
	/* The kernel takes '-' for '_', and a name is all of the name. */
	{ "log-level=7 log_level=8 loglevel=9", "", "log-level=7 log_level=8", 1 },
	{ "consol=a consoles=a console.x=1 xconsole=a console", "", "console", 4 },
	{ "=console console==", "", "console==", 1 },
	{ "CONSOLE=a Console=a", "", "", 2 },
	/* Quoted blanks do not separate words for parse_args(), but for other parsers. */
	{ "console=\"a rdinit=/bin/sh\"", "", "", 2 },
	{ "\"console=a init=/bin/sh\"", "", "", 2 },
	{ "\"quiet\" console=a\" quiet", "", "quiet", 2 },
	/* Arguments of init */
	{ "quiet -- console=a single", "", "quiet console=a", 2 },
	{ "-- quiet", "ro", "quiet ro", 1 },
	/* Room for @own, a blank and an end; the owner's words are never cut. */
	{ "console=a quiet", "ro", "console=a quiet ro", 0, 20 },
	{ "console=a quiet", "ro", "console=a ro", 1, 18 },
	{ "console=a quiet", "ro rodata=full", "ro rodata=full", 2, 16 },
};

static void check_line(struct kunit *test, const struct line *line)
{
	size_t size = line->size ?: 128;
	char *text = kunit_kzalloc(test, 129, GFP_KERNEL);
	unsigned int left_out;

	KUNIT_ASSERT_NOT_NULL(test, text);
	/* Behind the end is a word that is allowed, so that reading it would show. */
	memset(text, 'q', 128);
	strscpy(text, line->host, size);
	memcpy(text + strlen(line->host) + 1, " quiet", 6);
	text[size] = '#';

	left_out = pguest_filter_line(text, size, ALLOWED, line->own);
	KUNIT_EXPECT_STREQ(test, text, line->is);
	KUNIT_EXPECT_EQ_MSG(test, left_out, line->left_out, "%s", line->host);
	KUNIT_EXPECT_EQ(test, text[size], '#');
}

static void what_is_left_of_a_line(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		check_line(test, &lines[i]);
}

/* Filtering a second time changes nothing; the owner's words are appended. */
static void what_is_left_stays(struct kunit *test)
{
	char text[64] = "quiet pguest=off console=a";

	KUNIT_EXPECT_EQ(test, pguest_filter_line(text, sizeof(text), ALLOWED, ""), 1);
	KUNIT_EXPECT_EQ(test, pguest_filter_line(text, sizeof(text), ALLOWED, ""), 0);
	KUNIT_EXPECT_STREQ(test, text, "quiet console=a");
	KUNIT_EXPECT_EQ(test, pguest_filter_line(text, sizeof(text), "", "ro"), 2);
	KUNIT_EXPECT_STREQ(test, text, "ro");
}

static struct kunit_case cmdline_kunit_cases[] = {
	KUNIT_CASE(what_is_left_of_a_line),
	KUNIT_CASE(what_is_left_stays),
	{ }
};

static struct kunit_suite cmdline_suite = {
	.name = "pguest_cmdline",
	.test_cases = cmdline_kunit_cases,
};

kunit_test_suite(cmdline_suite);
