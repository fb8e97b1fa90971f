// SPDX-License-Identifier: GPL-2.0-only
/*
 * A realm's measurements and attestation (DEN0137, RSI_MEASUREMENT_* and RSI_ATTESTATION_TOKEN_*). What is signed is
 * what was at INIT; the signature is made at the first CONTINUE that could take a byte. State is a vCPU's own:
 * another one that continues finds nothing in progress.
 */
#include <string.h>
#include "calls.h"
#include "memory.h"
#include "options.h"
#include "token.h"

enum { SUCCESS, ERROR_INPUT, ERROR_STATE, INCOMPLETE, ERROR_UNKNOWN };

#define SIGNING_ROUNDS	4	/* calls that end early because of an interrupt, before that which signs */
#define ONE_PAGE_TOKEN	4096	/* all that some have room for (rmm->one_page_token) */
#define BLOCK	0x200000UL	/* RIPAS is set, and measured, by entries of this size */

struct subject {
	struct measurements measurements;
	u8 challenge[CHALLENGE_SIZE];
};

struct attestation {
	enum { IDLE, SIGNING, DELIVERING } state;
	struct subject asked, made;	/* @token is for @made, once there was one */
	bool is_made;
	u8 *token;
	size_t size;		/* of this token, with what option token_tail= puts behind it */
	size_t sent;
	u32 rounds;		/* of signing that are still to come */
	u64 held;		/* answers without progress since the last chunk */
};

static struct measurements realm;
static struct platform_token platform;
static struct attestation attestations[NR_CPUS];
static size_t token_bytes;
static u64 breakpoints, watchpoints;
static u64 tokens, inits, signatures, continues, measure_ticks, sign_ticks;

static u64 attest_microseconds(u64 ticks)
{
	return ticks * 1000000 / sysreg_read(cntfrq_el0);
}

static void measure_data(const struct span *s, u64 flags)
{
	for (u64 page = s->start & ~(PAGE - 1); page < s->end; page += PAGE)
		rim_data(&realm, page, (void *)page, flags);
}

/* It does not measure RIPAS, and its host has to name numbers of debug registers that are not zero. */
static bool is_2_0(void)
{
	return !strcmp(rmm->shape, "2.0");
}

static void count_debug_registers(void)
{
	u64 dfr0 = sysreg_read(id_aa64dfr0_el1);

	if (!is_2_0())
		return;
	breakpoints = dfr0 >> 12 & 15;
	watchpoints = dfr0 >> 20 & 15;
}

/* The steps in the order of a host that loads a realm; README.rst, "The initial measurement" */
static void attest_measure(void)
{
	u64 flags = opt.measure ? DATA_MEASURED : 0, visible = ram.end - (opt.hidden_ram << 20);
	u64 gprs[8] = { dtb.start };

	rim_create(&realm, opt.ipa_bits, breakpoints, watchpoints);
	for (u64 base = ram.start; base < visible && !is_2_0(); base += BLOCK)
		rim_ripas(&realm, base, visible - base < BLOCK ? visible : base + BLOCK);
	measure_data(&image, flags);
	measure_data(&initrd, flags);
	measure_data(&dtb, 0);
	rim_rec(&realm, REC_RUNNABLE, image.start, gprs);
}

static enum token_profile attest_profile(void)
{
	static const char *const names[] = { "2024", "2023", "none", "mixed" };
	const char *name = opt.profile ? opt.profile : rmm->profile;

	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return i;
	fail("option profile=%s: 2024, 2023, mixed or none", name);
}

/* Claim 256: of no use to a verifier that has not seen it before */
static void make_instance(void)
{
	u64 seed[2] = { sysreg_read(cntpct_el0), random_next() };

	if (rmm->random_instance)
		hash_of(SHA256, seed, sizeof(seed), realm.instance);
	realm.has_instance = rmm->random_instance;
}

static void make_platform(void)
{
	platform.form = (struct token_form){ opt.envelope, attest_profile() };
	if (opt.envelope != 907 && opt.envelope != 399)
		fail("option envelope=%lu: 907 or 399", opt.envelope);
	if (!platform_token_make(&platform, realm.algorithm, opt.token_size))
		fail("option token_size=%lu: no token has that size", opt.token_size);
	token_bytes = token_size(&platform, realm.algorithm);
	if (opt.token_tail > PAGE)
		fail("option token_tail=%lu: at most %lu", opt.token_tail, PAGE);
	for (u32 i = 0; i < nr_cpus; i++) {
		attestations[i].token = pages_must((token_bytes + opt.token_tail + PAGE - 1) / PAGE, "tokens");
		memset(attestations[i].token + token_bytes, 0xdb, opt.token_tail);
	}
}

