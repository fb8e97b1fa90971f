/* SPDX-License-Identifier: GPL-2.0-only */
/* The semihosting command line, see README.rst, and the RMM that it chooses. */
#ifndef MONITOR_OPTIONS_H
#define MONITOR_OPTIONS_H

#include "base.h"

/* options.c */
enum personality {
	PLAIN	= 1,
	PKVM	= 2,		/* mainline 7.2 */
	ANDROID	= 4,
	REALM	= 8,		/* RSI 1.0 */
};

struct options {
	const char *mode, *report, *psci, *hvc, *smc, *share_answer, *find_text, *refuse_call;
	u64 refuse_with, refuse_from;
	const char *alter_as;
	u64 alter, record, hold;
	enum personality personality;
	u64 granule, range_max, timeout, restricted_pool, ragged, acpi;
	u64 text_offset;		/* bytes between the start of RAM and the Image */
	u64 fail_share, fail_unshare, fail_every;
	u64 delay, uid, pvmfw, premap, dirty_ram, hide_access_platform, allow_bypass;
	struct lie meminfo, features, secret;
	const char *fdt_patch, *handover, *secrets;
	u64 handover_shared;
	struct lie look;
	u64 show[4], no_id[4];
	struct lie show_cpu;
	const char *rng_seed, *tree;
	u64 efi_seed, efi_reserved, trng, tree_upper, acpi_table, aml, apei;
	struct numbers peek;

	/* the GIC that the host shows */
	const char *lpi_property, *lpi_pending;
	u64 lpis_stuck, gicr_endless, gic_v4, its_flaps, interrupts, stand, stand_every;
	u64 vgic, timer_late, timer_early, lpis;
	struct lie gicr_stride, gicr_size, gicd_size, gicd_typer;

	/* how CPUs are started */
	const char *spin_table;
	u64 psci_cpu_on;

	u64 stale;			/* byte that freed memory is full of */
	struct lie break_queue;		/* its number */
	struct lie device_config;	/* bytes */

	/* mode=cca */
	const char *rmm;
	u64 ipa_bits, hidden_ram, alignment, poison;
	const char *hash, *version, *cpu_on, *host_call;
	char rpv[65];			/* 64 bytes; the text is padded with zeroes */
	struct span protected_mmio;
	const char *set_when, *set_progress, *set_stall, *set_top, *get_top;
	u64 set_from, reject_set, reject_after, fail_set, destroy_unshare, get_run;
	struct lie destroyed, get_ripas, config_bits, config_hash;
	u64 config_garbage, error_junk;
	/* attestation */
	const char *profile;
	u64 measure, read_junk, incomplete, incomplete_irq, token_chunk, token_size;
	u64 token_last_empty, token_tail, attest_error, envelope;
	struct lie attest_len, attest_bound;

	/* pages that the host supplies */
	u64 pv_time, vmclock, vmgenid;
	u64 steal, st_after, st_revision, st_attributes, st_revision_later;
	const char *st_value, *clock_seq, *clock_when;
	struct lie st_ipa, st_answer2, clock_ipa, vmgenid_ipa;
	struct lie clock_magic, clock_version, clock_size, clock_shift, clock_counter_id, clock_time_type, clock_status;
	u64 clock_ahead, clock_back, clock_truncated, vmgenid_storm;
};

extern struct options opt;
void options_read(void);

static inline bool protected_vm(void)
{
	return opt.personality != PLAIN;
}

static inline bool is_realm(void)
{
	return opt.personality == REALM;
}

/* rmm.c: how an RMM does what not all do alike (option rmm=). */
struct rmm {
	const char *name;
	const char *shape;		/* of the initial measurement: scripts/verify-report --rmm */
	const char *profile;		/* of tokens, where option profile= names none */
	const char *version;		/* where option version= says nothing */
	u64 sctlr;			/* a CPU starts with it */
	bool takes_any_flags;		/* IPA_STATE_SET: flags are not checked, and 32 bits of the RIPAS count */
	bool empties_all;		/* to EMPTY goes what is DESTROYED or a protected device, too */
	bool keeps_pages;		/* EMPTY to RAM: the page is still there, with what was in it */
	bool maps_upper;		/* the upper half is the host's to map whatever RIPAS says */
	bool zeroes_host_call;		/* X1 to X3 after an error of HOST_CALL */
	bool wide_imm;			/* imm of HOST_CALL has 32 bits */
	bool keeps_registers;		/* MEASUREMENT_READ: X5 to X7 are the caller's where no hash is */
	bool two_hashes;		/* REALM_CONFIG: what is not SHA-256 is SHA-512 */
	bool writes_1_1;		/* REALM_CONFIG: fields of RSI 1.1 are written */
	bool signs_first;		/* CONTINUE: before it looks at the buffer's RIPAS, or at its size */
	bool one_page_token;		/* INIT's bound is 4096 always, and a larger token an error of CONTINUE */
	bool denies_or_not;		/* CPU_ON: the host can deny it, or not, and has no other answer */
	bool masks_mpidr;		/* PSCI: some bits of an MPIDR count, others are ignored */
	bool keeps_last_life;		/* CPU_ON sets PC, X0, PSTATE and SCTLR_EL1, and nothing else */
	bool shows_cpu;			/* ID registers are nearly the CPU's own */
	bool traps_little;		/* not set/way, ACTLR, LOR, nor what is implementation defined */
	bool drops_pan;			/* an injected exception clears PAN where SCTLR_EL1.SPAN is set */
	bool random_instance;		/* claim 256 of a token is random */
};

extern const struct rmm *rmm;
bool rmm_choose(const char *name);

#endif
