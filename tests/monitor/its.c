// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ITS and the redistributors read guest memory by themselves, past the SMMU, where a real host's vgic
 * could not. So the tables are looked at when they come into use, and again when a granule is unshared:
 * one that the host cannot see is counted, and the guest gets no LPI from then on.
 *
 * Refused means: the ITS is off for good, takes commands without doing anything (vgic drops those it cannot
 * read, too), and reads back what the guest wrote; EnableLPIs of a redistributor is not passed on.
 *
 * A realm names its tables by their lower addresses, and what is read is the mirror (Documentation/spec/rsi.rst):
 * addresses are redirected on their way to the machine and put back on their way to the guest. Two exceptions: a
 * first level of the device table keeps the redirected address, and a MAPD has it while the ITS carries it out.
 *
 * Source of registers, commands and table formats: Arm IHI 0069, GICv3 architecture.
 */
#include "count.h"
#include "device.h"
#include "memory.h"
#include "options.h"

#define GITS_CTLR		0x0000
#define GITS_TYPER		0x0008
#define GITS_CBASER		0x0080
#define GITS_CWRITER		0x0088
#define GITS_CREADR		0x0090
#define GITS_BASER(n)		(0x0100 + 8 * (n))
#define GITS_BASERS		8
#define CTLR_ENABLED		BIT(0)
#define CTLR_QUIESCENT		BIT(31)

#define GICR_CTLR		0x0000
#define GICR_PROPBASER		0x0070
#define GICR_PENDBASER		0x0078
#define ENABLE_LPIS		BIT(0)
#define GICD_TYPER		0x08000004
#define FIRST_LPI		8192

#define BASE_VALID		BIT(63)
#define BASE_INDIRECT		BIT(62)
#define BASE_TYPE(base)		((base) >> 56 & 7)
#define TYPE_DEVICES		1
#define BASE_ENTRY(base)	(((base) >> 48 & 31) + 1)
#define L1_VALID		BIT(63)

#define ADDRESS			MASK(47, 12)	/* nothing is above 48 bits; an ITT's offset in its page stays */

#define COMMAND_SIZE		32
#define CMD_OF(word0)		((word0) & 0xff)
#define CMD_MAPD		0x08
#define CMD_MAPC		0x09
#define CMD_SYNC		0x05
#define CMD_INVALL		0x0d
#define CMD_MOVALL		0x0e
#define CMD_VALID		BIT(63)		/* of word 2 */

#define ITTS			256
#define KEPT			8

static struct span itts[ITTS];		/* with the device's number in itt_device */
static u32 itt_device[ITTS];
static u32 nr_itts;

static bool dead;			/* refused: the ITS is off for good */
static u64 dead_writer, dead_ctlr;
static bool lpis_on[NR_CPUS];

static struct {
	const char *what;
	u64 address;
} found[KEPT];

static bool is_base(u64 offset)
{
	return (offset & ~7UL) == GITS_CBASER ||
	       (offset >= GITS_BASER(0) && offset < GITS_BASER(GITS_BASERS));
}

/* An address in a register, a command or a table entry: the machine's for the guest's, and back. */
static u64 to_machine(u64 value)
{
	u64 address = value & ADDRESS;

	if (!is_realm() || !span_has(&ram, address))
		return value;
	return (value & ~ADDRESS) | mirror_of(address);
}

static u64 to_guest(u64 value)
{
	return is_realm() ? (value & ~ADDRESS) | unmirror(value & ADDRESS) : value;
}

/* Where the machine has what the guest calls @ipa. */
static u64 *memory_of(u64 ipa)
{
	return (u64 *)(is_realm() && span_has(&ram, ipa) ? mirror_of(ipa) : ipa);
}

/* A register with an address in it, in whole or by halves. */
static enum mmio_result base_access(struct mmio *m)
{
	u64 reg = m->ipa & ~7UL, shift = 8 * (m->ipa & 7), value = to_guest(device_read(reg, 3));
	u64 mask = m->log2_size == 3 ? ~0UL : 0xffffffffUL << shift;

	if (!is_realm() || m->log2_size < 2)
		return MMIO_PASS;
	if (m->write)
		device_write(reg, 3, to_machine((value & ~mask) | (m->value << shift & mask)));
	else
		m->value = value >> shift;
	return MMIO_DONE;
}

