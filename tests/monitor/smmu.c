// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SMMUv3 in front of PCI: every requester ID has the same stage 1 tables, which hold the shared
 * granules at their own addresses (in a realm: the upper ones, of the mirror), and the ITS's doorbell so
 * that MSIs arrive. What a device does elsewhere is a translation fault: it goes nowhere and is counted.
 *
 * Source of registers, STE, CD, commands and events: Arm IHI 0070, SMMUv3 architecture.
 */
#include "count.h"
#include "device.h"
#include "memory.h"
#include "options.h"

#define CR0		0x20
#define CR0_SMMUEN	BIT(0)
#define CR0_EVENTQEN	BIT(2)
#define CR0_CMDQEN	BIT(3)
#define CR0ACK		0x24
#define CR1		0x28
#define CR1_CACHED	0xd75		/* tables and queues inner shareable, write-back */
#define CR2		0x2c
#define STRTAB_BASE	0x80
#define STRTAB_BASE_CFG	0x88
#define STRTAB_2LEVEL	BIT(16)
#define CMDQ_BASE	0x90
#define CMDQ_PROD	0x98
#define CMDQ_CONS	0x9c
#define EVENTQ_BASE	0xa0
#define EVENTQ_PROD	0x100a8
#define EVENTQ_CONS	0x100ac

#define SID_BITS	16
#define SPLIT		8		/* 256 level 1 entries, all the same table of 256 equal STEs */
#define SPAN		(SPLIT + 1)

#define STE_VALID	BIT(0)
#define STE_S1_TRANS	(5UL << 1)
#define STE_CACHED	(1UL << 2 | 1UL << 4 | 3UL << 6)	/* S1CIR, S1COR, S1CSH */
#define STE_SHCFG_IN	(1UL << 44)

#define INPUT_BITS	39		/* one level 1 table, three levels */
#define INPUT_BITS_REALM 48		/* one level 0 table above: devices use the upper half; all that there is */
#define CD_CACHED	(1UL << 8 | 1UL << 10 | 3UL << 12)
#define CD_EPD1		BIT(30)
#define CD_VALID	BIT(31)
#define CD_IPS_40	(2UL << 32)
#define CD_AA64		BIT(41)
#define CD_RECORD	BIT(45)
#define CD_ABORT	BIT(46)
#define CD_ASID		(1UL << 48)

#define PTE_TABLE	3UL
#define PTE_PAGE	3UL
#define PTE_UNPRIV	BIT(6)		/* devices are unprivileged */
#define PTE_INNER	(3UL << 8)
#define PTE_AF		BIT(10)
#define PTE_NOT_GLOBAL	BIT(11)
#define PTE_ADDRESS	MASK(47, 12)

#define CMD_CFGI_ALL	0x04
#define CMD_TLBI_NH_ALL	0x10
#define CMD_TLBI_NH_VA	0x12
#define CMD_SYNC	0x46

#define CMDS_LOG2	8
#define EVENTS_LOG2	9
#define WRAP(log2)	(2UL << (log2))
#define FAULTS_KEPT	8
#define TRIES		1000000
#define BATCH		128		/* unmaps before they are waited for; less than the queue has */

static u64 l1_strtab[1 << (SID_BITS - SPLIT)] __attribute__((aligned(4096)));
static u64 stes[1 << SPLIT][8] __attribute__((aligned(16384)));
static u64 cd[8] __attribute__((aligned(64)));
static u64 root[512] __attribute__((aligned(4096)));
static u64 cmds[1 << CMDS_LOG2][2] __attribute__((aligned(4096)));
static volatile u64 events[1 << EVENTS_LOG2][4] __attribute__((aligned(16384)));
static u32 cmd_prod, queued, event_cons;
static bool enabled;

static struct fault {
	u32 stream, type;
	u64 address;
	bool write;
} faults[FAULTS_KEPT];

static volatile u32 *write_reg32(u64 offset)
{
	return (volatile u32 *)(SMMU_BASE + offset);
}

static volatile u64 *write_reg64(u64 offset)
{
	return (volatile u64 *)(SMMU_BASE + offset);
}

static void wait_for(u64 offset, u32 mask, u32 value, const char *what)
{
	for (int i = 0; i < TRIES; i++)
		if ((*write_reg32(offset) & mask) == value)
			return;
	fail("SMMU: %s does not end", what);
}

static void send_command(u64 low, u64 high)
{
	u64 *slot = cmds[cmd_prod & ((1 << CMDS_LOG2) - 1)];

	slot[0] = low;
	slot[1] = high;
	cmd_prod = (cmd_prod + 1) & (WRAP(CMDS_LOG2) - 1);
}

/* Hands over what was queued, and waits until it has been done. */
void smmu_sync(void)
{
	queued = 0;
	if (!enabled)
		return;
	send_command(CMD_SYNC, 0);
	barrier_all();
	*write_reg32(CMDQ_PROD) = cmd_prod;
	wait_for(CMDQ_CONS, WRAP(CMDS_LOG2) - 1, cmd_prod, "CMD_SYNC");
}

static u64 *next_table(u64 *table, u64 index)
{
	if (!(table[index] & 1))
		table[index] = (u64)pages_must(1, "the SMMU's tables") | PTE_TABLE;
	return (u64 *)(table[index] & PTE_ADDRESS);
}