void attest_boot(void)
{
	int algorithm = hash_by_name(opt.hash);
	u64 start = sysreg_read(cntpct_el0);

	if (algorithm < 0)
		fail("option hash=%s: sha256, sha384 or sha512", opt.hash);
	realm.algorithm = algorithm;
	memcpy(realm.rpv, opt.rpv, sizeof(realm.rpv));
	count_debug_registers();
	attest_measure();
	make_instance();
	make_platform();
	measure_ticks = sysreg_read(cntpct_el0) - start;
}

/* A register by its index in RSI, or none */
static u8 *attest_measurement(u64 index)
{
	if (!index)
		return realm.rim;
	return index <= NR_REMS ? realm.rem[index - 1] : NULL;
}

/* What is in X[n] of MEASUREMENT_READ behind the hash: zero, or what the caller had there, but for the last one. */
static u64 behind_hash(const struct vcpu *vcpu, u32 n)
{
	if (opt.read_junk)
		return random_next() | 1;
	return rmm->keeps_registers && n >= 4 && n < HASH_MAX / 8 ? vcpu->x[n] : 0;
}

enum verdict rsi_measurement_read(struct vcpu *vcpu)
{
	u8 *value = attest_measurement(vcpu->x[1]);
	u32 words = hash_size(realm.algorithm) / 8;

	if (!value)
		return call_answer(vcpu, ERROR_INPUT, 0);
	vcpu->x[0] = SUCCESS;
	memcpy(&vcpu->x[1], value, 8 * words);
	for (u32 n = 1 + words; n <= HASH_MAX / 8; n++)
		vcpu->x[n] = behind_hash(vcpu, n);
	return RESUME;
}

enum verdict rsi_measurement_extend(struct vcpu *vcpu)
{
	u64 index = vcpu->x[1], size = vcpu->x[2];

	if (!index || index > NR_REMS || size > HASH_MAX)
		return call_answer(vcpu, ERROR_INPUT, 0);
	rem_extend(&realm, index - 1, &vcpu->x[3], size);
	return call_answer(vcpu, SUCCESS, 0);
}

enum verdict rsi_attest_init(struct vcpu *vcpu)
{
	struct attestation *a = &attestations[vcpu->index];
	u64 bound = rmm->one_page_token ? ONE_PAGE_TOKEN : (token_bytes + opt.token_tail + PAGE - 1) & ~(PAGE - 1);

	memcpy(a->asked.challenge, &vcpu->x[1], CHALLENGE_SIZE);
	a->asked.measurements = realm;
	a->size = token_bytes + (inits++ % 2 ? opt.token_tail : 0);
	a->state = SIGNING;
	a->rounds = opt.incomplete_irq ? SIGNING_ROUNDS : 0;
	a->sent = 0;
	a->held = 0;
	return call_answer(vcpu, SUCCESS, opt.attest_bound.told ? opt.attest_bound.value : bound);
}

static bool arguments_ok(const struct vcpu *vcpu)
{
	u64 ipa = vcpu->x[1], offset = vcpu->x[2], size = vcpu->x[3];

	return !(ipa % PAGE) && offset < PAGE && size <= PAGE - offset && ipa < realm_half();
}

static bool granule_ok(const struct vcpu *vcpu)
{
	return arguments_ok(vcpu) && realm_buffer(vcpu->x[1], PAGE);
}

/*
 * Takes long, and needs nothing that others change: they go on meanwhile. A signature is the same for the same
 * subject (RFC 6979), so that what was signed last need not be signed again.
 */
static void attest_sign(struct attestation *a)
{
	u64 start = sysreg_read(cntpct_el0);

	if (a->is_made && !memcmp(&a->made, &a->asked, sizeof(a->made)))
		return;
	a->made = a->asked;
	unlock();
	a->is_made = token_make(&platform, &a->made.measurements, a->made.challenge, a->token, token_bytes);
	lock();
	sign_ticks += sysreg_read(cntpct_el0) - start;
	signatures++;
}

static bool make_token(struct attestation *a)
{
	attest_sign(a);
	tokens += a->is_made;
	a->state = a->is_made ? DELIVERING : IDLE;
	return a->is_made;
}