static u64 its_reg(u64 offset)
{
	u64 value = device_read(ITS_BASE + offset, 3);

	return is_base(offset) ? to_guest(value) : value;
}

static bool its_is_on(void)
{
	return device_read(ITS_BASE + GITS_CTLR, 2) & CTLR_ENABLED;
}

static bool open_to_host(u64 start, u64 size)
{
	for (u64 page = start & ~(PAGE - 1); page < start + size; page += PAGE)
		if (is_realm() ? !span_has(&ram, page) || ripas_of(page) != RIPAS_EMPTY : stage2_state(page) != SHARED)
			return false;
	return true;
}

/* A table must be zero before the ITS gets it; the host's poison shows one that was not since it was shared. */
static void look_for_poison(u64 start, u64 size)
{
	if (!is_realm() || !opt.poison || !open_to_host(start, size))
		return;
	for (u64 *p = memory_of(start); p < memory_of(start) + size / 8; p++)
		if (*p == opt.poison * POISON_WORD) {
			count.its_poisoned++;
			return;
		}
}

/* True when the host can see the whole table; else it is counted. */
static bool check_memory(const char *what, u64 start, u64 size)
{
	if (open_to_host(start, size))
		return true;
	if (count.blocked_its < KEPT) {
		found[count.blocked_its].what = what;
		found[count.blocked_its].address = start;
	}
	count.blocked_its++;
	return false;
}

static u64 table_page(u64 base)
{
	static const u64 sizes[] = { 4096, 16384, 65536, 65536 };

	return sizes[base >> 8 & 3];
}

/* 64 KiB pages keep address bits [51:48] in [15:12]. */
static u64 table_address(u64 base)
{
	if (table_page(base) == 65536)
		return (base & MASK(47, 16)) | (base >> 12 & 15) << 48;
	return base & MASK(47, 12);
}

static u64 table_size(u64 base)
{
	return ((base & 0xff) + 1) * table_page(base);
}

static struct span command_queue(void)
{
	u64 base = its_reg(GITS_CBASER), start = base & MASK(51, 12);

	return (struct span){ start, start + ((base & 0xff) + 1) * PAGE };
}

static void tables_clean(void)
{
	for (u32 n = 0; n < GITS_BASERS; n++) {
		u64 base = its_reg(GITS_BASER(n));

		if (base & BASE_VALID)
			look_for_poison(table_address(base), table_size(base));
	}
}

static bool tables_open(void)
{
	struct span q = command_queue();
	bool ok = check_memory("command queue", q.start, q.end - q.start);

	for (u32 n = 0; n < GITS_BASERS; n++) {
		u64 base = its_reg(GITS_BASER(n));

		if (base & BASE_VALID)
			ok &= check_memory(BASE_TYPE(base) == TYPE_DEVICES ? "device table" : "collection table",
				    table_address(base), table_size(base));
	}
	return ok;
}

/* The ITS looks at it again at each interrupt, so that a redirected address stays in it. */
static bool level2_entry(u64 *l1, u64 size)
{
	u64 entry = to_guest(*l1);
	bool ok = check_memory("level 2 device table", entry & MASK(51, 12), size);

	if (is_realm() && *l1 == entry) {
		look_for_poison(entry & MASK(51, 12), size);
		*l1 = to_machine(entry);
	}
	return ok;
}

/* A two-level device table: the page that this device's entry is in. The first level was checked already. */
static bool level2_open(u32 device)
{
	for (u32 n = 0; n < GITS_BASERS; n++) {
		u64 base = its_reg(GITS_BASER(n)), index, *l1;

		if (!(base & BASE_VALID) || !(base & BASE_INDIRECT) || BASE_TYPE(base) != TYPE_DEVICES)
			continue;
		index = device / (table_page(base) / BASE_ENTRY(base));
		l1 = memory_of(table_address(base)) + index;
		if (index < table_size(base) / 8 && (*l1 & L1_VALID))
			return level2_entry(l1, table_page(base));
	}
	return true;
}

static void forget_itt(u32 device)
{
	for (u32 i = 0; i < nr_itts; i++)
		if (itt_device[i] == device) {
			nr_itts--;
			itts[i] = itts[nr_itts];
			itt_device[i] = itt_device[nr_itts];
			return;
		}
}

