// SPDX-License-Identifier: GPL-2.0-only
/*
 * A realm's memory. Each page of RAM has RIPAS (Documentation/spec/rsi.rst) and two addresses: the lower one is the
 * guest's own page and there while RIPAS is RAM; the upper one is the host's and there while it is EMPTY. They are
 * never the same page: the upper half is backed by the mirror, which follows RAM in the machine.
 *
 * Of the lower half, what is not RAM is EMPTY, but for the device that option protected_mmio= puts there.
 */
#include "count.h"
#include "device.h"
#include "doorbell.h"
#include "memory.h"
#include "options.h"
#include "secret.h"

/* Only RAM that the guest's device tree has is counted: the rest is EMPTY from the start. */
static void count_shared(u64 ipa, s64 more)
{
	if (ipa >= ram.end - (opt.hidden_ram << 20))
		return;
	count.shared += more;
	count.emptied += more < 0 && !count.shared;
	if (count.shared > count.shared_peak)
		count.shared_peak = count.shared;
}

static void open_upper(u64 ipa)
{
	u64 upper = ipa | realm_half(), mirror = mirror_of(ipa);

	if (!rmm->keeps_pages)
		fill_page(ipa, 0);
	fill_page(mirror, opt.poison * POISON_WORD);
	if (!stage2_set(upper, SHARED))
		fail("no memory for page tables");
	smmu_map(upper, mirror);
	host_page_shared(ipa);
	count_shared(ipa, 1);
}

/*
 * The guest's page is out of reach on all CPUs before it is wiped, and the host's page is there last
 * (Documentation/spec/rsi.rst).
 */
void realm_make_empty(u64 base, u64 top)
{
	for (u64 page = base; page < top; page += PAGE)
		if (ripas_of(page) != RIPAS_EMPTY)
			stage2_clear(page, rmm->keeps_pages && stage2_state(page) == OWNED ? KEPT : EMPTY);
	stage2_flush();
	for (u64 page = base; page < top; page += PAGE)
		if (stage2_state(page | realm_half()) != SHARED)
			open_upper(page);
}

static void close_upper(u64 ipa)
{
	u64 upper = ipa | realm_half();

	secret_closed(ipa, (void *)mirror_of(ipa));
	stage2_clear(upper, FORMER);
	smmu_unmap(upper);
	count_shared(ipa, -1);
}

static void make_ram(u64 base, u64 top)
{
	bool changed = false;

	for (u64 page = base; page < top; page += PAGE) {
		enum ripas was = ripas_of(page);

		if (was == RIPAS_RAM)
			continue;
		if (was == RIPAS_EMPTY)
			close_upper(page);
		if (stage2_state(page) == KEPT)
			stage2_set(page, OWNED);
		else
			stage2_clear(page, RELINQUISHED);
		changed = true;
	}
	if (!changed)
		return;
	stage2_flush();
	smmu_sync();
	its_unshared(base, top - base);
}

/*
 * Where the walk of RSI_IPA_STATE_SET ends (DEN0137): at a device, at a DESTROYED page if those are not meant, at the
 * end of RAM.
 */
static u64 walk_end(u64 base, u64 top, enum ripas to, bool destroyed_too)
{
	const struct span *device = &opt.protected_mmio;
	u64 page;

	if (to == RIPAS_EMPTY && rmm->empties_all)
		return top;
	if (to == RIPAS_RAM && !span_has(&ram, base))
		return base;
	if (to == RIPAS_RAM && top > ram.end)
		top = ram.end;
	if (device->start < top && base < device->end)
		top = base > device->start ? base : device->start;
	for (page = base > ram.start ? base : ram.start; page < top && page < ram.end; page += PAGE)
		if (!destroyed_too && ripas_of(page) == RIPAS_DESTROYED)
			return page;
	return top;
}

static void empty_device(u64 base, u64 top)
{
	const struct span *device = &opt.protected_mmio;

	for (u64 page = device->start; page < device->end; page += PAGE)
		if (page >= base && page < top)
			stage2_clear(page, EMPTY);
}

/* Under the lock. The first address that was not done. */
u64 ripas_change(u64 base, u64 top, enum ripas to, bool destroyed_too)
{
	u64 end = walk_end(base, top, to, destroyed_too);
	u64 first = base > ram.start ? base : ram.start, last = end < ram.end ? end : ram.end;

	if (to == RIPAS_RAM) {
		make_ram(first, last);
	} else {
		realm_make_empty(first, last);
		empty_device(base, end);
	}
	return end;
}

void ripas_destroy(u64 ipa)
{
	u64 page = ipa & ~(PAGE - 1);

	if (ripas_of(page) == RIPAS_EMPTY)
		close_upper(page);
	stage2_clear(page, POISONED);
	stage2_flush();
	smmu_sync();
	fill_page(page, 0);
}

