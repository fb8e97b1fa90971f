// SPDX-License-Identifier: GPL-2.0-only
/*
 * One answer that is not as it should be, of all calls of a run (options alter=), their list (record=),
 * and a machine that waits before one of them until its state has been saved (hold=).
 */
#include <string.h>
#include "alter.h"
#include "memory.h"
#include "options.h"

#define ERROR		(-2)		/* no call has this one: who gets it knows nothing */
#define LATE_US		50000
#define RUNS		768
#define RSI_SET		0xc4000197
#define PLACES		4096
#define FRAMES		16
#define PAR_FAILED	BIT(0)
#define PAR_ADDRESS	MASK(47, 12)
#define CODE_ADDRESS	MASK(47, 0)	/* without what signs it */

static u64 calls;
static u64 altered_call;
static const char *altered_name;

/* Calls of one kind, one behind the other */
static struct run {
	const char *name;
	u64 count;
} runs[RUNS];
static u32 nr_runs;

/* Where each call came from, and how much it asked for */
static u32 places[PLACES];
static u64 nr_places;

static bool is_as(const char *word)
{
	return opt.alter_as && !strcmp(opt.alter_as, word);
}

/* What the guest has at one of its own addresses, if that is in RAM: both words of a frame (AAPCS64). */
static const u64 *frame_at(u64 at)
{
	u64 par;

	if (at & 15)
		return NULL;
	asm volatile("at s1e1r, %0; isb" : : "r"(at));
	par = sysreg_read(par_el1);
	if (par & PAR_FAILED || !span_has(&ram, par & PAR_ADDRESS) || stage2_state(par & PAR_ADDRESS) != OWNED)
		return NULL;
	return (const u64 *)((par & PAR_ADDRESS) | (at & (PAGE - 1)));
}

static u32 mix_word(u32 sum, u64 word)
{
	word *= 0x9e3779b97f4a7c15;
	return (sum ^ word >> 32) * 0x85ebca6b;
}

/* Granules that a call asks for, where it can ask for many. */
static u64 size_of_call(const struct vcpu *vcpu)
{
	if (is_realm())
		return vcpu->x[0] == RSI_SET ? (vcpu->x[2] - vcpu->x[1]) / PAGE : 0;
	return opt.personality == ANDROID ? vcpu->x[2] : 0;
}

/* Two calls of one function, by the same functions and of one size, have the same number. */
static u32 place_of(const struct vcpu *vcpu)
{
	const u64 *frame = frame_at(vcpu->x[29]);
	u32 sum = mix_word(mix_word(0, vcpu->x[0]), size_of_call(vcpu));

	for (u32 i = 0; frame && i < FRAMES; i++) {
		sum = mix_word(sum, frame[1] & CODE_ADDRESS);
		frame = frame[0] ? frame_at(frame[0]) : NULL;
	}
	return sum;
}

static void record_call(const struct vcpu *vcpu, const char *name)
{
	struct run *last = nr_runs ? &runs[nr_runs - 1] : NULL;

	if (nr_places < PLACES)
		places[nr_places++] = place_of(vcpu);
	if (last && last->name == name)
		last->count++;
	else if (nr_runs < RUNS)
		runs[nr_runs++] = (struct run){ name, 1 };
}

/*
 * The command line is another one when the saved state goes on in another QEMU: it has no hold= or a
 * later one. Time begins there.
 */
static void wait_for_another(void)
{
	u64 held = opt.hold;

	say("held before call %lu", calls);
	while (opt.hold == held) {
		opt.hold = 0;
		options_read();
	}
	say("goes on: alter=%lu alter_as=%s", opt.alter, opt.alter_as ? opt.alter_as : "nothing");
	end_clock_start();
}

void alter_before(const struct vcpu *vcpu, const char *name)
{
	calls++;
	if (opt.hold && calls == opt.hold)
		wait_for_another();
	if (opt.record)
		record_call(vcpu, name);
	if (!opt.alter || calls != opt.alter)
		return;
	altered_call = calls;
	altered_name = name;
}

static bool is_this(void)
{
	return altered_call && altered_call == calls;
}

static bool is_next_of(const char *name)
{
	return altered_call && calls > altered_call && altered_name == name && is_as("retry");
}

static void take_time(void)
{
	u64 start = sysreg_read(cntpct_el0), ticks = LATE_US * sysreg_read(cntfrq_el0) / 1000000;

	/* Where QEMU counts instructions, to read the counter takes a thousand times as long as to count. */
	while (sysreg_read(cntpct_el0) - start < ticks)
		for (int i = 0; i < 1000; i++)
			asm volatile("");
}

static bool is_range_call(const struct vcpu *vcpu)
{
	return opt.personality == ANDROID && vcpu->x[0] >> 32 == 0 && (vcpu->x[0] & 0xffff0000) == 0xc6000000;
}

/* One granule instead of all that was asked for: what a call may do. */
static void ask_for_less(struct vcpu *vcpu)
{
	if (vcpu->x[0] == RSI_SET)
		vcpu->x[2] = vcpu->x[1] + PAGE;
	else if (is_range_call(vcpu) && vcpu->x[2] > 1)
		vcpu->x[2] = 1;
}

bool alter_instead(struct vcpu *vcpu)
{
	if (!is_this())
		return false;
	if (is_as("late"))
		take_time();
	if (is_as("short"))
		ask_for_less(vcpu);
	if (is_as("hollow"))
		return call_answer(vcpu, 0, vcpu->x[2]) == RESUME;
	if (is_as("retry"))
		return call_answer(vcpu, ERROR, 0) == RESUME;
	if (opt.alter_as && (*opt.alter_as == '-' || (*opt.alter_as >= '0' && *opt.alter_as <= '9')))
		return call_answer(vcpu, to_number(opt.alter_as), 0) == RESUME;
	return false;
}

void alter_answer(struct vcpu *vcpu, const char *name, u64 start)
{
	if (is_next_of(name)) {
		vcpu->x[1] |= BIT(63);
		altered_call = 0;
		return;
	}
	if (!is_this())
		return;
	if (is_as("done"))
		vcpu->x[0] = ERROR;
	if (is_as("zero"))
		vcpu->x[1] = is_realm() ? start : 0;
	if (is_as("much"))
		vcpu->x[1] += is_realm() ? PAGE : 1;
	if (is_as("high"))
		vcpu->x[0] |= BIT(63);
	if (is_as("high1"))
		vcpu->x[1] |= BIT(63);
	if (is_as("registers"))
		for (int i = 4; i < 18; i++)
			vcpu->x[i] = random_next();
}

void alter_report(struct json *j)
{
	json_number(j, "calls", calls);
	if (altered_name)
		json_string(j, "altered", altered_name);
	json_open(j, "sequence", '[');
	for (struct run *r = runs; r < runs + nr_runs; r++) {
		json_open(j, NULL, '[');
		json_string(j, NULL, r->name);
		json_number(j, NULL, r->count);
		json_close(j, ']');
	}
	json_close(j, ']');
	json_open(j, "places", '[');
	for (u64 i = 0; i < nr_places; i++)
		json_number(j, NULL, places[i]);
	json_close(j, ']');
}