/* MAPD: word 1 [4:0] = event bits - 1, word 2 [51:8] = address, 63 = valid */
static bool map_device(u32 device, const volatile u64 *cmd)
{
	u64 entry = (its_reg(GITS_TYPER) >> 4 & 15) + 1, start = cmd[2] & MASK(51, 8);
	u64 size = (2UL << (cmd[1] & 31)) * entry;

	forget_itt(device);
	if (!(cmd[2] & CMD_VALID))
		return true;
	if (nr_itts == ITTS)
		return false;
	itt_device[nr_itts] = device;
	itts[nr_itts++] = (struct span){ start, start + size };
	look_for_poison(start, size);
	return check_memory("interrupt translation table", start, size);
}

static bool names_device(u64 cmd)
{
	return cmd != CMD_MAPC && cmd != CMD_SYNC && cmd != CMD_INVALL && cmd != CMD_MOVALL;
}

static bool command_ok(const volatile u64 *cmd)
{
	u64 word0 = cmd[0];
	u32 device = word0 >> 32;

	if (names_device(CMD_OF(word0)) && !level2_open(device))
		return false;
	return CMD_OF(word0) != CMD_MAPD || map_device(device, cmd);
}

/* The next command in the queue after *at, or none; the guest may have written any number to CWRITER. */
static volatile u64 *next_command(const struct span *q, u64 *at, u64 writer)
{
	u64 size = q->end - q->start, here = *at;

	writer &= MASK(19, 5);
	if (here == writer || here >= size || writer >= size)
		return NULL;
	*at = (here + COMMAND_SIZE) % size;
	return memory_of(q->start + here);
}

static bool commands_ok(u64 writer)
{
	struct span q = command_queue();
	u64 at = its_reg(GITS_CREADR) & MASK(19, 5);
	bool ok = true;

	for (volatile u64 *cmd; (cmd = next_command(&q, &at, writer)); )
		ok &= command_ok(cmd);
	return ok;
}

static void redirect_itts(const struct span *q, u64 at, u64 writer, u64 (*how)(u64))
{
	for (volatile u64 *cmd; (cmd = next_command(q, &at, writer)); )
		if (CMD_OF(cmd[0]) == CMD_MAPD)
			cmd[2] = how(cmd[2]);
}

/* QEMU's ITS is done with its queue when the write that moved it returns. */
static void carry_out(const struct mmio *m)
{
	struct span q = command_queue();
	u64 first = its_reg(GITS_CREADR) & MASK(19, 5);
	u64 writer = m->ipa == ITS_BASE + GITS_CWRITER ? m->value : its_reg(GITS_CWRITER);

	redirect_itts(&q, first, writer, to_machine);
	device_write(m->ipa, m->log2_size, m->value);
	redirect_itts(&q, first, writer, to_guest);
}

static void report_poison(void)
{
	if (!dead)
		say("ITS: a table is private, no LPIs for this guest");
	dead_ctlr = its_is_on();
	dead_writer = its_reg(GITS_CWRITER);
	dead = true;
	device_write(ITS_BASE + GITS_CTLR, 2, 0);
}

static enum mmio_result dead_access(struct mmio *m)
{
	u64 offset = m->ipa - ITS_BASE;

	if (m->write && offset == GITS_CWRITER)
		dead_writer = m->value & MASK(19, 5);
	if (m->write && offset == GITS_CTLR)
		dead_ctlr = m->value & CTLR_ENABLED;
	if (m->write)
		return MMIO_DONE;
	if (offset == GITS_CWRITER || offset == GITS_CREADR)
		m->value = dead_writer;
	else if (offset == GITS_CTLR)
		m->value = dead_ctlr & CTLR_ENABLED ? CTLR_ENABLED : CTLR_QUIESCENT;
	else
		return MMIO_PASS;
	return MMIO_DONE;
}

static bool new_commands(const struct mmio *m)
{
	return m->ipa == ITS_BASE + GITS_CWRITER && (m->value ^ its_reg(GITS_CREADR)) & MASK(19, 5);
}

