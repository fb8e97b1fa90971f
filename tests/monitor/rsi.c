// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the RMM answers: RSI 1.0 (DEN0137) but for measurements and tokens, which are in attest.c, and the host
 * behind it. How far the host goes, and what either lies about, is in lies.c. All run under the lock.
 */
#include <string.h>
#include "calls.h"
#include "count.h"
#include "lastwords.h"
#include "lies.h"
#include "memory.h"
#include "options.h"
#include "secret.h"

#define SUCCESS			0
#define ERROR_INPUT		1

#define RSI_1_0			0x10000
#define RSI_1_1			0x10001

#define CHANGE_DESTROYED	1	/* flag of IPA_STATE_SET */
#define REJECT			1	/* its response */

/* struct realm_config (DEN0137, RsiRealmConfig) */
#define CONFIG_SIZE		4096
#define CONFIG_IPA_WIDTH	0x000
#define CONFIG_HASH		0x008
#define CONFIG_AUX_PLANES	0x010	/* 1.1, as the next two */
#define CONFIG_GIC_VTR		0x018
#define CONFIG_ATS_PLANE	0x020
#define CONFIG_RPV		0x200
#define RPV_SIZE		64

/* struct rsi_host_call (DEN0137, RsiHostCall) */
#define HOST_CALL_SIZE		256
#define GPRS			31

/* The one service of our host's (Documentation/spec/rsi.rst) */
#define RHI_VERSION		0xc500004e
#define RHI_FEATURES		0xc500004f
#define RHI_ALIGNMENT		0xc5000050
#define RHI_1_0			0x10000
#define RHI_HAS_ALIGNMENT	1

#define TABLE_SPAN		0x200000UL	/* of the last level of tables, which is there for RAM and below */
#define HIGH_TABLE_SPAN		0x40000000UL	/* of the next one, for the rest */

static bool is_aligned(u64 address, u64 size)
{
	return !(address & (size - 1));
}

/* Options version=: what this RMM supports. */
static u64 lowest_version(void)
{
	return opt.version && !strcmp(opt.version, "1.1") ? RSI_1_1 : RSI_1_0;
}

static u64 highest_version(void)
{
	return opt.version ? RSI_1_1 : RSI_1_0;
}

enum verdict rsi_version(struct vcpu *vcpu)
{
	u64 asked = vcpu->x[1];
	bool known = asked >= lowest_version() && asked <= highest_version();

	return call_answer4(vcpu, known ? SUCCESS : ERROR_INPUT, known ? asked : highest_version(), highest_version(), 0);
}

/* All feature registers are zero in 1.0, those that are not there too. Option features=: register 0. */
enum verdict rsi_features(struct vcpu *vcpu)
{
	return call_answer(vcpu, SUCCESS, vcpu->x[1] ? 0 : opt.features.value);
}

/* The numbers of REALM_CONFIG */
static u64 hash_number(void)
{
	if (!strcmp(opt.hash, "sha256"))
		return 0;
	return strcmp(opt.hash, "sha512") && !rmm->two_hashes ? 2 : 1;
}

static void config_of_1_1(u8 *config)
{
	*(u64 *)(config + CONFIG_AUX_PLANES) = 0;
	*(u32 *)(config + CONFIG_GIC_VTR) = sysreg_read(s3_4_c12_c11_1);	/* ICH_VTR_EL2 */
	*(u64 *)(config + CONFIG_ATS_PLANE) = 0;
}

enum verdict rsi_realm_config(struct vcpu *vcpu)
{
	u64 ipa = vcpu->x[1];
	u8 *config;

	if (!is_aligned(ipa, CONFIG_SIZE) || !realm_buffer(ipa, CONFIG_SIZE))
		return call_answer(vcpu, ERROR_INPUT, 0);
	config = (u8 *)realm_pa(ipa);
	if (opt.config_garbage)
		fill_page((u64)config, random_next() | POISON_WORD);
	*(u64 *)(config + CONFIG_IPA_WIDTH) = opt.config_bits.told ? opt.config_bits.value : opt.ipa_bits;
	config[CONFIG_HASH] = opt.config_hash.told ? opt.config_hash.value : hash_number();
	memcpy(config + CONFIG_RPV, opt.rpv, RPV_SIZE);
	if (rmm->writes_1_1)
		config_of_1_1(config);
	return call_answer(vcpu, SUCCESS, 0);
}

static bool range_ok(u64 base, u64 top)
{
	return is_aligned(base, PAGE) && is_aligned(top, PAGE) && base < top && top <= realm_half();
}

