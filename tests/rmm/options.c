// SPDX-License-Identifier: GPL-2.0-only
/* The semihosting command line: words key=value. An unknown one ends the run before it starts. */
#include <string.h>
#include "options.h"
#include "place.h"

struct options opt = {
	.cpus = 1,
	.ram_mib = 512,
	.ipa_bits = 40,
	.hash = "sha256",
	.measure = 1,
	.poison = 0xdb,
	.alignment = PAGE,
	.around = 16,
	.queue = 128,
	.set_when = "all",
	.set_from = 1,
};

static const struct option options[] = {
	{ "report",		WORD,	&opt.report },
	{ "tree",		WORD,	&opt.tree },
	{ "image",		WORD,	&opt.image },
	{ "initrd",		WORD,	&opt.initrd },
	{ "append",		WORD,	&opt.append },
	{ "cpus",		NUMBER,	&opt.cpus },
	{ "ram",		NUMBER,	&opt.ram_mib },
	{ "timeout",		NUMBER,	&opt.timeout },
	{ "ipa_bits",		NUMBER,	&opt.ipa_bits },
	{ "hash",		WORD,	&opt.hash },
	{ "rpv",		TEXT64,	opt.rpv },
	{ "sve",		NUMBER,	&opt.sve },
	{ "measure",		NUMBER,	&opt.measure },
	{ "around",		NUMBER,	&opt.around },
	{ "poison",		NUMBER,	&opt.poison },
	{ "queue",		NUMBER,	&opt.queue },
	{ "alignment",		NUMBER,	&opt.alignment },
	{ "secret",		LIE,	&opt.secret },
	{ "peek",		LIST,	&opt.peek },
	{ "cpu_on",		WORD,	&opt.cpu_on },
	{ "host_call",		WORD,	&opt.host_call },
	{ "set_when",		WORD,	&opt.set_when },
	{ "set_from",		NUMBER,	&opt.set_from },
	{ "set_progress",	WORD,	&opt.set_progress },
	{ "set_stall",		WORD,	&opt.set_stall },
	{ "reject_set",		NUMBER,	&opt.reject_set },
	{ "reject_after",	NUMBER,	&opt.reject_after },
	{ "fail_every",		NUMBER,	&opt.fail_every },
	{ "abort_mmio",		NUMBER,	&opt.abort_mmio },
};

static void check_numbers(void)
{
	if (!opt.cpus || opt.cpus > NR_CPUS)
		fail("option cpus=%lu: 1 to %d", opt.cpus, NR_CPUS);
	if (opt.ram_mib < 64 || opt.ram_mib > 1024)
		fail("option ram=%lu: 64 to 1024 MiB", opt.ram_mib);
	if (opt.ipa_bits == 32 && opt.ram_mib > 512)
		fail("option ram=%lu: 512 MiB at most with 32 bits", opt.ram_mib);
	if (opt.ipa_bits < 32 || opt.ipa_bits > 52)
		fail("option ipa_bits=%lu: 32 to 52", opt.ipa_bits);
	if (!opt.around || opt.around > 512 || opt.around & (opt.around - 1))
		fail("option around=%lu: a power of two, 512 at most", opt.around);
	if (!opt.queue || opt.queue > 1024 || opt.queue & (opt.queue - 1))
		fail("option queue=%lu: a power of two, 1024 at most", opt.queue);
	if (opt.alignment < PAGE || opt.alignment & (opt.alignment - 1))
		fail("option alignment=%lu: a power of two, 4096 at least", opt.alignment);
}

void options_read(void)
{
	const char *unknown = words_read(options, ARRAY_SIZE(options));

	if (unknown)
		fail("unknown option, or one without a value: %s", unknown);
	if (!opt.image)
		fail("option image=: which kernel?");
	if (!one_of(opt.hash, "sha256", "sha384", "sha512"))
		fail("option hash=%s: sha256, sha384 or sha512", opt.hash);
	if (opt.host_call && !one_of(opt.host_call, "none", "garbage", "garbage"))
		fail("option host_call=%s: none or garbage", opt.host_call);
	if (!one_of(opt.set_when, "boot", "empty", "ram") && strcmp(opt.set_when, "all"))
		fail("option set_when=%s: boot, empty, ram or all", opt.set_when);
	check_numbers();
}
