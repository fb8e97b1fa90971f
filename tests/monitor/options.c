// SPDX-License-Identifier: GPL-2.0-only
/* The semihosting command line: words key=value. An unknown one ends the run before it starts. */
#include <string.h>
#include "options.h"

struct options opt = {
	.mode = "pkvm",
	.psci = "hvc",
	.granule = 4096,
	.uid = 1,
	.refuse_with = 1,
	.refuse_from = 1,
	.rmm = "spec",
	.ipa_bits = 40,
	.hash = "sha256",
	.alignment = 4096,
	.poison = 0xdb,
	.set_when = "all",
	.set_from = 1,
	.measure = 1,
	.envelope = 907,
	.incomplete_irq = 1,
	.stand_every = 100,
	.pv_time = 1,
	.vmclock = 1,
	.vmgenid = 1,
};

static const struct option options[] = {
	{ "mode",		WORD,	&opt.mode },
	{ "report",		WORD,	&opt.report },
	{ "psci",		WORD,	&opt.psci },
	{ "hvc",		WORD,	&opt.hvc },
	{ "smc",		WORD,	&opt.smc },
	{ "share_answer",	WORD,	&opt.share_answer },
	{ "granule",		NUMBER,	&opt.granule },
	{ "range_max",		NUMBER,	&opt.range_max },
	{ "timeout",		NUMBER,	&opt.timeout },
	{ "restricted_pool",	NUMBER,	&opt.restricted_pool },
	{ "ragged",		NUMBER,	&opt.ragged },
	{ "acpi",		NUMBER,	&opt.acpi },
	{ "fail_share",		NUMBER,	&opt.fail_share },
	{ "fail_unshare",	NUMBER,	&opt.fail_unshare },
	{ "fail_every",		NUMBER,	&opt.fail_every },
	{ "delay",		NUMBER,	&opt.delay },
	{ "uid",		NUMBER,	&opt.uid },
	{ "pvmfw",		NUMBER,	&opt.pvmfw },
	{ "premap",		NUMBER,	&opt.premap },
	{ "dirty_ram",		NUMBER,	&opt.dirty_ram },
	{ "hide_access_platform", NUMBER, &opt.hide_access_platform },
	{ "allow_bypass",	NUMBER,	&opt.allow_bypass },
	{ "meminfo",		LIE,	&opt.meminfo },
	{ "features",		LIE,	&opt.features },
	{ "secret",		LIE,	&opt.secret },
	{ "secrets",		WORD,	&opt.secrets },
	{ "peek",		LIST,	&opt.peek },
	{ "look",		LIE,	&opt.look },
	{ "show",		FOUR,	opt.show },
	{ "show_cpu",		LIE,	&opt.show_cpu },
	{ "no_id",		FOUR,	opt.no_id },
	{ "find_text",		WORD,	&opt.find_text },
	{ "text_offset",	NUMBER,	&opt.text_offset },
	{ "tree",		WORD,	&opt.tree },
	{ "tree_upper",		NUMBER,	&opt.tree_upper },
	{ "rng_seed",		WORD,	&opt.rng_seed },
	{ "acpi_table",		NUMBER,	&opt.acpi_table },
	{ "aml",		NUMBER,	&opt.aml },
	{ "apei",		NUMBER,	&opt.apei },
	{ "efi_seed",		NUMBER,	&opt.efi_seed },
	{ "efi_reserved",	NUMBER,	&opt.efi_reserved },
	{ "trng",		NUMBER,	&opt.trng },
	{ "fdt_patch",		WORD,	&opt.fdt_patch },
	{ "handover",		WORD,	&opt.handover },
	{ "handover_shared",	NUMBER,	&opt.handover_shared },
	{ "refuse_call",	WORD,	&opt.refuse_call },
	{ "refuse_with",	NUMBER,	&opt.refuse_with },
	{ "refuse_from",	NUMBER,	&opt.refuse_from },
	{ "alter",		NUMBER,	&opt.alter },
	{ "alter_as",		WORD,	&opt.alter_as },
	{ "record",		NUMBER,	&opt.record },
	{ "hold",		NUMBER,	&opt.hold },

	{ "lpi_property",	WORD,	&opt.lpi_property },
	{ "lpi_pending",	WORD,	&opt.lpi_pending },
	{ "lpis_stuck",		NUMBER,	&opt.lpis_stuck },
	{ "gicr_endless",	NUMBER,	&opt.gicr_endless },
	{ "gicr_stride",	LIE,	&opt.gicr_stride },
	{ "gicr_size",		LIE,	&opt.gicr_size },
	{ "gicd_size",		LIE,	&opt.gicd_size },
	{ "gicd_typer",		LIE,	&opt.gicd_typer },
	{ "gic_v4",		NUMBER,	&opt.gic_v4 },
	{ "its_flaps",		NUMBER,	&opt.its_flaps },
	{ "interrupts",		NUMBER,	&opt.interrupts },
	{ "vgic",		NUMBER,	&opt.vgic },
	{ "timer_late",		NUMBER,	&opt.timer_late },
	{ "timer_early",	NUMBER,	&opt.timer_early },
	{ "lpis",		NUMBER,	&opt.lpis },
	{ "stand",		NUMBER,	&opt.stand },
	{ "stand_every",	NUMBER,	&opt.stand_every },
	{ "psci_cpu_on",	NUMBER,	&opt.psci_cpu_on },
	{ "spin_table",		WORD,	&opt.spin_table },
	{ "stale",		NUMBER,	&opt.stale },
	{ "break_queue",	LIE,	&opt.break_queue },
	{ "device_config",	LIE,	&opt.device_config },

	{ "rmm",		WORD,	&opt.rmm },
	{ "ipa_bits",		NUMBER,	&opt.ipa_bits },
	{ "hash",		WORD,	&opt.hash },
	{ "rpv",		TEXT64,	opt.rpv },
	{ "hidden_ram",		NUMBER,	&opt.hidden_ram },
	{ "protected_mmio",	SPAN,	&opt.protected_mmio },
	{ "alignment",		NUMBER,	&opt.alignment },
	{ "poison",		NUMBER,	&opt.poison },
	{ "version",		WORD,	&opt.version },
	{ "cpu_on",		WORD,	&opt.cpu_on },
	{ "host_call",		WORD,	&opt.host_call },
	{ "set_when",		WORD,	&opt.set_when },
	{ "set_from",		NUMBER,	&opt.set_from },
	{ "set_progress",	WORD,	&opt.set_progress },
	{ "set_stall",		WORD,	&opt.set_stall },
	{ "set_top",		WORD,	&opt.set_top },
	{ "reject_set",		NUMBER,	&opt.reject_set },
	{ "reject_after",	NUMBER,	&opt.reject_after },
	{ "fail_set",		NUMBER,	&opt.fail_set },
	{ "destroyed",		LIE,	&opt.destroyed },
	{ "destroy_unshare",	NUMBER,	&opt.destroy_unshare },
	{ "get_run",		NUMBER,	&opt.get_run },
	{ "get_ripas",		LIE,	&opt.get_ripas },
	{ "get_top",		WORD,	&opt.get_top },
	{ "config_bits",	LIE,	&opt.config_bits },
	{ "config_hash",	LIE,	&opt.config_hash },
	{ "config_garbage",	NUMBER,	&opt.config_garbage },
	{ "error_junk",		NUMBER,	&opt.error_junk },
	{ "measure",		NUMBER,	&opt.measure },
	{ "read_junk",		NUMBER,	&opt.read_junk },
	{ "incomplete",		NUMBER,	&opt.incomplete },
	{ "incomplete_irq",	NUMBER,	&opt.incomplete_irq },
	{ "attest_len",		LIE,	&opt.attest_len },
	{ "attest_bound",	LIE,	&opt.attest_bound },
	{ "attest_error",	NUMBER,	&opt.attest_error },
	{ "token_chunk",	NUMBER,	&opt.token_chunk },
	{ "token_size",		NUMBER,	&opt.token_size },
	{ "token_last_empty",	NUMBER,	&opt.token_last_empty },
	{ "token_tail",		NUMBER,	&opt.token_tail },
	{ "envelope",		NUMBER,	&opt.envelope },
	{ "profile",		WORD,	&opt.profile },

	{ "pv_time",		NUMBER,	&opt.pv_time },
	{ "steal",		NUMBER,	&opt.steal },
	{ "st_ipa",		LIE,	&opt.st_ipa },
	{ "st_after",		NUMBER,	&opt.st_after },
	{ "st_answer2",		LIE,	&opt.st_answer2 },
	{ "st_value",		WORD,	&opt.st_value },
	{ "st_revision",	NUMBER,	&opt.st_revision },
	{ "st_attributes",	NUMBER,	&opt.st_attributes },
	{ "st_revision_later",	NUMBER,	&opt.st_revision_later },
	{ "vmclock",		NUMBER,	&opt.vmclock },
	{ "clock_ipa",		LIE,	&opt.clock_ipa },
	{ "clock_truncated",	NUMBER,	&opt.clock_truncated },
	{ "clock_when",		WORD,	&opt.clock_when },
	{ "clock_seq",		WORD,	&opt.clock_seq },
	{ "clock_magic",	LIE,	&opt.clock_magic },
	{ "clock_version",	LIE,	&opt.clock_version },
	{ "clock_size",		LIE,	&opt.clock_size },
	{ "clock_shift",	LIE,	&opt.clock_shift },
	{ "clock_counter_id",	LIE,	&opt.clock_counter_id },
	{ "clock_time_type",	LIE,	&opt.clock_time_type },
	{ "clock_status",	LIE,	&opt.clock_status },
	{ "clock_ahead",	NUMBER,	&opt.clock_ahead },
	{ "clock_back",		NUMBER,	&opt.clock_back },
	{ "vmgenid",		NUMBER,	&opt.vmgenid },
	{ "vmgenid_ipa",	LIE,	&opt.vmgenid_ipa },
	{ "vmgenid_storm",	NUMBER,	&opt.vmgenid_storm },
};