/*
 * A refusal shows when RAM was asked for, and was not given in full (Documentation/spec/rsi.rst): there is none behind
 * the end.
 */
static bool is_rejected(const struct ripas_request *r, u64 done)
{
	return r->to == RIPAS_RAM && done < r->top && (r->reject || !span_has(&ram, done));
}

static bool state_ok(u64 ripas, u64 flags)
{
	if (rmm->takes_any_flags)
		return (u32)ripas <= RIPAS_RAM;
	return ripas <= RIPAS_RAM && flags <= CHANGE_DESTROYED;
}

enum verdict rsi_ipa_state_set(struct vcpu *vcpu)
{
	struct ripas_request r = {
		.base = vcpu->x[1],
		.top = vcpu->x[2],
		.to = (u32)vcpu->x[3],
		.destroyed_too = (u32)vcpu->x[4] == CHANGE_DESTROYED,
	};
	u64 done;

	if (!range_ok(r.base, r.top) || !state_ok(vcpu->x[3], vcpu->x[4]))
		return call_answer(vcpu, ERROR_INPUT, 0);
	*(r.to == RIPAS_RAM ? &count.set_ram : &count.set_empty) += 1;
	lie_about_request(vcpu, &r);
	if (r.error)
		return call_answer4(vcpu, ERROR_INPUT, r.top, 0, 0);
	done = r.host_top > r.base ? ripas_change(r.base, r.host_top, r.to, r.destroyed_too) : r.base;
	return call_answer4(vcpu, SUCCESS, r.answer_told ? r.answer : done, is_rejected(&r, done) ? REJECT : 0, 0);
}

/* RAM and the protected device begin and end a run wherever they are. */
static u64 cut_short(u64 base, u64 top, const struct span *s)
{
	if (s->start > base && s->start < top)
		top = s->start;
	return s->end > base && s->end < top ? s->end : top;
}

/* The RMM looks at one table, whatever is in it. */
static u64 table_end(u64 base)
{
	u64 span = base < ram.end ? TABLE_SPAN : HIGH_TABLE_SPAN;

	return (base & ~(span - 1)) + span;
}

static u64 run_end(u64 base, u64 top)
{
	u64 end = base + PAGE, table = table_end(base);

	top = cut_short(base, cut_short(base, top, &ram), &opt.protected_mmio);
	if (opt.get_run && top > base + opt.get_run * PAGE)
		top = base + opt.get_run * PAGE;
	if (top > table)
		top = table;
	if (!span_has(&ram, base) && !span_has(&opt.protected_mmio, base))
		return top;
	while (end < top && ripas_of(end) == ripas_of(base))
		end += PAGE;
	return end;
}

enum verdict rsi_ipa_state_get(struct vcpu *vcpu)
{
	u64 base = vcpu->x[1], top = vcpu->x[2], end;

	if (!range_ok(base, top))
		return call_answer(vcpu, ERROR_INPUT, 0);
	end = opt.get_top ? base : run_end(base, top);
	return call_answer4(vcpu, SUCCESS, end, opt.get_ripas.told ? opt.get_ripas.value : ripas_of(base), 0);
}

static u64 host_answers(u64 imm, u64 fid)
{
	if (imm)
		return -1;
	switch (fid) {
	case RHI_VERSION:	return RHI_1_0;
	case RHI_FEATURES:	return RHI_HAS_ALIGNMENT;
	case RHI_ALIGNMENT:	return opt.alignment;
	default:		return -1;
	}
}

/* All 31 registers are the host's to see, so that a secret in them is found like one in shared memory. */
enum verdict rsi_host_call(struct vcpu *vcpu)
{
	u64 ipa = vcpu->x[1], *gprs;

	if (!is_aligned(ipa, HOST_CALL_SIZE) || !realm_buffer(ipa, HOST_CALL_SIZE)) {
		if (rmm->zeroes_host_call)
			return call_answer(vcpu, ERROR_INPUT, 0);
		vcpu->x[0] = ERROR_INPUT;
		return RESUME;
	}
	gprs = (u64 *)(realm_pa(ipa) + 8);
	count.secrets += secret_look(ipa, gprs, GPRS * sizeof(*gprs), "host call");
	last_words(gprs[-1] & 0xffff, gprs, GPRS);
	if (!opt.host_call)
		gprs[0] = host_answers(rmm->wide_imm ? *(u32 *)ipa : *(u16 *)ipa, gprs[0]);
	else if (!strcmp(opt.host_call, "garbage"))
		for (int i = 0; i < GPRS; i++)
			gprs[i] = random_next();
	vcpu->x[0] = SUCCESS;
	return RESUME;
}