static u64 *entry_of(u64 ipa)
{
	u64 *table = root;

	if (is_realm())
		table = next_table(table, ipa >> 39 & 511);
	table = next_table(table, ipa >> 30 & 511);
	table = next_table(table, ipa >> 21 & 511);
	return &table[ipa >> 12 & 511];
}

/* Wider addresses no device of this machine can have: fdt.c takes PCI away. */
static bool too_wide(u64 address)
{
	return is_realm() && address >> INPUT_BITS_REALM;
}

void smmu_map(u64 address, u64 pa)
{
	if (too_wide(address))
		return;
	*entry_of(address) = (pa & PTE_ADDRESS) | PTE_PAGE | PTE_UNPRIV | PTE_INNER | PTE_AF | PTE_NOT_GLOBAL;
	asm volatile("dsb sy" : : : "memory");
}

/* Not done until smmu_sync() has returned. */
void smmu_unmap(u64 ipa)
{
	if (too_wide(ipa))
		return;
	*entry_of(ipa) = 0;
	send_command(CMD_TLBI_NH_VA | CD_ASID, ipa & ~(PAGE - 1));
	if (++queued == BATCH)
		smmu_sync();
}

/* Event record: type in [7:0], StreamID in [63:32] of word 0; RnW is bit 35 of word 1, the address word 2. */
static void take_event(volatile u64 *event)
{
	if (count.blocked_dma < FAULTS_KEPT)
		faults[count.blocked_dma] = (struct fault){
			.stream = event[0] >> 32,
			.type = event[0] & 0xff,
			.address = event[2],
			.write = !(event[1] >> 35 & 1),
		};
	count.blocked_dma++;
	event[0] = 0;
}

static volatile u64 *next_event(void)
{
	return events[event_cons & ((1 << EVENTS_LOG2) - 1)];
}

/* No event has type 0, so that a look at our own memory is enough to know that there is none. */
void smmu_poll(void)
{
	static u32 busy;

	if (!(next_event()[0] & 0xff) || __atomic_exchange_n(&busy, 1, __ATOMIC_ACQUIRE))
		return;
	while (next_event()[0] & 0xff) {
		take_event(next_event());
		event_cons = (event_cons + 1) & (WRAP(EVENTS_LOG2) - 1);
		*write_reg32(EVENTQ_CONS) = event_cons | (*write_reg32(EVENTQ_PROD) & BIT(31));
	}
	__atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
}

static void make_tables(void)
{
	cd[0] = (64 - (is_realm() ? INPUT_BITS_REALM : INPUT_BITS)) | CD_CACHED | CD_EPD1 | CD_VALID | CD_IPS_40 |
		CD_AA64 | CD_RECORD | CD_ABORT | CD_ASID;
	cd[1] = (u64)root;
	cd[3] = 0xff;			/* MAIR: attribute 0 is write-back memory */
	for (u32 i = 0; i < ARRAY_SIZE(stes); i++) {
		stes[i][0] = STE_VALID | STE_S1_TRANS | (u64)cd;
		stes[i][1] = STE_CACHED | STE_SHCFG_IN;
	}
	for (u32 i = 0; i < ARRAY_SIZE(l1_strtab); i++)
		l1_strtab[i] = (u64)stes | SPAN;
	smmu_map(ITS_TRANSLATER, ITS_TRANSLATER);
	if (is_realm())
		smmu_map(ITS_TRANSLATER | realm_half(), ITS_TRANSLATER);
}

static void enable_smmu(u32 cr0)
{
	*write_reg32(CR0) = cr0;
	wait_for(CR0ACK, cr0, cr0, "CR0");
}

void smmu_init(void)
{
	make_tables();
	if (!protected_vm())
		for (u64 ipa = ram.start; ipa < ram.end; ipa += PAGE)
			smmu_map(ipa, ipa);
	*write_reg32(CR1) = CR1_CACHED;
	*write_reg32(CR2) = 0;
	*write_reg64(STRTAB_BASE) = (u64)l1_strtab;
	*write_reg32(STRTAB_BASE_CFG) = STRTAB_2LEVEL | SPLIT << 6 | SID_BITS;
	*write_reg64(CMDQ_BASE) = (u64)cmds | CMDS_LOG2;
	*write_reg32(CMDQ_PROD) = 0;
	*write_reg32(CMDQ_CONS) = 0;
	*write_reg64(EVENTQ_BASE) = (u64)events | EVENTS_LOG2;
	*write_reg32(EVENTQ_PROD) = 0;
	*write_reg32(EVENTQ_CONS) = 0;
	enable_smmu(CR0_CMDQEN);
	enabled = true;
	send_command(CMD_CFGI_ALL, 31);	/* range 31: all */
	send_command(CMD_TLBI_NH_ALL, 0);
	smmu_sync();
	enable_smmu(CR0_CMDQEN | CR0_EVENTQEN);
	enable_smmu(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
}

void smmu_report(struct json *j)
{
	json_open(j, "dma_faults", '[');
	for (u64 i = 0; i < count.blocked_dma && i < FAULTS_KEPT; i++) {
		json_open(j, NULL, '{');
		json_hex(j, "stream", faults[i].stream);
		json_hex(j, "address", faults[i].address);
		json_string(j, "access", faults[i].write ? "write" : "read");
		json_hex(j, "event", faults[i].type);
		json_close(j, '}');
	}
	json_close(j, ']');
}