static const char *unknown;		/* named when all words were read: report= may come later */

static void check_word(const char *name, const char *word, const char *a, const char *b, const char *c)
{
	if (word && !one_of(word, a, b, c))
		fail("option %s=%s: %s, %s or %s", name, word, a, b, c);
}

/* Without an RMM it is an ordinary VM of a host whose firmware is called by SMC. */
static void realm_options_check(void)
{
	opt.personality = REALM;
	opt.psci = "smc";
	check_word("hash", opt.hash, "sha256", "sha384", "sha512");
	check_word("version", opt.version, "none", "1.1", "higher");
	check_word("set_top", opt.set_top, "below", "above", "unaligned");
	check_word("get_top", opt.get_top, "base", "base", "base");
	check_word("host_call", opt.host_call, "none", "garbage", "garbage");
	if (!one_of(opt.set_when, "boot", "empty", "ram") && strcmp(opt.set_when, "all"))
		fail("option set_when=%s: boot, empty, ram or all", opt.set_when);
	if ((opt.ipa_bits < 32 || opt.ipa_bits > 48) && opt.ipa_bits != 52)
		fail("option ipa_bits=%lu: 32 to 48, or 52", opt.ipa_bits);
	if (!rmm_choose(opt.rmm))
		fail("option rmm=%s: spec or tf", opt.rmm);
	if (!opt.version)
		opt.version = rmm->version;
	if (rmm->denies_or_not && opt.cpu_on && !strcmp(opt.cpu_on, "already"))
		fail("option cpu_on=already: with rmm=%s the host has no such answer", opt.rmm);
	if (opt.granule != PAGE)
		fail("option granule=%lu: an RMM has 4096", opt.granule);
	if (opt.alignment < PAGE || opt.alignment & (opt.alignment - 1))
		fail("option alignment=%lu: a power of two, 4096 at least", opt.alignment);
	if (opt.version && !strcmp(opt.version, "none")) {
		opt.personality = PLAIN;
		opt.ipa_bits = 40;
	} else if (!opt.hvc) {
		opt.hvc = "undef-behind";
	}
}

