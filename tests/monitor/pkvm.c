// SPDX-License-Identifier: GPL-2.0-only
/*
 * What pKVM answers at EL2: mainline 7.2 and Android (Documentation/spec/pkvm.rst). All run under the lock.
 */
#include <string.h>
#include "calls.h"
#include "count.h"
#include "device.h"
#include "memory.h"
#include "options.h"
#include "secret.h"

#define SUCCESS			0
#define INVALID_PARAMETER	(-3)

/* FEATURES R0 (Documentation/spec/pkvm.rst) */
#define FEATURES_MAINLINE	0x1d
#define FEATURES_ANDROID	0xffd
#define MEMINFO_HAS_RANGE	1

#define RANGE_MAX		65536		/* granules in one call; stopping early is allowed anywhere */

static bool enrolled;
static u64 share_calls, unshare_calls;

/* What a call does to one granule. ABORT_AT_CALL: share of an address without memory. */
typedef enum verdict (*step_fn)(u64 ipa, bool *done);

bool guard_enrolled(void)
{
	return opt.personality == ANDROID && (enrolled || opt.pvmfw);
}

enum verdict pkvm_features(struct vcpu *vcpu)
{
	if (opt.features.told)
		return call_answer(vcpu, opt.features.value, 0);
	return call_answer(vcpu, opt.personality == ANDROID ? FEATURES_ANDROID : FEATURES_MAINLINE, 0);
}

enum verdict pkvm_meminfo(struct vcpu *vcpu)
{
	if (vcpu->x[1] || vcpu->x[2] || vcpu->x[3])
		return call_answer(vcpu, INVALID_PARAMETER, 0);
	return call_answer(vcpu, opt.meminfo.told ? opt.meminfo.value : opt.granule,
		      opt.personality == ANDROID ? MEMINFO_HAS_RANGE : 0);
}

static enum verdict share_granule(u64 ipa, bool *done)
{
	if (ipa >> 40)
		return RESUME;
	if (stage2_state(ipa) == UNMAPPED && !span_has(&ram, ipa) && !host_page_has(ipa))
		return ABORT_AT_CALL;
	if (stage2_state(ipa) == SHARED || !stage2_touch(ipa) || !stage2_set(ipa, SHARED))
		return RESUME;
	for (u64 page = ipa; page < ipa + opt.granule; page += PAGE) {
		secret_shown(page, (void *)host_page_pa(page));
		smmu_map(page, host_page_pa(page));
	}
	host_page_shared(ipa);
	count.shared++;
	if (count.shared > count.shared_peak)
		count.shared_peak = count.shared;
	*done = true;
	return RESUME;
}

/* The devices' way in is shut, and known to be shut, before the guest hears of success. */
static enum verdict unshare_granule(u64 ipa, bool *done)
{
	if (stage2_state(ipa) != SHARED)
		return RESUME;
	for (u64 page = ipa; page < ipa + opt.granule; page += PAGE) {
		secret_closed(page, (void *)host_page_pa(page));
		smmu_unmap(page);
	}
	smmu_sync();
	stage2_set(ipa, OWNED);
	its_unshared(ipa, opt.granule);
	host_page_unshared(ipa);
	count.emptied += !--count.shared;
	*done = true;
	return RESUME;
}

static enum verdict guard_granule(u64 ipa, bool *done)
{
	enum page_state state = stage2_state(ipa);

	if (!guard_enrolled() || (state != UNMAPPED && state != GUARDED))
		return RESUME;
	*done = stage2_set(ipa, GUARDED);
	count.guarded += *done && state != GUARDED;
	return RESUME;
}

/* Newer code: success without doing anything, if enrolled (Documentation/spec/pkvm.rst). */
static enum verdict unguard_granule(u64 ipa, bool *done)
{
	*done = guard_enrolled() && !(ipa >> 40);
	return RESUME;
}

/* 1 granule a call in mainline, which wants R2 = R3 = 0; up to R2 (0 counts as 1) in Android. */
static bool arguments_ok(const struct vcpu *vcpu)
{
	if (vcpu->x[1] & (opt.granule - 1) || vcpu->x[3])
		return false;
	return opt.personality == ANDROID || !vcpu->x[2];
}

static u64 granules_asked(const struct vcpu *vcpu)
{
	u64 n = vcpu->x[2] ? vcpu->x[2] : 1, most = opt.range_max ? opt.range_max : RANGE_MAX;

	return n > most ? most : n;
}

