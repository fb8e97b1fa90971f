// SPDX-License-Identifier: GPL-2.0-only
/*
 * The policy for the kernel command line: the host may use only the words that the
 * configuration of the kernel allows.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/build_bug.h>
#include <linux/init.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/types.h>

#include <asm/pguest.h>
#include <asm/setup.h>

#define SPACES	" \t\n\r"

/* As in parse_args() '-' and '_' are the same letter. */
static bool is_listed(const char *list, const char *name, size_t len)
{
	while (*(list += strspn(list, SPACES))) {
		size_t listed = strcspn(list, SPACES);

		if (listed == len && parameqn(list, name, len))
			return true;
		list += listed;
	}
	return false;
}

/*
 * No quotes: parsers that handle them, and those that only look for blanks, would see
 * different words.
 */
static bool is_allowed(const char *allowed, const char *word, size_t len)
{
	return !memchr(word, '"', len) &&
	       is_listed(allowed, word, min(len, strcspn(word, "=" SPACES)));
}

static char *append_word(char *to, const char *line, const char *word, size_t len)
{
	if (to != line)
		*to++ = ' ';
	memmove(to, word, len);
	return to + len;
}

/**
 * pguest_filter_line() - keep the allowed words of a command line, and add others
 * @line: the command line, which is changed
 * @size: size of @line in bytes, with its terminating zero
 * @allowed: names of parameters that are kept, separated by blanks
 * @own: words to append, which take effect last; shorter than @size
 *
 * Words for which @own leaves no room are removed as well.
 *
 * Context: Any.
 * Return: number of words that were removed.
 */
unsigned int pguest_filter_line(char *line, size_t size, const char *allowed, const char *own)
{
	size_t room = size - 1 - strlen(own), len;
	unsigned int left_out = 0;
	char *from = line, *to = line;

	for (; *(from += strspn(from, SPACES)); from += len) {
		len = strcspn(from, SPACES);
		if (is_allowed(allowed, from, len) && to - line + len + 2 <= room)
			to = append_word(to, line, from, len);
		else
			left_out++;
	}
	if (*own)
		to = append_word(to, line, own, strlen(own));
	*to = '\0';
	return left_out;
}

#ifdef CONFIG_PGUEST_CMDLINE_POLICY
/**
 * pguest_filter_command_line() - apply the policy to boot_command_line
 *
 * Context: pguest_probe(), before early parameters are parsed.
 */
void __init pguest_filter_command_line(void)
{
	unsigned int left_out;

	BUILD_BUG_ON(sizeof(CONFIG_PGUEST_CMDLINE) > COMMAND_LINE_SIZE);
	left_out = pguest_filter_line(boot_command_line, COMMAND_LINE_SIZE,
				      CONFIG_PGUEST_CMDLINE_ALLOWED, CONFIG_PGUEST_CMDLINE);
	if (left_out)
		pr_notice("%u words of the host's command line are not allowed, and left out\n",
			  left_out);
}
#endif