/* The control frame. Tables are checked when they come into use: at the enable, and at each batch of commands. */
enum mmio_result its_access(struct vcpu *vcpu, struct mmio *m)
{
	u64 offset = m->ipa - ITS_BASE;
	bool use = m->write && ((offset == GITS_CTLR && (m->value & CTLR_ENABLED)) || new_commands(m));
	enum mmio_result result = MMIO_PASS;

	(void)vcpu;
	if (gits_lies(m, offset, is_base(offset) ? its_reg(offset) : 0))
		return MMIO_DONE;
	if (!protected_vm())
		return MMIO_PASS;
	if (is_base(offset))
		return base_access(m);
	if (!use && !dead)
		return MMIO_PASS;
	lock();
	if (!dead && use && offset == GITS_CTLR)
		tables_clean();
	if (!dead && (!tables_open() || (offset == GITS_CWRITER && !commands_ok(m->value))))
		report_poison();
	if (dead)
		result = dead_access(m);
	if (!dead && use && is_realm()) {
		carry_out(m);
		result = MMIO_DONE;
	}
	unlock();
	return result;
}

/* Of the two that have an address. */
static u64 redist_reg(u32 cpu, u64 offset)
{
	return to_guest(device_read(REDIST_BASE + cpu * 0x20000UL + offset, 3));
}

/* As many LPIs as PROPBASER says and the distributor knows; a byte each in one table, a bit in the other. */
static bool lpi_tables_open(u32 cpu)
{
	u64 prop = redist_reg(cpu, GICR_PROPBASER), pend = redist_reg(cpu, GICR_PENDBASER);
	u64 bits = (prop & 31) + 1, known = (device_read(GICD_TYPER, 2) >> 19 & 31) + 1;
	u64 ids = BIT(bits < known ? bits : known);
	bool ok = ids <= FIRST_LPI || check_memory("LPI property table", prop & MASK(51, 12), ids - FIRST_LPI);

	return check_memory("LPI pending table", pend & MASK(51, 16), ids / 8) && ok;
}

enum mmio_result redist_access(struct vcpu *vcpu, struct mmio *m)
{
	u32 cpu = (m->ipa - REDIST_BASE) / 0x20000;
	u64 offset = (m->ipa - REDIST_BASE) % 0x20000;

	(void)vcpu;
	if (gicr_lies(m, cpu, offset))
		return MMIO_DONE;
	if (protected_vm() && ((offset & ~7UL) == GICR_PROPBASER || (offset & ~7UL) == GICR_PENDBASER))
		return base_access(m);
	if (!protected_vm() || !m->write || offset != GICR_CTLR || cpu >= nr_cpus)
		return MMIO_PASS;
	lock();
	if (!lpis_on[cpu] && (m->value & ENABLE_LPIS))
		look_for_poison(redist_reg(cpu, GICR_PENDBASER) & MASK(51, 16), 8192);
	lpis_on[cpu] = m->value & ENABLE_LPIS;
	if (lpis_on[cpu] && !lpi_tables_open(cpu)) {
		lpis_on[cpu] = false;
		m->value &= ~ENABLE_LPIS;
	}
	unlock();
	return MMIO_PASS;
}

static bool its_overlaps(struct span *s, u64 ipa, u64 size)
{
	return s->start < ipa + size && ipa < s->end;
}

static bool still_open(u64 ipa, u64 size)
{
	bool ok = tables_open();

	for (u32 i = 0; i < nr_itts; i++)
		if (its_overlaps(&itts[i], ipa, size))
			ok &= check_memory("interrupt translation table", itts[i].start, itts[i].end - itts[i].start);
	for (u32 cpu = 0; cpu < nr_cpus; cpu++)
		ok &= !lpis_on[cpu] || lpi_tables_open(cpu);
	return ok;
}

/* Under the lock, at each unshare. */
void its_unshared(u64 ipa, u64 size)
{
	if (!dead && its_is_on() && !still_open(ipa, size))
		report_poison();
}

void its_report(struct json *j)
{
	json_open(j, "its_tables", '[');
	for (u64 i = 0; i < count.blocked_its && i < KEPT; i++) {
		json_open(j, NULL, '{');
		json_string(j, "table", found[i].what);
		json_hex(j, "address", found[i].address);
		json_close(j, '}');
	}
	json_close(j, ']');
}