static enum verdict answer_done(struct vcpu *vcpu, u64 done)
{
	if (!done)
		return call_answer(vcpu, INVALID_PARAMETER, 0);
	return call_answer(vcpu, SUCCESS, opt.personality == ANDROID ? done : 0);
}

static enum verdict walk_granules(struct vcpu *vcpu, step_fn fn)
{
	u64 ipa = vcpu->x[1], done = 0, asked = granules_asked(vcpu);
	enum verdict verdict;
	bool ok = true;

	if (!arguments_ok(vcpu))
		return call_answer(vcpu, INVALID_PARAMETER, 0);
	for (; done < asked; done++) {
		ok = false;
		verdict = fn(ipa + done * opt.granule, &ok);
		if (verdict != RESUME && !done)
			return verdict;
		if (!ok)
			break;
	}
	return answer_done(vcpu, done);
}

static bool lie_refuses(u64 call, u64 from)
{
	return from && (opt.fail_every ? call >= from : call == from);
}

/* Android's R1 in the wrong (Documentation/spec/pkvm.rst); "zero" does nothing at all and calls it success. */
static enum verdict lie_answer(struct vcpu *vcpu, step_fn fn)
{
	u64 asked = granules_asked(vcpu);
	enum verdict verdict;

	if (!strcmp(opt.share_answer, "zero"))
		return call_answer(vcpu, SUCCESS, 0);
	verdict = walk_granules(vcpu, fn);
	if (verdict == RESUME && vcpu->x[0] == SUCCESS)
		vcpu->x[1] = strcmp(opt.share_answer, "huge") ? random_next() | BIT(62) : asked + 1000000;
	return verdict;
}

enum verdict pkvm_share(struct vcpu *vcpu)
{
	if (lie_refuses(++share_calls, opt.fail_share))
		return call_answer(vcpu, INVALID_PARAMETER, 0);
	if (opt.share_answer)
		return lie_answer(vcpu, share_granule);
	return walk_granules(vcpu, share_granule);
}

enum verdict pkvm_unshare(struct vcpu *vcpu)
{
	if (lie_refuses(++unshare_calls, opt.fail_unshare))
		return call_answer(vcpu, INVALID_PARAMETER, 0);
	return walk_granules(vcpu, unshare_granule);
}

enum verdict pkvm_guard_enroll(struct vcpu *vcpu)
{
	enrolled = true;
	return call_answer(vcpu, SUCCESS, 0);
}

/* R2 and R3 are not looked at, and R1 of the answer is no count (Documentation/spec/pkvm.rst). */
static enum verdict one_granule(struct vcpu *vcpu, step_fn fn)
{
	bool ok = false;

	if (!(vcpu->x[1] & (opt.granule - 1)))
		fn(vcpu->x[1], &ok);
	return call_answer(vcpu, ok ? SUCCESS : INVALID_PARAMETER, 0);
}

enum verdict pkvm_guard_map(struct vcpu *vcpu)
{
	return one_granule(vcpu, guard_granule);
}

enum verdict pkvm_guard_unmap(struct vcpu *vcpu)
{
	return one_granule(vcpu, unguard_granule);
}

enum verdict pkvm_rguard_map(struct vcpu *vcpu)
{
	return walk_granules(vcpu, guard_granule);
}

enum verdict pkvm_rguard_unmap(struct vcpu *vcpu)
{
	return walk_granules(vcpu, unguard_granule);
}

/* A page that is not there succeeds without effect; a shared one must be unshared first. */
enum verdict pkvm_relinquish(struct vcpu *vcpu)
{
	u64 ipa = vcpu->x[1];

	if (ipa & (opt.granule - 1) || vcpu->x[2] || vcpu->x[3])
		return call_answer(vcpu, INVALID_PARAMETER, 0);
	switch (stage2_state(ipa)) {
	case UNMAPPED:
	case RELINQUISHED:
		return call_answer(vcpu, SUCCESS, 0);
	case OWNED:
		memset((void *)host_page_pa(ipa), 0, opt.granule);
		stage2_set(ipa, RELINQUISHED);
		count.relinquished++;
		return call_answer(vcpu, SUCCESS, 0);
	default:
		return call_answer(vcpu, INVALID_PARAMETER, 0);
	}
}