static void host_pages_options_check(void)
{
	check_word("clock_seq", opt.clock_seq, "odd", "odd", "odd");
	check_word("clock_when", opt.clock_when, "disrupt", "disrupt", "disrupt");
	if (opt.st_value && strcmp(opt.st_value, "back"))
		check_word("st_value", opt.st_value, "huge", "max", "jump");
	if (opt.steal > 90)
		fail("option steal=%lu: 90 percent at most", opt.steal);
}

static bool is_end(const char *word)
{
	return one_of(word, "undef", "undef-behind", "abort") ||
	       one_of(word, "abort-behind", "unsupported", "clobber");
}

/* A guest that cannot call PSCI never ends; and there is no RMM without SMC. */
static void conduits_check(void)
{
	const char *psci = strcmp(opt.psci, "smc") ? opt.hvc : opt.smc;

	if ((opt.hvc && !is_end(opt.hvc)) || (opt.smc && !is_end(opt.smc)))
		fail("option hvc, smc: undef, undef-behind, abort, abort-behind, unsupported or clobber");
	if (psci && (is_realm() || strcmp(psci, "clobber")))
		fail("option hvc, smc: PSCI needs the other one");
}

static void alter_check(void)
{
	const char *as = opt.alter_as;

	if (!as || *as == '-' || (*as >= '0' && *as <= '9'))
		return;
	if (!one_of(as, "hollow", "done", "short") && !one_of(as, "zero", "much", "high") &&
	    !one_of(as, "high1", "late", "retry") && !one_of(as, "registers", "registers", "registers"))
		fail("option alter_as=%s: a number, hollow, done, short, zero, much, high, high1, late, retry or registers",
		     as);
}

static void options_check(void)
{
	if (unknown)
		fail("unknown option, or one without a value: %s", unknown);
	if (!strcmp(opt.mode, "plain"))
		opt.personality = PLAIN;
	else if (!strcmp(opt.mode, "pkvm"))
		opt.personality = PKVM;
	else if (!strcmp(opt.mode, "pkvm-android"))
		opt.personality = ANDROID;
	else if (!strcmp(opt.mode, "cca"))
		realm_options_check();
	else
		fail("option mode=%s: plain, pkvm, pkvm-android or cca", opt.mode);
	host_pages_options_check();
	if (opt.granule != 4096 && opt.granule != 16384 && opt.granule != 65536)
		fail("option granule=%lu: 4096, 16384 or 65536", opt.granule);
	if (!one_of(opt.psci, "hvc", "smc", "smc"))
		fail("option psci=%s: hvc or smc", opt.psci);
	conduits_check();
	alter_check();
	check_word("rng_seed", opt.rng_seed, "zero", "ones", "none");
	if (opt.share_answer && !one_of(opt.share_answer, "zero", "huge", "garbage"))
		fail("option share_answer=%s: zero, huge or garbage", opt.share_answer);
}

void options_read(void)
{
	unknown = words_read(options, ARRAY_SIZE(options));
	options_check();
}