/* The host takes the page of a RAM address away (Documentation/spec/rsi.rst). */
bool realm_destroy(u64 ipa)
{
	if (!span_has(&ram, ipa) || ripas_of(ipa) != RIPAS_RAM)
		return false;
	ripas_destroy(ipa);
	return true;
}

/*
 * The host cannot repair a DESTROYED page, nor end the wait for it (Documentation/spec/rsi.rst): a real vCPU would
 * never come back.
 */
static void __attribute__((noreturn)) fail_wedged(const char *who, u64 ipa)
{
	fail("realm: %s DESTROYED memory at 0x%lx: that vCPU never comes back", who, ipa);
}

bool realm_buffer(u64 ipa, u64 size)
{
	if (!size || ipa >= realm_half() || size > realm_half() - ipa)
		return false;
	for (u64 page = ipa & ~(PAGE - 1); page < ipa + size; page += PAGE) {
		enum ripas ripas = ripas_of(page);

		if (ripas == RIPAS_DESTROYED)
			fail_wedged("a call's buffer is in", page);
		if (ripas != RIPAS_RAM)
			return false;
	}
	return true;
}

u64 realm_pa(u64 ipa)
{
	if (!stage2_touch(ipa))
		fail("no page behind 0x%lx", ipa);
	return ipa;
}

/* A host may map what it likes in its half: then what should have been a fault of the guest's is none. */
static bool touch_upper(u64 ipa)
{
	if (stage2_state(ipa) == SHARED)
		return true;
	if (!rmm->maps_upper)
		return false;
	if (stage2_state(ipa) == OWNED)
		return true;
	count.strayed++;
	fill_page(mirror_of(ipa & ~(PAGE - 1)), opt.poison * POISON_WORD);
	return stage2_set(ipa, OWNED);
}

/* RAM, by either address, that was not mapped when it was touched. */
enum verdict realm_touch(struct vcpu *vcpu, u64 ipa)
{
	u64 lower = ipa & ~realm_half();
	bool there;

	(void)vcpu;
	lock();
	there = is_upper(ipa) ? touch_upper(ipa) : stage2_touch(ipa);
	unlock();
	if (there)
		return RESUME;
	if (!is_upper(ipa) && ripas_of(lower) == RIPAS_DESTROYED)
		fail_wedged("touched", ipa);
	return blocked();
}

/* Devices are in the upper half, the doorbell in both, and a protected one in the lower half alone. */
bool realm_device(u64 *ipa)
{
	bool upper = is_upper(*ipa), protected;

	if (*ipa >> opt.ipa_bits)
		return false;
	*ipa &= ~realm_half();
	protected = ripas_of(*ipa) == RIPAS_DEV;
	return (*ipa & ~(PAGE - 1)) == DOORBELL_IPA || upper != protected;
}

/* All is RAM and unmapped but for what the options want otherwise. */
void realm_init(void)
{
	u64 visible = ram.end - (opt.hidden_ram << 20);
	const struct span *device = &opt.protected_mmio, forgotten = ragged_forgotten();

	if ((device->start | device->end) & (PAGE - 1) || (device->start < ram.end && ram.start < device->end))
		fail("option protected_mmio: whole pages that are no RAM");
	if (opt.destroyed.told && !span_has(&ram, opt.destroyed.value))
		fail("option destroyed=0x%lx: no RAM", opt.destroyed.value);
	if (ram.end > realm_half())
		fail("%lu MiB of RAM do not fit into the lower half of %lu bits", (ram.end - ram.start) >> 20,
		     opt.ipa_bits);
	realm_make_empty(visible, ram.end);
	realm_make_empty(forgotten.start, forgotten.end);
	if (opt.destroyed.told)
		ripas_destroy(opt.destroyed.value);
}

void realm_report(struct json *j)
{
	u64 granules[4] = { 0 };

	for (u64 page = ram.start; page < ram.end; page += PAGE)
		granules[ripas_of(page)]++;
	json_number(j, "ipa_bits", opt.ipa_bits);
	json_string(j, "character", rmm->name);
	json_string(j, "rmm", rmm->shape);
	json_string(j, "hash", opt.hash);
	json_open(j, "ripas", '{');
	json_number(j, "ram", granules[RIPAS_RAM]);
	json_number(j, "empty", granules[RIPAS_EMPTY]);
	json_number(j, "destroyed", granules[RIPAS_DESTROYED]);
	json_close(j, '}');
	json_open(j, "image", '{');
	json_hex(j, "start", image.start);
	json_number(j, "size", image.end - image.start);
	json_close(j, '}');
	json_open(j, "initrd", '{');
	json_hex(j, "start", initrd.start);
	json_number(j, "size", initrd.end - initrd.start);
	json_close(j, '}');
	json_number(j, "its_poisoned", count.its_poisoned);
	json_number(j, "strayed", count.strayed);
}