static enum verdict no_progress(struct vcpu *vcpu)
{
	return call_answer(vcpu, INCOMPLETE, 0);
}

static size_t attest_chunk(const struct attestation *a, size_t room)
{
	size_t n = a->size - a->sent;

	if (n > room)
		n = room;
	return opt.token_chunk && n > opt.token_chunk ? opt.token_chunk : n;
}

static enum verdict attest_deliver(struct vcpu *vcpu, struct attestation *a)
{
	size_t n = attest_chunk(a, vcpu->x[3]);
	bool was_all = a->sent == a->size, all;

	memcpy((u8 *)realm_pa(vcpu->x[1]) + vcpu->x[2], a->token + a->sent, n);
	a->sent += n;
	a->held = 0;
	all = a->sent == a->size && (was_all || !opt.token_last_empty);
	if (all)
		a->state = IDLE;
	return call_answer(vcpu, all ? SUCCESS : INCOMPLETE, opt.attest_len.told ? opt.attest_len.value : n);
}

/*
 * One round of signing, at which an RMM lets interrupts go first: those of the last one are real. SUCCESS
 * when the token is there.
 */
static u64 sign_round(struct attestation *a)
{
	if (a->rounds) {
		a->rounds--;
		return INCOMPLETE;
	}
	if (!make_token(a))
		return ERROR_UNKNOWN;
	return opt.incomplete_irq && sysreg_read(isr_el1) ? INCOMPLETE : SUCCESS;
}

static bool attest_fits(const struct attestation *a)
{
	return !rmm->one_page_token || a->size <= ONE_PAGE_TOKEN;
}

enum verdict rsi_attest_continue(struct vcpu *vcpu)
{
	struct attestation *a = &attestations[vcpu->index];
	u64 status = SUCCESS;

	if (!(rmm->signs_first ? arguments_ok(vcpu) : granule_ok(vcpu)))
		return call_answer(vcpu, ERROR_INPUT, 0);
	if (a->state == IDLE)
		return call_answer(vcpu, ERROR_STATE, 0);
	if (++continues == opt.attest_error) {
		a->state = IDLE;
		return call_answer(vcpu, ERROR_UNKNOWN, 0);
	}
	if ((!vcpu->x[3] && !rmm->signs_first) || a->held++ < opt.incomplete)
		return no_progress(vcpu);
	if (a->state == SIGNING)
		status = sign_round(a);
	if (status)
		return call_answer(vcpu, status, 0);
	if (!granule_ok(vcpu))
		return call_answer(vcpu, ERROR_INPUT, 0);
	if (!vcpu->x[3])
		return no_progress(vcpu);
	return attest_fits(a) ? attest_deliver(vcpu, a) : call_answer(vcpu, ERROR_INPUT, 0);
}

static void report_bytes(struct json *j, const char *name, const u8 *data, size_t size)
{
	char hex[2 * HASH_MAX + 1];

	for (size_t i = 0; i < size; i++) {
		hex[2 * i] = "0123456789abcdef"[data[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[data[i] & 15];
	}
	hex[2 * size] = 0;
	json_string(j, name, hex);
}

static void report_span(struct json *j, const char *name, const struct span *s)
{
	json_open(j, name, '{');
	json_hex(j, "start", s->start);
	json_number(j, "size", s->end - s->start);
	json_close(j, '}');
}

/* Parts of "realm". All that is measured is in it, so that scripts/verify-report can compute the same. */
void attest_report(struct json *j)
{
	size_t wide = hash_size(realm.algorithm);

	report_span(j, "dtb", &dtb);
	report_span(j, "described", &(struct span){ ram.start, ram.end - (opt.hidden_ram << 20) });
	json_number(j, "measured", opt.measure);
	json_number(j, "num_bps", breakpoints);
	json_number(j, "num_wps", watchpoints);
	report_bytes(j, "rpv", realm.rpv, sizeof(realm.rpv));
	report_bytes(j, "rim", realm.rim, wide);
	json_open(j, "rem", '[');
	for (u32 i = 0; i < NR_REMS; i++)
		report_bytes(j, NULL, realm.rem[i], wide);
	json_close(j, ']');
	json_number(j, "tokens", tokens);
	json_number(j, "signatures", signatures);
	json_number(j, "token_bytes", token_bytes);
	json_number(j, "measure_us", attest_microseconds(measure_ticks));
	json_number(j, "sign_us", attest_microseconds(sign_ticks));
}
