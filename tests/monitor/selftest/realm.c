// SPDX-License-Identifier: GPL-2.0-only
/*
 * A realm that holds the monitor to Documentation/spec/rsi.rst, section by section; and, one at a time, to the lies
 * that its options promise: the host's -append "selftest=NAME" says which one is under test. "rmm=tf" there says that
 * the RMM is to be like TF-RMM.
 */
#include "selftest.h"

#define VERSION		0xc4000190
#define FEATURES	0xc4000191
#define MEASURE_READ	0xc4000192
#define MEASURE_EXTEND	0xc4000193
#define TOKEN_INIT	0xc4000194
#define TOKEN_CONTINUE	0xc4000195
#define CONFIG		0xc4000196
#define STATE_SET	0xc4000197
#define STATE_GET	0xc4000198
#define HOST_CALL	0xc4000199

#define SUCCESS		0
#define INPUT		1
#define STATE		2
#define INCOMPLETE	3

enum { EMPTY, RAM, DESTROYED, DEV };

#define V1_0		0x10000
#define V1_1		0x10001
#define KEPT(n)		(0xabcd000000000000 + (n))

#define RAM_START	0x42000000UL
#define PAGE		4096UL

#define EA		(1UL << 9)
#define WNR		(1UL << 6)
#define FNV_S1PTW	(1UL << 10 | 1UL << 7)
#define EC(esr)		((esr) >> 26)
#define SEA_DATA	0x25
#define SEA_FETCH	0x21

static u64 half, ram_end, config[512] __attribute__((aligned(4096)));
static u64 x[18];
static bool second_continues, tf;
static bool is_sha384;		/* which TF-RMM does not say */

/* What the second CPU started with */
static u64 second_x[31], second_tpidr, second_fp, last_x[18];

static void rsi_call(u64 fid, u64 a1, u64 a2, u64 a3, u64 a4)
{
	for (u32 i = 0; i < 18; i++)
		x[i] = KEPT(i);
	x[0] = fid;
	x[1] = a1;
	x[2] = a2;
	x[3] = a3;
	x[4] = a4;
	smc_registers(x);
}

/* What is no result and no argument survives; X1 to X3 come back 0 where they are no results (2.3). */
static void check_kept(u32 first, const char *what)
{
	u64 changed = 0;

	for (u32 i = first; i < 18; i++)
		changed |= x[i] != KEPT(i);
	check(changed, 0, what);
}

static void ripas_set(u64 base, u64 top, u64 ripas, u64 flags)
{
	rsi_call(STATE_SET, base, top, ripas, flags);
}

static void check_set(u64 r0, u64 r1, u64 r2, const char *what)
{
	check(x[0], r0, what);
	check(x[1], r1, what);
	check(x[2], r2, what);
	check(x[3], 0, what);
	check_kept(5, what);
}

static void ripas_get(u64 base, u64 top)
{
	rsi_call(STATE_GET, base, top, KEPT(3), KEPT(4));
}

static u64 ripas_at(u64 page)
{
	ripas_get(page, page + PAGE);
	return x[0] ? ~0UL : x[2];
}

static void share_range(u64 base, u64 top)
{
	ripas_set(base, top, EMPTY, 1);
	check_set(SUCCESS, top, 0, "to EMPTY");
}

/* The realm's own abort (9, 18.2): EC and EA are new, FSC is external, FnV and S1PTW are gone, WnR is kept. */
static void check_sea(u64 esr, u64 class, u64 address, bool write, const char *what)
{
	check(EC(esr), class, what);
	check(esr & 0x3f, 0x10, what);
	check(esr & (EA | FNV_S1PTW), EA, what);
	check(!!(esr & WNR), write, what);
	check(taken.far, address, what);
}

#define CHECK_SEA_READ(address, what)	check_sea(EXCEPTION(mmio_read64(address)), SEA_DATA, address, false, what)
#define CHECK_SEA_WRITE(address, what)	check_sea(EXCEPTION(mmio_write64(address, 1)), SEA_DATA, address, true, what)
#define CHECK_SEA_FETCH(address, what)	\
	check_sea(EXCEPTION(((void (*)(void))(address))()), SEA_FETCH, address, false, what)

/* 2.1, 2.3, 5.1 */
static void test_conduit(void)
{
	check(EXCEPTION(call(false, VERSION, V1_0, 0, 0)), UNDEFINED, "HVC is undefined");
	check(*(volatile u32 *)(taken.elr - 4), HVC_0, "behind the HVC");
	check(EXCEPTION(call(false, 0x84000000, 0, 0, 0)), UNDEFINED, "PSCI by HVC too");
	rsi_call(VERSION | 1 << 16, V1_0, 0, 0, KEPT(4));
	check(x[0], SUCCESS, "the SVE hint is ignored");
	check_kept(4, "X4 to X17 survive");
	rsi_call(0x1234567800000000 | VERSION, V1_0, 0, 0, KEPT(4));
	check(x[0], SUCCESS, "32 bits of the number count");
	for (u32 fid = 0xc400019a; fid <= 0xc40001af; fid++) {
		rsi_call(fid, KEPT(1), KEPT(2), KEPT(3), KEPT(4));
		check(x[0], -1, "no call of 1.1");
		check_kept(4, "X4 to X17 survive it");
	}
	rsi_call(0xc40001bf, 0, 0, 0, KEPT(4));
	check(x[0], -1, "nor one of EL3's");
}

/* 2.2 */
static void test_services(void)
{
	check(call(true, 0x80000000, 0, 0, 0).r0, 0x10002, "SMCCC 1.2");
	check(call(true, 0x80000001, 0x80008000, 0, 0).r0, -1, "no ARCH_FEATURES");
	check(call(true, 0x80008000, 0, 0, 0).r0, -1, "no workarounds");
	check(call(true, 0x84000050, 0, 0, 0).r0, -1, "no TRNG");
	check(call(true, 0xc5000020, 0, 0, 0).r0, -1, "no stolen time");
	check(call(true, 0x8600ff01, 0, 0, 0).r0, -1, "no vendor UID");
	check(call(true, 0x86000000, 0, 0, 0).r0, -1, "no vendor FEATURES");
	check(call(true, 0xc6000003, fresh(), 0, 0).r0, -1, "no MEM_SHARE");
}

static void check_version(u64 asked, u64 r0, u64 lower, u64 higher, const char *what)
{
	rsi_call(VERSION, asked, KEPT(2), KEPT(3), KEPT(4));
	check(x[0], r0, what);
	check(x[1], lower, what);
	check(x[2], higher, what);
	check(x[3], 0, what);
	check_kept(4, what);
}

/* 2.5, 4.1, 4.2 */
static void test_version(void)
{
	u64 highest = tf ? V1_1 : V1_0;

	check_version(V1_0, SUCCESS, V1_0, highest, "1.0 is there");
	check_version(V1_1, tf ? SUCCESS : INPUT, highest, highest, "1.1 is not, but for TF-RMM");
	check_version(0x20000, INPUT, highest, highest, "nor 2.0");
	check_version(9, INPUT, highest, highest, "nor 0.9");
	check_version(V1_0, SUCCESS, V1_0, highest, "1.0 still is");
	for (u64 index = 0; index < 3; index++) {
		rsi_call(FEATURES, index, KEPT(2), KEPT(3), KEPT(4));
		check(x[0] | x[1], 0, "no features");
		check(x[2] | x[3], 0, "X2 and X3 are zero");
		check_kept(4, "X4 to X17 survive");
	}
	rsi_call(FEATURES, ~0UL, 0, 0, KEPT(4));
	check(x[0] | x[1], 0, "nor in a register that is not there");
}

static bool is_of_1_1(u32 offset)
{
	return (offset >= 0x10 && offset < 0x1c) || (offset >= 0x20 && offset < 0x28);
}

/* 4.7, 6.1 */
static void test_config(void)
{
	u8 *bytes = (u8 *)config;
	u64 shared = fresh(), untouched = fresh(), others = 0;

	rsi_call(CONFIG, (u64)config + 8, KEPT(2), KEPT(3), KEPT(4));
	check(x[0], INPUT, "CONFIG unaligned");
	check(x[1] | x[2] | x[3], 0, "X1 to X3 are zero on error");
	rsi_call(CONFIG, (u64)config | half, 0, 0, KEPT(4));
	check(x[0], INPUT, "CONFIG in the upper half");
	rsi_call(CONFIG, ~0xfffUL, 0, 0, KEPT(4));
	check(x[0], INPUT, "CONFIG beyond all");
	rsi_call(CONFIG, HOLE, 0, 0, KEPT(4));
	check(x[0], INPUT, "CONFIG where no RAM is");
	share_range(shared, shared + PAGE);
	rsi_call(CONFIG, shared, 0, 0, KEPT(4));
	check(x[0], INPUT, "CONFIG in an EMPTY page");
	rsi_call(CONFIG, untouched, 0, 0, KEPT(4));
	check(x[0], SUCCESS, "CONFIG in a page that is not there yet");
	check(mmio_read64(untouched), config[0], "which is there then");
	for (u32 i = 0; i < 4096; i++)
		bytes[i] = 0x77;
	rsi_call(CONFIG, (u64)config, KEPT(2), KEPT(3), KEPT(4));
	check(x[0] | x[1] | x[2] | x[3], 0, "CONFIG");
	check_kept(4, "X4 to X17 survive");
	check(config[0] >= 32 && config[0] <= 52, true, "a width");
	check(bytes[8] <= (tf ? 1 : 2), true, "a hash");
	for (u32 i = 9; i < 4096; i++)
		others |= (i < 0x200 || i >= 0x240) && !(tf && is_of_1_1(i)) && bytes[i] != 0x77;
	check(others, 0, "what is not defined is not written");
	check(config[2], tf ? 0 : 0x7777777777777777, "what 1.1 defines is, where 1.1 is known");
	check(config[4], config[2], "all of it");
}

/* 4.8: what is wrong with a request */
static void test_set_errors(void)
{
	u64 g = fresh();
	const u64 wrong[][4] = {
		{ g + 8, g + PAGE, RAM, 0 },			/* base unaligned */
		{ g, g + PAGE + 0x800, RAM, 0 },		/* top unaligned */
		{ g, g, RAM, 0 }, { g, g - PAGE, RAM, 0 },	/* nothing, and less */
		{ g | half, (g | half) + PAGE, EMPTY, 1 },	/* upper half */
		{ g, (g | half) + PAGE, EMPTY, 1 },		/* out of the lower half */
		{ half - PAGE, half + PAGE, EMPTY, 1 },
		{ ~0UL << 12, 0, RAM, 0 },			/* around the end */
		{ g, g + PAGE, DESTROYED, 0 }, { g, g + PAGE, DEV, 0 }, { g, g + PAGE, 256, 0 },
	};
	static const u64 loose[][2] = { { 1UL << 32, 0 }, { EMPTY, 2 }, { RAM, 3 }, { RAM, 1UL << 63 } };

	for (u32 i = 0; i < ARRAY_SIZE(wrong); i++) {
		ripas_set(wrong[i][0], wrong[i][1], wrong[i][2], wrong[i][3]);
		check_set(INPUT, 0, 0, "a wrong request");
		check(ripas_at(g), RAM, "changes nothing");
	}
	for (u32 i = 0; i < ARRAY_SIZE(loose); i++) {
		ripas_set(g, g + PAGE, loose[i][0], loose[i][1]);
		if (tf)
			check_set(SUCCESS, g + PAGE, 0, "bits that TF-RMM does not look at");
		else
			check_set(INPUT, 0, 0, "bits that have to be zero");
	}
	ripas_set(g, g + PAGE, RAM, 1);
	for (u32 i = 0; i < 8; i++) {
		ripas_get(wrong[i][0], wrong[i][1]);
		check(x[0], INPUT, "the same of GET");
		check(x[1] | x[2] | x[3], 0, "and no results");
	}
}

/* 7, row by row */
static void test_ripas_matrix(void)
{
	u64 g = fresh(), top = g + 4 * PAGE, mid = g + 2 * PAGE;

	mmio_write64(g, 0x1234);
	ripas_set(g, top, RAM, 0);
	check_set(SUCCESS, top, 0, "RAM to RAM");
	check(mmio_read64(g), 0x1234, "keeps what is there");
	ripas_set(g, top, EMPTY, 0);
	check_set(SUCCESS, top, 0, "RAM to EMPTY, without the flag");
	check(ripas_at(g), EMPTY, "is EMPTY");
	ripas_set(g, top, EMPTY, 1);
	check_set(SUCCESS, top, 0, "EMPTY to EMPTY");
	ripas_set(g, top, RAM, 0);
	check_set(SUCCESS, top, 0, "EMPTY to RAM");
	check(ripas_at(g), RAM, "is RAM");
	check(ring(DOORBELL_STEAL, mid, NULL), 0, "the host destroys a page");
	check(ripas_at(mid), DESTROYED, "is DESTROYED");
	ripas_set(g, top, RAM, 0);
	check_set(SUCCESS, mid, 0, "DESTROYED to RAM without the flag ends there");
	ripas_set(mid, top, RAM, 0);
	check_set(SUCCESS, mid, 0, "or does not begin");
	ripas_set(mid, top, EMPTY, 0);
	check_set(SUCCESS, tf ? top : mid, 0, "to EMPTY neither, but for TF-RMM");
	check(ripas_at(mid), tf ? EMPTY : DESTROYED, "which has done it");
	ripas_set(g, top, RAM, 1);
	check_set(SUCCESS, top, 0, "DESTROYED to RAM with the flag");
	check(ripas_at(mid), RAM, "is RAM again");
	check(EXCEPTION(mmio_read64(mid)), 0, "and can be touched");
	ring(DOORBELL_STEAL, mid, NULL);
	ripas_set(g, top, EMPTY, 1);
	check_set(SUCCESS, top, 0, "DESTROYED to EMPTY with the flag");
	check(ripas_at(mid), EMPTY, "is EMPTY");
	check(ring(DOORBELL_STEAL, mid, NULL), -22, "there is nothing to destroy in an EMPTY page");
	ripas_set(HOLE, HOLE + PAGE, EMPTY, 1);
	check_set(SUCCESS, HOLE + PAGE, 0, "what is no RAM is EMPTY already");
	ripas_set(HOLE, HOLE + PAGE, RAM, 0);
	check_set(SUCCESS, HOLE, 1, "and the host refuses to make it RAM");
	ripas_set(ram_end - PAGE, ram_end + PAGE, RAM, 0);
	check_set(SUCCESS, ram_end, 1, "which shows though RAM came first");
}

/* 4.9 */
static void test_get(void)
{
	u64 g = fresh() & ~0x1fffffUL, middle = g + 0x180000;

	g += 0x200000;
	middle = g + 0x80000;
	share_range(middle, middle + 2 * PAGE);
	ripas_get(g, g + 0x100000);
	check(x[0], SUCCESS, "GET");
	check(x[1], middle, "ends where RIPAS changes");
	check(x[2], RAM, "and says what it is");
	check(x[3], 0, "X3 is zero");
	ripas_get(middle, g + 0x100000);
	check(x[1], middle + 2 * PAGE, "the next run");
	check(x[2], EMPTY, "is EMPTY");
	ripas_get(middle, middle + PAGE);
	check(x[1], middle + PAGE, "no further than asked");
	ripas_get(0x46000000, 0x46600000);
	check(x[1], 0x46200000, "one table at a time");
	ripas_get(0, RAM_START);
	check(x[0], SUCCESS, "GET below RAM");
	check(x[1], 0x200000, "one table of EMPTY, too");
	check(x[2], EMPTY, "is EMPTY");
	ripas_get(0x1ff000, RAM_START);
	check(x[1], 0x200000, "to its end");
	ripas_get(ram_end, half);
	check(x[1], (ram_end | 0x3fffffff) + 1, "and a larger one above it");
	check(x[2], EMPTY, "too");
	ripas_set(middle, middle + 2 * PAGE, RAM, 1);
}

static u64 call_block[32] __attribute__((aligned(256)));

static u64 ask_host(u64 imm, u64 fid)
{
	for (u32 i = 0; i < 32; i++)
		call_block[i] = 0;
	call_block[0] = imm;
	call_block[1] = fid;
	rsi_call(HOST_CALL, (u64)call_block, KEPT(2), KEPT(3), KEPT(4));
	return call_block[1];
}

/* 4.10, 5.2, 6.2 */
static void test_host_call(void)
{
	u64 shared = fresh();

	check(ask_host(0, 0xc500004e), 0x10000, "RHI 1.0");
	check(x[0], SUCCESS, "HOST_CALL");
	check(x[1], (u64)call_block, "X1 stays");
	check_kept(2, "and all else");
	check(ask_host(0, 0xc500004f), 1, "has one feature");
	check(ask_host(0, 0xc5000050), 4096, "the host's granule");
	check(ask_host(0, 0xc5000051), -1, "it knows nothing else");
	check(ask_host(7, 0xc500004e), -1, "not by another number");
	check(call_block[0], 7, "which is left alone");
	check(ask_host(1 << 16, 0xc500004e), tf ? -1 : 0x10000, "16 bits of it count, or 32");
	rsi_call(HOST_CALL, (u64)call_block + 8, KEPT(2), KEPT(3), KEPT(4));
	check(x[0], INPUT, "HOST_CALL unaligned");
	check(x[2] | x[3], tf ? 0 : KEPT(2) | KEPT(3), "changes X0 alone, or X1 to X3 too");
	check_kept(4, "and no more");
	rsi_call(HOST_CALL, (u64)call_block | half, 0, 0, KEPT(4));
	check(x[0], INPUT, "HOST_CALL in the upper half");
	rsi_call(HOST_CALL, HOLE, 0, 0, KEPT(4));
	check(x[0], INPUT, "HOST_CALL where no RAM is");
	share_range(shared, shared + PAGE);
	rsi_call(HOST_CALL, shared, 0, 0, KEPT(4));
	check(x[0], INPUT, "HOST_CALL in an EMPTY page");
}

/* 8.1, 18.1, 18.3: two addresses, two pages */
static void test_halves(void)
{
	u64 g = fresh(), upper = g | half, value;

	mmio_write64(g, 0x5ec2e7);
	if (tf) {
		check(mmio_read64(upper), 0xdbdbdbdbdbdbdbdb, "the upper half of RAM is the host's to map");
		mmio_write64(upper, 0x0dd);
		check(ring(DOORBELL_SCAN, 0x0dd, &value), 0, "SCAN");
		check(value, 1, "finds what was left there");
	} else {
		CHECK_SEA_READ(upper, "the upper half of RAM");
		CHECK_SEA_WRITE(upper, "and to write");
	}
	check(mmio_read64(g), 0x5ec2e7, "leaves the page alone");
	check(ring(DOORBELL_PEEK, g, &value), -14, "the host may not read it");
	check(ring(DOORBELL_PEEK, upper, &value), -14, "by neither address");
	share_range(g, g + PAGE);
	CHECK_SEA_READ(g, "EMPTY");
	CHECK_SEA_WRITE(g + 8, "EMPTY, to write");
	CHECK_SEA_FETCH(g, "EMPTY, to run");
	check(mmio_read64(upper), 0xdbdbdbdbdbdbdbdb, "the upper half is another page, and poisoned");
	mmio_write64(upper, 0xc0ffee);
	check(ring(DOORBELL_PEEK, g, &value), 0, "the host may read that one");
	check(value, 0xc0ffee, "and does");
	check(ring(DOORBELL_SCAN, 0x5ec2e7, &value), 0, "SCAN");
	check(value, 0, "finds nothing of the private page");
	check(ring(DOORBELL_POKE, upper, NULL), 0, "POKE");
	check(mmio_read64(upper) == 0xc0ffee, false, "changes it");
	CHECK_SEA_FETCH(upper, "it is never run");
	mmio_write64(upper, 0xc0ffee);
	ripas_set(g, g + PAGE, RAM, 1);
	check_set(SUCCESS, g + PAGE, 0, "back to RAM");
	check(mmio_read64(g), tf ? 0x5ec2e7 : 0x5a5a5a5a5a5a5a5a, "which has neither content, or its old one");
	if (!tf)
		CHECK_SEA_READ(upper, "the upper half is gone");
	check(ring(DOORBELL_PEEK, g, &value), -14, "for the host's eyes as asked");
	check(ring(DOORBELL_SCAN, 0xc0ffee, &value), 0, "but SCAN");
	check(value, 1, "remembers what it had");
	share_range(g, g + PAGE);
	check(mmio_read64(upper), 0xdbdbdbdbdbdbdbdb, "poison each time");
	mmio_write64(upper + 8, 1);
	share_range(g, g + PAGE);
	check(mmio_read64(upper + 8), 1, "but not when nothing changes");
}

/* 8.4, 9 */
static void test_devices(void)
{
	u64 uart = UART | half, before = counter(COUNTER_BLOCKED_MMIO), a = 0, b, at;

	check(EXCEPTION(mmio_read32(uart + 0xfe0)), 0, "a device in the upper half");
	check(mmio_read32(uart + 0xfe0), 0x11, "answers");
	CHECK_SEA_READ(UART, "a device in the lower half");
	CHECK_SEA_WRITE(RTC, "and another");
	CHECK_SEA_READ(HOLE, "nothing in the lower half");
	CHECK_SEA_FETCH(HOLE, "to run neither");
	CHECK_SEA_FETCH(RTC | half, "nor a device");
	check(mmio_read32(HOLE | half), 0, "nothing in the upper half is emulated");
	at = RTC | half;
	check_sea(EXCEPTION(asm volatile("ldp %w0, %w1, [%2]" : "=r"(a), "=r"(b) : "r"(at))), SEA_DATA, at, false,
		  "a pair has no syndrome");
	check_sea(EXCEPTION(asm volatile("ldr %w0, [%1], #4" : "=r"(a), "+r"(at))), SEA_DATA, RTC | half, false,
		  "writeback neither");
	CHECK_SEA_READ(SMMU | half, "the SMMU is not there");
	CHECK_SEA_READ(MONITOR_RAM | half, "nor the monitor");
	CHECK_SEA_READ(MONITOR_RAM, "in neither half");
	CHECK_SEA_READ(ram_end, "nor the mirror");
	CHECK_SEA_READ(ram_end | half, "in neither half");
	/* With 52 bits stage 1 has no such address. */
	if (half << 1 < 1UL << 52) {
		CHECK_SEA_READ(half << 1, "nothing is above the halves");
		CHECK_SEA_READ(half << 1 | half | UART, "nor a device with one bit too many");
	}
	check(counter(COUNTER_BLOCKED_MMIO) - before > 10, true, "all are counted");
	/* SCTLR_EL1.SPAN is set, so that an exception does not set PAN. */
	asm volatile("msr s3_0_c4_c2_3, %0" : : "r"(1UL << 22));
	CHECK_SEA_READ(HOLE, "with PAN");
	check(taken.pan >> 22, !tf, "which an exception keeps, and TF-RMM clears");
	asm volatile("msr s3_0_c4_c2_3, %0" : : "r"(0UL));
	check(mmio_read64(DOORBELL_IPA + DOORBELL_COUNTER(COUNTER_GRANULE)), 4096, "the doorbell");
	check(mmio_read64((DOORBELL_IPA | half) + DOORBELL_COUNTER(COUNTER_GRANULE)), 4096, "is in both halves");
}

/* 9, 11 */
static void test_registers(void)
{
	static const u8 bits[] = { 32, 36, 40, 42, 44, 48, 52 };
	u64 debug = READ("id_aa64dfr0_el1") & 0xf0f0ff, before = counter(COUNTER_SYSREG);

	check(EXCEPTION(READ("actlr_el1")), 0, "what traps is not undefined");
	check(counter(COUNTER_SYSREG) - before, !tf, "ACTLR_EL1 does, but with TF-RMM");
	check(EXCEPTION(asm volatile("dc isw, xzr")), 0, "nor is set/way");
	check(READ("actlr_el1"), 0, "and zero");
	check(EXCEPTION(READ("pmcr_el0")), 0, "the PMU too");
	check(EXCEPTION(READ("s3_0_c10_c5_1")), UNDEFINED, "MPAM is undefined");
	check(EXCEPTION(READ("s2_1_c9_c0_0")), UNDEFINED, "BRBE too");
	check(EXCEPTION(READ("s3_0_c10_c2_5")), UNDEFINED, "and S2POR_EL1");
	check(EXCEPTION(READ("mdscr_el1")), 0, "debug registers are there");
	check(READ("s2_0_c0_c0_5"), 0, "and zero");
	check(!!(debug & 0xf0f000), tf, "breakpoints and watchpoints are shown");
	check((READ("id_aa64pfr0_el1") & 15) == 2, tf, "AArch32 at EL0 is shown");
	check(READ("id_isar0_el1") | READ("mvfr0_el1"), 0, "but none of its registers");
	check(READ("id_aa64pfr0_el1") >> 32 & 15, 0, "no SVE");
	check(READ("id_aa64pfr1_el1") >> 24 & 15, 0, "no SME");
	check(READ("id_aa64mmfr1_el1") >> 8 & 15, tf, "VHE is shown");
	check(READ("id_aa64dfr0_el1") >> 8 & 15, 0, "no PMU");
	check(READ("id_aa64pfr0_el1") >> 40 & 15, 0, "no MPAM");
	check(READ("id_aa64pfr1_el1") >> 8 & 15, 0, "no MTE");
	check(bits[READ("id_aa64mmfr0_el1") & 15] >= config[0], true, "PARange covers the width");
}

/* Beside X0 and PC: what PSCI leaves open, and TF-RMM as the CPU left it when it went off. */
static void check_second(u64 turn)
{
	u64 changed = 0, wrong = 0;

	for (u32 i = 4; i < 18; i++) {
		changed |= second_x[i] ^ (turn > 1 ? KEPT(i) : 0);
		wrong |= second_x[i] ^ 0xdbdbdbdbdbdbdbdb;
	}
	if (!tf) {
		check(wrong, 0, "other registers are undefined");
		check(second_tpidr, 0xdbdbdbdbdbdbdbdb, "in system registers, too");
		return;
	}
	check(changed, 0, "in other registers is what was there last");
	check(second_x[1] | second_x[2] | second_x[3], 0, "and CPU_OFF's results");
	check(second_tpidr, turn > 1 ? 0x7000 + turn - 1 : 0, "in system registers, too");
	check(second_fp, turn > 1 ? 0xf000 + turn - 1 : 0, "and in V0");
}

/* 10 */
static void test_psci(void)
{
	static const u32 known[] = { 0x84000001, 0xc4000001, 0x84000002, 0x84000003, 0xc4000003, 0x84000004,
				     0xc4000004, 0x84000008, 0x84000009, 0x8400000a, 0x80000000 };
	static const u32 unknown[] = { 0x84000000, 0x84000006, 0xc4000007, 0x8400000e, 0xc4000012, 0x84000013, VERSION };
	u64 entry = (u64)second_entry;

	check(call(true, 0x84000000, 0, 0, 0).r0, 0x10001, "PSCI 1.1");
	for (u32 i = 0; i < ARRAY_SIZE(known); i++)
		check(call(true, 0x8400000a, known[i], 0, 0).r0, 0, "FEATURES of what is there");
	for (u32 i = 0; i < ARRAY_SIZE(unknown); i++)
		check(call(true, 0x8400000a, unknown[i], 0, 0).r0, -1, "FEATURES of what is not");
	check(call(true, 0x84000006, 0, 0, 0).r0, -1, "no MIGRATE_INFO_TYPE");
	check(call(true, 0xc4000012, 0, 0, 0).r0, -1, "no SYSTEM_RESET2");
	check(call(true, AFFINITY_INFO, 0, 0, 0).r0, 0, "we are on");
	check(call(true, AFFINITY_INFO, 0, 1, 0).r0, -2, "level 0 alone");
	check(call(true, CPU_ON, 7, entry | half, 0).r0, -9, "an entry in the upper half comes first");
	check(call(true, CPU_ON, 7, entry, 0).r0, -2, "a CPU that is not there");
	check(call(true, CPU_ON, 0, entry, 0).r0, -4, "ourselves");
	for (u64 turn = 1; turn <= 5; turn++) {
		rsi_call(CPU_ON, 1, entry, turn, KEPT(4));
		check(x[0] | x[1] | x[2] | x[3], 0, "CPU_ON");
		check_kept(4, "X4 to X17 survive");
		check(wait_for_second(turn), turn, "it runs, with X0");
		check_second(turn);
		for (int i = 0; i < 10000000 && call(true, AFFINITY_INFO, 1, 0, 0).r0 != 1; i++)
			;
	}
	/* No bit of Aff0 above the fourth counts to TF-RMM. */
	check(call(true, AFFINITY_INFO, 0x80000010, 0, 0).r0, tf ? 0 : -2, "affinity 16, or 0");
	check(call(true, CPU_ON, 0x80000010, entry, 0).r0, tf ? -4 : -2, "to CPU_ON too");
	check(call(true, 0xc4000001, 0, entry, 0).r0, 0, "CPU_SUSPEND comes back, though nothing wakes us");
}

static u64 read_rem(u32 index, u64 out[8])
{
	for (u32 i = 0; i < 18; i++)
		x[i] = KEPT(i);
	x[0] = MEASURE_READ;
	x[1] = index;
	smc_registers(x);
	for (u32 i = 0; i < 8; i++)
		out[i] = x[i + 1];
	return x[0];
}

static u64 extend_rem(u32 index, u64 size, u64 word)
{
	for (u32 i = 0; i < 18; i++)
		x[i] = KEPT(i);
	x[0] = MEASURE_EXTEND;
	x[1] = index;
	x[2] = size;
	for (u32 i = 3; i < 11; i++)
		x[i] = word;
	smc_registers(x);
	return x[0];
}

static bool has_attestation(void)
{
	u64 value[8];

	return read_rem(1, value) != ~0UL;
}

static u64 swap_bytes(u64 v)
{
	return __builtin_bswap64(v);
}

/* 4.3, 4.4, 12.3 */
static void test_measurements(void)
{
	static const u32 sizes[] = { 32, 64, 48 };
	u64 value[8], before[8], rim = 0, rest = 0;
	u32 hash = is_sha384 ? 2 : (u8)config[1];

	check(read_rem(0, value), SUCCESS, "READ of the RIM");
	check_kept(9, "X9 to X17 survive");
	for (u32 i = 0; i < 8; i++) {
		rim |= i < sizes[hash] / 8 ? value[i] : 0;
		rest |= i < sizes[hash] / 8 ? 0 : value[i] ^ (tf && i < 7 ? KEPT(i + 1) : 0);
	}
	check(rim != 0, true, "which is something");
	check(rest, 0, "and as long as its hash: behind it is nothing, or what the caller had");
	for (u32 n = 1; n <= 4; n++) {
		check(read_rem(n, value), SUCCESS, "READ of a REM");
		check(value[0] | value[3] | value[7], 0, "which is zero at start");
	}
	check(read_rem(5, value), INPUT, "READ of a fifth one");
	check(read_rem(~0U, value), INPUT, "and beyond");
	check(extend_rem(0, 32, 0), INPUT, "EXTEND of the RIM");
	check(extend_rem(5, 32, 0), INPUT, "EXTEND of a fifth REM");
	check(extend_rem(1, 65, 0), INPUT, "EXTEND by 65 bytes");
	check(extend_rem(1, 1UL << 63, 0), INPUT, "EXTEND by very many");
	read_rem(1, value);
	check(value[0], 0, "changed nothing");
	check(extend_rem(1, sizes[hash], 0x1111111111111111), SUCCESS, "EXTEND");
	check(x[1] | x[2] | x[3], 0, "without results");
	check_kept(11, "X11 to X17 survive");
	read_rem(1, before);
	if (hash == 0) {
		check(swap_bytes(before[0]), 0x8878b15a7d6a3a4f, "the vector of 12.3");
		check(swap_bytes(before[3]), 0x03d2b2ee53655ef8, "to its end");
	} else if (hash == 1) {
		check(swap_bytes(before[0]), 0x9e79d4ba0dbf4caa, "the vector of 12.3");
		check(swap_bytes(before[7]) & 0xffff, 0xbe82, "to its end");
	} else {
		check(swap_bytes(before[0]), 0xc7304e0aec48bbbc, "the vector of 12.3");
		check(swap_bytes(before[5]), 0xb3537ad83eb62262, "to its end");
	}
	check(extend_rem(1, 0, 0), SUCCESS, "EXTEND by nothing");
	read_rem(1, value);
	check(value[0] == before[0], false, "is one all the same");
	read_rem(2, value);
	check(value[0], 0, "the other REMs stay");
	if (hash)
		return;
	extend_rem(2, 64, 0x1111111111111111);
	read_rem(2, value);
	check(swap_bytes(value[0]), 0x105ac8f015a5694f, "64 bytes by SHA-256");
	extend_rem(3, 0, 0);
	read_rem(3, value);
	check(swap_bytes(value[0]), 0x66687aadf862bd77, "and none");
}

static u64 token_page[1024] __attribute__((aligned(4096)));

static u64 token_init(u64 challenge)
{
	for (u32 i = 0; i < 18; i++)
		x[i] = challenge;
	x[0] = TOKEN_INIT;
	smc_registers(x);
	return x[0];
}

static u64 token_take(u64 address, u64 offset, u64 size)
{
	rsi_call(TOKEN_CONTINUE, address, offset, size, KEPT(4));
	return x[0];
}

/* TF-RMM signs before it looks at the buffer. */
static u64 take_signed(u64 address, u64 offset, u64 size)
{
	u64 answer = token_take(address, offset, size);

	for (u32 rounds = 0; rounds < 100 && tf && answer == INCOMPLETE && !x[1]; rounds++)
		answer = token_take(address, offset, size);
	return answer;
}

/* A whole token, @step bytes at most a call. Its size; 0 when it did not come. */
static u64 take_all(u64 step)
{
	u64 total = 0, answer;

	for (u32 calls = 0; calls < 100000; calls++) {
		u64 offset = total & (PAGE - 1), size = step < PAGE - offset ? step : PAGE - offset;

		answer = token_take((u64)token_page, offset, size);
		if (answer != SUCCESS && answer != INCOMPLETE)
			return 0;
		if (x[1] > size)
			return 0;
		total += x[1];
		if (answer == SUCCESS)
			return total;
	}
	return 0;
}

/* 4.5, 4.6, 13 */
static void test_token(void)
{
	u64 page = (u64)token_page, shared = fresh(), bound, size;

	check(token_take(page, 0, PAGE), STATE, "CONTINUE without INIT");
	check(x[1] | x[2] | x[3], 0, "has no result");
	check(token_take(HOLE, 0, PAGE), tf ? STATE : INPUT, "and what is looked at first");
	check(token_init(1), SUCCESS, "INIT");
	bound = x[1];
	check(bound > 1000 && bound <= 65536, true, "with a bound");
	check(!tf || bound == 4096, true, "which is always the same");
	check(x[2] | x[3], 0, "X2 and X3 are zero");
	check(token_take(page + 8, 0, 16), INPUT, "CONTINUE unaligned");
	check(token_take(page | half, 0, 16), INPUT, "CONTINUE in the upper half");
	check(token_take(page, PAGE, 0), INPUT, "CONTINUE with an offset of a page");
	check(token_take(page, 8, PAGE), INPUT, "CONTINUE across the end");
	check(token_take(page, 8, ~0UL), INPUT, "CONTINUE around the end");
	check(take_signed(HOLE, 0, 16), INPUT, "CONTINUE where no RAM is");
	share_range(shared, shared + PAGE);
	check(take_signed(shared, 0, 16), INPUT, "CONTINUE into an EMPTY page");
	check(token_take(page, 0, 0), INCOMPLETE, "CONTINUE with no room");
	check(x[1], 0, "gets nothing");
	second_continues = true;
	second_said = 0;
	call(true, CPU_ON, 1, (u64)second_entry, 9);
	check(wait_for_second(9), 9, "another CPU");
	check(*(volatile u64 *)&token_page[1000], STATE, "has no token");
	second_continues = false;
	size = take_all(PAGE);
	check(size > 1000 && size <= bound, true, "a token comes");
	check(*(volatile u8 *)token_page, 0xd9, "that begins with a tag");
	check_kept(5, "X5 to X17 survive");
	check(token_take(page, 0, PAGE), STATE, "CONTINUE after the end");
	token_init(1);
	check(take_all(512), size, "the same in pieces");
	token_init(1);
	token_take(page, 0, 100);
	check(token_init(2), SUCCESS, "INIT drops what was under way");
	check(take_all(PAGE), size, "and begins anew");
}

/* Devices: QEMU's edu, see its docs/specs/edu.txt */
static u64 edu_bar;

static void edu_dma(u64 from, u64 to, bool to_memory)
{
	mmio_write64(edu_bar + 0x80, from);
	mmio_write64(edu_bar + 0x88, to);
	mmio_write64(edu_bar + 0x90, 4);
	mmio_write64(edu_bar + 0x98, 1 | to_memory << 1);
	for (int i = 0; i < 10000000 && (mmio_read64(edu_bar + 0x98) & 1); i++)
		;
}

static bool edu_find(void)
{
	u64 ecam = (half > ECAM ? ECAM : 0x3f000000) | half;

	edu_bar = EDU_BAR | half;
	for (u64 slot = 0; slot < 32; slot++)
		if (mmio_read32(ecam + (slot << 15)) == 0x11e81234) {
			mmio_write32(ecam + (slot << 15) + 0x10, EDU_BAR);
			mmio_write32(ecam + (slot << 15) + 4, 6);
			return true;
		}
	return false;
}

/* 8.6, 18.1: the SMMU follows RIPAS */
static void test_dma(void)
{
	u64 g = fresh(), upper = g | half, private = fresh(), before = counter(COUNTER_BLOCKED_DMA);

	if (half >> 48)
		return;		/* no device has such addresses */
	if (!edu_find())
		return check(0, 1, "an edu device is there");
	mmio_write64(private, 0x0123);
	share_range(g, g + PAGE);
	mmio_write64(upper, 0xd3a);
	edu_dma(upper, EDU_BUFFER, false);
	mmio_write64(upper, 0);
	edu_dma(EDU_BUFFER, upper, true);
	check(mmio_read64(upper), 0xd3a, "DMA to and from the upper half");
	check(counter(COUNTER_BLOCKED_DMA) - before, 0, "is not blocked");
	edu_dma(EDU_BUFFER, g, true);
	check(counter(COUNTER_BLOCKED_DMA) - before, 1, "by the lower address it is");
	edu_dma(EDU_BUFFER, private, true);
	check(mmio_read64(private), 0x0123, "a private page is not reached");
	edu_dma(EDU_BUFFER, private | half, true);
	check(counter(COUNTER_BLOCKED_DMA) - before, 3, "by neither address");
	ripas_set(g, g + PAGE, RAM, 1);
	mmio_write64(g, 0x777);
	edu_dma(EDU_BUFFER, upper, true);
	edu_dma(EDU_BUFFER, g, true);
	check(mmio_read64(g), 0x777, "nor is one that is RAM again");
	check(counter(COUNTER_BLOCKED_DMA) - before, 5, "which is counted");
}

static u64 its_memory(u64 size)
{
	u64 start = fresh();

	share_range(start, start + size);
	for (u64 at = start | half; at < (start | half) + size; at += 8)
		mmio_write64(at, 0);
	return start;
}

static void its_command(u64 queue, u64 n, u64 w0, u64 w1, u64 w2)
{
	u64 slot = (queue | half) + 32 * n;

	mmio_write64(slot, w0);
	mmio_write64(slot + 8, w1);
	mmio_write64(slot + 16, w2);
	mmio_write64(slot + 24, 0);
	asm volatile("dsb sy" : : : "memory");
	mmio_write64((ITS | half) + 0x88, 32 * (n + 1));
}

static void its_tables(void)
{
	u64 its = ITS | half;

	for (int n = 0; n < 8; n++) {
		u64 base = mmio_read64(its + 0x100 + 8 * n), want;

		if (!(base >> 56 & 7))
			continue;
		want = (base & (0x7UL << 56 | 0x1fUL << 48)) | 1UL << 63 | its_memory(0x20000) | 0x200 | 1;
		mmio_write64(its + 0x100 + 8 * n, want);
		check(mmio_read64(its + 0x100 + 8 * n), want, "BASER reads back");
		check(mmio_read32(its + 0x100 + 8 * n), (u32)want, "by halves, too");
		check(mmio_read32(its + 0x104 + 8 * n), want >> 32, "both");
	}
}

/* 8.7: tables are named by their lower addresses, and are in the upper half */
static void test_its(void)
{
	u64 its = ITS | half, redist = REDIST | half, before = counter(COUNTER_BLOCKED_ITS);
	u64 queue = its_memory(4096), itt = its_memory(4096), prop = its_memory(0x10000), pend = its_memory(0x20000);
	u64 private = fresh(), pending;

	its_tables();
	mmio_write64(its + 0x80, queue | 1UL << 63);
	check(mmio_read64(its + 0x80), queue | 1UL << 63, "CBASER reads back");
	mmio_write64(its + 0x88, 0);
	/* LPI 8192: enabled, priority 0xa0 */
	mmio_write64(prop | half, 0xa1);
	mmio_write64(redist + 0x70, prop | 13);
	mmio_write64(redist + 0x78, pend);
	check(mmio_read64(redist + 0x70), prop | 13, "PROPBASER reads back");
	check(mmio_read64(redist + 0x78), pend, "PENDBASER too");
	mmio_write32(redist, 1);
	check(mmio_read32(redist) & 1, 1, "LPIs are on");
	mmio_write32(its, 1);
	check(mmio_read32(its) & 1, 1, "the ITS is on");
	its_command(queue, 0, 0x08 | 8UL << 32, 4, itt | 1UL << 63);
	check(mmio_read64((queue | half) + 16), itt | 1UL << 63, "MAPD reads back");
	its_command(queue, 1, 0x09, 0, 1UL << 63);			/* MAPC: collection 0 to CPU 0 */
	its_command(queue, 2, 0x0a | 8UL << 32, 8192UL << 32, 0);	/* MAPTI: event 0 to LPI 8192 */
	its_command(queue, 3, 0x03 | 8UL << 32, 0, 0);			/* INT */
	check(mmio_read64(its + 0x90), 128, "the commands are carried out");
	asm volatile("dsb sy" : : : "memory");
	pending = mmio_read64((pend | half) + 8192 / 8);
	check(pending & 1, 1, "an LPI gets pending in the upper half");
	check(mmio_read64(itt | half) != 0, true, "where its translation is, too");
	check(counter(COUNTER_BLOCKED_ITS) - before, 0, "and nothing is blocked");
	mmio_write64(its + 0x88, 0xfffe0);
	check(mmio_read64(its + 0x90), 128, "a writer beyond the queue is no end of it");
	mmio_write64(its + 0x88, 128);
	mmio_write64(private, 0);
	its_command(queue, 4, 0x08 | 16UL << 32, 4, private | 1UL << 63);
	check(counter(COUNTER_BLOCKED_ITS) - before, 1, "a table that is RAM is counted");
	check(mmio_read64(its + 0x90), 160, "and taken all the same");
}

/* Not after test_its(): a dead ITS does not come back. */
static void its_unshare(void)
{
	u64 its = ITS | half, before = counter(COUNTER_BLOCKED_ITS), queue = its_memory(4096);

	its_tables();
	mmio_write64(its + 0x80, queue | 1UL << 63);
	mmio_write64(its + 0x88, 0);
	mmio_write32(its, 1);
	check(mmio_read32(its) & 1, 1, "the ITS is on");
	check(counter(COUNTER_BLOCKED_ITS) - before, 0, "with EMPTY tables");
	ripas_set(queue, queue + PAGE, RAM, 1);
	check(counter(COUNTER_BLOCKED_ITS) - before, 1, "a queue that becomes RAM is counted");
}

/* 9: a vCPU that touches DESTROYED memory is never seen again; nothing runs after this. */
static void touch_destroyed(void)
{
	u64 g = fresh();

	mmio_read64(g);
	ring(DOORBELL_STEAL, g, NULL);
	put("ok - touching DESTROYED memory\r\n");
	mmio_read64(g);
	check(0, 1, "unreachable");
}

static void call_into_destroyed(void)
{
	u64 g = fresh();

	mmio_read64(g);
	ring(DOORBELL_STEAL, g, NULL);
	put("ok - a call with a DESTROYED buffer\r\n");
	rsi_call(CONFIG, g, 0, 0, 0);
	check(0, 1, "unreachable");
}

/* What options promise, by their names in the run script */
static void lie_progress(void)
{
	u64 g = fresh();

	for (u64 at = g; at < g + 4 * PAGE; at += PAGE) {
		ripas_set(at, g + 4 * PAGE, EMPTY, 1);
		check_set(SUCCESS, at + PAGE, 0, "one granule a call");
	}
}

static void lie_random(void)
{
	u64 g = fresh(), top = g + 64 * PAGE, calls = 0;

	for (u64 at = g; at < top && calls < 100; calls++) {
		ripas_set(at, top, EMPTY, 1);
		check(x[0] == SUCCESS && x[1] > at && x[1] <= top && !(x[1] & (PAGE - 1)), true,
		      "some granules a call");
		at = x[1];
	}
	check(calls > 1 && calls <= 64, true, "in some calls");
}

static void lie_stall(void)
{
	u64 g = fresh(), top = g + 4 * PAGE;

	for (u32 turn = 0; turn < 2; turn++) {
		for (u32 i = 0; i < 3; i++) {
			ripas_set(g, top, EMPTY, 1);
			check_set(SUCCESS, g, 0, "no progress three times");
		}
		ripas_set(g, top, EMPTY, 1);
		check_set(SUCCESS, top, 0, "then all of it");
	}
}

static void lie_forever(void)
{
	u64 g = fresh();

	for (u32 i = 0; i < 1000; i++) {
		ripas_set(g, g + PAGE, EMPTY, 1);
		check_set(SUCCESS, g, 0, "no progress, ever");
	}
	check(ripas_at(g), RAM, "nothing changed");
}

static void lie_reject(void)
{
	u64 g = fresh(), top = g + 4 * PAGE;

	share_range(g, top);
	ripas_set(g, g + PAGE, RAM, 1);
	check_set(SUCCESS, g + PAGE, 0, "the first request for RAM");
	ripas_set(g, top, RAM, 1);
	check_set(SUCCESS, g, 1, "the second is rejected");
	check(ripas_at(g + PAGE), EMPTY, "and does nothing");
	ripas_set(g, top, RAM, 1);
	check_set(SUCCESS, top, 0, "the third is not");
}

static void lie_reject_after(void)
{
	u64 g = fresh(), top = g + 4 * PAGE;

	share_range(g, top);
	ripas_set(g, top, RAM, 1);
	check_set(SUCCESS, g + 2 * PAGE, 1, "rejected after two granules");
	check(ripas_at(g + PAGE), RAM, "which changed");
	check(ripas_at(g + 2 * PAGE), EMPTY, "and no more");
}

static void lie_below(void)
{
	u64 g = fresh();

	ripas_set(g, g + 2 * PAGE, EMPTY, 1);
	check_set(SUCCESS, g - PAGE, 0, "a top below");
	check(ripas_at(g), RAM, "and nothing done");
}

static void lie_above(void)
{
	u64 g = fresh();

	ripas_set(g, g + 2 * PAGE, EMPTY, 1);
	check_set(SUCCESS, g + 3 * PAGE, 0, "a top above");
	check(ripas_at(g + PAGE), EMPTY, "and all done");
}

static void lie_unaligned(void)
{
	u64 g = fresh();

	ripas_set(g, g + 2 * PAGE, EMPTY, 1);
	check_set(SUCCESS, g + PAGE / 2, 0, "a top in the middle of a page");
}

static void lie_fail(void)
{
	u64 g = fresh();

	share_range(g, g + PAGE);
	ripas_set(g + PAGE, g + 2 * PAGE, EMPTY, 1);
	check_set(INPUT, g + 2 * PAGE, 0, "the second fails, and calls it done");
	check(ripas_at(g + PAGE), RAM, "though it is not");
	share_range(g + PAGE, g + 2 * PAGE);
}

static void lie_fail_every(void)
{
	u64 g = fresh();

	share_range(g, g + PAGE);
	for (u32 i = 0; i < 5; i++) {
		ripas_set(g + PAGE, g + 2 * PAGE, EMPTY, 1);
		check_set(INPUT, g + 2 * PAGE, 0, "each one fails");
	}
}

static void lie_when_empty(void)
{
	u64 g = fresh();

	ripas_set(g, g + PAGE, RAM, 0);
	check_set(SUCCESS, g + PAGE, 0, "RAM at boot is not meant");
	ripas_set(g, g + PAGE, EMPTY, 1);
	check_set(INPUT, g + PAGE, 0, "EMPTY is");
	share_range(g, g + PAGE);
	ripas_set(g, g + PAGE, RAM, 1);
	check_set(SUCCESS, g + PAGE, 0, "RAM again is not");
}

static void lie_when_boot(void)
{
	u64 g = fresh();

	ripas_set(g, g + PAGE, RAM, 0);
	check_set(INPUT, g + PAGE, 0, "RAM at boot is meant");
	ripas_set(g, g + PAGE, RAM, 0);
	check_set(INPUT, g + PAGE, 0, "each time");
	share_range(g, g + PAGE);
	ripas_set(g, g + PAGE, RAM, 1);
	check_set(SUCCESS, g + PAGE, 0, "RAM again is not");
}

static void lie_when_ram(void)
{
	u64 g = fresh();

	ripas_set(g, g + PAGE, RAM, 0);
	check_set(SUCCESS, g + PAGE, 0, "RAM at boot is not meant");
	share_range(g, g + PAGE);
	ripas_set(g, g + PAGE, RAM, 1);
	check_set(INPUT, g + PAGE, 0, "RAM again is");
}

static void lie_from(void)
{
	u64 g = fresh();

	share_range(g, g + PAGE);
	share_range(g + PAGE, g + 2 * PAGE);
	ripas_set(g + 2 * PAGE, g + 3 * PAGE, EMPTY, 1);
	check_set(SUCCESS, g + 2 * PAGE, 0, "no progress from the third request on");
}

static void lie_destroyed(void)
{
	u64 g = 0x42900000;

	check(ripas_at(g), DESTROYED, "a page is DESTROYED");
	check(ripas_at(g - PAGE), RAM, "that before it is not");
	check(ripas_at(g + PAGE), RAM, "nor that behind it");
	ripas_set(RAM_START, ram_end, RAM, 0);
	check_set(SUCCESS, g, 0, "RAM ends there");
}

static void lie_destroy_unshare(void)
{
	u64 g = fresh(), top = g + 4 * PAGE;

	share_range(g, top);
	ripas_set(g, top, RAM, 0);
	check_set(SUCCESS, top, 0, "without the flag it is not meant");
	share_range(g, top);
	ripas_set(g, top, RAM, 1);
	check_set(SUCCESS, top, 0, "the first with the flag");
	share_range(g, top);
	ripas_set(g, top, RAM, 1);
	check_set(SUCCESS, top, 0, "the second, DESTROYED within, succeeds");
	check(EXCEPTION(mmio_read64(g + 2 * PAGE)), 0, "and is RAM");
}

static void lie_destroy_unshare_early(void)
{
	u64 g = fresh(), top = g + 4 * PAGE;

	share_range(g, top);
	ripas_set(g, top, RAM, 0);
	check_set(SUCCESS, top, 0, "RAM without the flag is not meant");
	share_range(g, top);
	ripas_set(g, top, RAM, 1);
	check_set(SUCCESS, top, 0, "RAM with the flag");
	check(counter(COUNTER_SHARED), 0, "nothing is shared any more");
}

static void lie_get_run(void)
{
	u64 g = fresh();

	ripas_get(g, g + 4 * PAGE);
	check(x[1], g + PAGE, "one granule a call");
}

static void lie_get_ripas(void)
{
	u64 g = fresh();

	ripas_get(g, g + 4 * PAGE);
	check(x[2], 7, "RIPAS 7");
}

static void lie_get_top(void)
{
	u64 g = fresh();

	ripas_get(g, g + 4 * PAGE);
	check(x[0], SUCCESS, "success");
	check(x[1], g, "and no progress");
}

static void lie_version_new(void)
{
	check_version(V1_0, INPUT, V1_1, V1_1, "1.1 alone");
	check_version(V1_1, SUCCESS, V1_1, V1_1, "is there");
}

static void lie_version_higher(void)
{
	check_version(V1_0, SUCCESS, V1_0, V1_1, "1.0, and 1.1 too");
	check_version(0x20000, INPUT, V1_1, V1_1, "not 2.0");
}

static void lie_config(void)
{
	u8 *bytes = (u8 *)config;

	check(config[0], 64, "64 bits");
	check(bytes[8], 7, "an unknown hash");
	check(config[100], config[101], "and garbage");
	check(config[100] != 0, true, "around them");
	check(bytes[0x200], 'r', "but for the RPV");
	check(bytes[0x203], 0, "which is padded");
}

static void lie_host_none(void)
{
	check(ask_host(0, 0xc500004e), 0xc500004e, "no answer");
	check(x[0], SUCCESS, "but success");
}

static void lie_host_garbage(void)
{
	check(ask_host(0, 0xc500004e) == 0x10000, false, "a wrong answer");
	check(call_block[31] != 0, true, "in all registers");
	check(call_block[0], 0, "but imm");
}

static void lie_cpu_denied(void)
{
	check(call(true, CPU_ON, 1, (u64)second_entry, 5).r0, -3, "denied");
	check(second_said, 0, "and not started");
}

static void lie_cpu_already(void)
{
	check(call(true, CPU_ON, 1, (u64)second_entry, 5).r0, -4, "on already");
	check(second_said, 0, "and not started");
}

static void lie_cpu_late(void)
{
	u64 start = READ("cntvct_el0"), rate = READ("cntfrq_el0");

	check(call(true, CPU_ON, 1, (u64)second_entry, 5).r0, 0, "CPU_ON");
	check(READ("cntvct_el0") - start >= rate / 2, true, "takes half a second");
	check(wait_for_second(5), 5, "and starts it");
}

static void lie_alignment(void)
{
	u64 g = fresh(), unit = 0x10000;

	check(ask_host(0, 0xc5000050), unit, "the host says so");
	ripas_set(g, g + PAGE, EMPTY, 1);
	check_set(SUCCESS, g, 0, "a page is not converted");
	ripas_set(g, g + unit, EMPTY, 1);
	check_set(SUCCESS, g + unit, 0, "a unit is");
	ripas_set(g, g + 2 * unit + PAGE, EMPTY, 1);
	check_set(SUCCESS, g + 2 * unit, 0, "two are, and no more");
	ripas_set(g + PAGE, g + unit, RAM, 1);
	check_set(SUCCESS, g + PAGE, 0, "nor back");
	ripas_set(g + PAGE, g + unit, EMPTY, 1);
	check_set(SUCCESS, g + unit, 0, "what is there already is no matter");
	ripas_set(g, g + 2 * unit, RAM, 1);
	check_set(SUCCESS, g + 2 * unit, 0, "back by units");
}

static void lie_junk(void)
{
	u64 g = fresh();

	ripas_set(g + 1, g + PAGE, RAM, 0);
	check(x[0], INPUT, "an error");
	check(x[1] && x[2] && x[3], true, "with junk");
	check_kept(5, "in X1 to X3 alone");
	check_version(V1_1, INPUT, V1_0, V1_0, "but not of VERSION");
}

static void lie_hidden(void)
{
	u64 at = ram_end, top = at + 0x800000, shared = counter(COUNTER_SHARED);

	check(ripas_at(at), EMPTY, "hidden RAM is EMPTY");
	check(EXCEPTION(mmio_read64(at | half)), 0, "and the host's");
	ripas_set(at, top, RAM, 0);
	check_set(SUCCESS, top, 0, "it can be RAM");
	mmio_write64(at, 5);
	check(mmio_read64(at), 5, "that works");
	ripas_set(top, top + PAGE, RAM, 0);
	check_set(SUCCESS, top, 1, "8 MiB of it");
	ripas_set(at, top, EMPTY, 1);
	check_set(SUCCESS, top, 0, "and given back");
	check(counter(COUNTER_SHARED), shared, "that does not count as shared");
}

static void lie_protected(void)
{
	check(ripas_at(RTC), DEV, "a device of ours");
	check(EXCEPTION(mmio_read32(RTC + 0xfe0)), 0, "in the lower half");
	check(mmio_read32(RTC + 0xfe0), 0x31, "answers");
	CHECK_SEA_READ(RTC | half, "and not in the upper one");
	CHECK_SEA_READ(UART, "others are as ever");
	ripas_set(RTC, RTC + PAGE, RAM, 1);
	check_set(SUCCESS, RTC, 1, "it does not become RAM");
	ripas_set(RTC, RTC + PAGE, EMPTY, 1);
	check_set(SUCCESS, tf ? RTC + PAGE : RTC, 0, "nor EMPTY, but for TF-RMM");
	if (tf) {
		check(ripas_at(RTC), EMPTY, "which has done it");
		check(mmio_read32((RTC | half) + 0xfe0), 0x31, "and has it in the upper half");
		CHECK_SEA_READ(RTC, "and not in the lower one");
		return;
	}
	ripas_get(RTC - PAGE, RTC + 2 * PAGE);
	check(x[1], RTC, "a run ends there");
	rsi_call(CONFIG, RTC, 0, 0, KEPT(4));
	check(x[0], INPUT, "a call's buffer is not there");
}

static void lie_poison(void)
{
	u64 g = fresh();

	share_range(g, g + PAGE);
	check(mmio_read64(g | half), 0x1717171717171717, "the poison that was asked for");
}

static void lie_incomplete(void)
{
	token_init(1);
	for (u32 i = 0; i < 5; i++) {
		check(token_take((u64)token_page, 0, PAGE), INCOMPLETE, "not yet");
		check(x[1], 0, "and nothing");
	}
	check(take_all(PAGE) > 1000, true, "a token");
}

static void lie_token_size(void)
{
	token_init(1);
	check(take_all(PAGE), 12288, "the size that was asked for");
}

static void lie_token_chunk(void)
{
	token_init(1);
	for (u32 rounds = 0; rounds < 100 && token_take((u64)token_page, 0, PAGE) == INCOMPLETE && !x[1]; rounds++)
		;
	check(x[1], 7, "seven bytes a call");
	check(take_all(PAGE) > 1000, true, "a token");
}

/* Where it is longer than TF-RMM has room for, the error comes when all has been signed. */
static void lie_too_long(void)
{
	token_init(1);
	check(take_signed((u64)token_page, 0, PAGE), INPUT, "a token that is too long");
	check(token_take((u64)token_page, 0, PAGE), INPUT, "and stays so");
}

/* An interrupt does not end a round of signing. */
static void lie_at_once(void)
{
	token_init(1);
	check(token_take((u64)token_page, 0, PAGE), SUCCESS, "a token at once");
}

static void lie_secret(void)
{
	u64 g = fresh();

	mmio_write64(g, 0x5ec2e75ec2e7);
	call_block[8] = 0x5ec2e75ec2e7;
	rsi_call(HOST_CALL, (u64)call_block, 0, 0, 0);
	check(x[0], SUCCESS, "HOST_CALL");
	put("text in the log\r\n");
}

/* Text in the registers of a host call; what cannot be printed is not. */
static void lie_last_words(void)
{
	const char *text = "a \"reason\" \33[31m";

	call_block[0] = 0x5047;
	for (u32 i = 0; text[i]; i++)
		((u8 *)&call_block[1])[i] = text[i];
	rsi_call(HOST_CALL, (u64)call_block, 0, 0, 0);
	check(x[0], SUCCESS, "HOST_CALL");
	call_block[1] = 0x21;
	rsi_call(HOST_CALL, (u64)call_block, 0, 0, 0);
	check(x[0], SUCCESS, "HOST_CALL again");
}

static void lie_read_junk(void)
{
	u64 value[8];

	check(read_rem(1, value), SUCCESS, "READ");
	check(value[0], 0, "of a REM");
	check(value[4] && value[7], true, "with junk behind it");
}

static const struct test lies[] = {
	{ "touch-destroyed",	touch_destroyed },
	{ "call-destroyed",	call_into_destroyed },
	{ "its-unshare",	its_unshare },
	{ "progress",		lie_progress },
	{ "random",		lie_random },
	{ "stall",		lie_stall },
	{ "forever",		lie_forever },
	{ "reject",		lie_reject },
	{ "reject-after",	lie_reject_after },
	{ "below",		lie_below },
	{ "above",		lie_above },
	{ "unaligned",		lie_unaligned },
	{ "fail",		lie_fail },
	{ "fail-every",		lie_fail_every },
	{ "when-empty",		lie_when_empty },
	{ "when-boot",		lie_when_boot },
	{ "when-ram",		lie_when_ram },
	{ "from",		lie_from },
	{ "destroyed",		lie_destroyed },
	{ "destroy-unshare",	lie_destroy_unshare },
	{ "destroy-unshare-1",	lie_destroy_unshare_early },
	{ "get-run",		lie_get_run },
	{ "get-ripas",		lie_get_ripas },
	{ "get-top",		lie_get_top },
	{ "version-1.1",	lie_version_new },
	{ "version-higher",	lie_version_higher },
	{ "config",		lie_config },
	{ "host-none",		lie_host_none },
	{ "host-garbage",	lie_host_garbage },
	{ "cpu-denied",		lie_cpu_denied },
	{ "cpu-already",	lie_cpu_already },
	{ "cpu-late",		lie_cpu_late },
	{ "alignment",		lie_alignment },
	{ "junk",		lie_junk },
	{ "hidden",		lie_hidden },
	{ "protected",		lie_protected },
	{ "poison",		lie_poison },
	{ "incomplete",		lie_incomplete },
	{ "token-size",		lie_token_size },
	{ "token-chunk",	lie_token_chunk },
	{ "token-too-long",	lie_too_long },
	{ "token-at-once",	lie_at_once },
	{ "read-junk",		lie_read_junk },
	{ "secret",		lie_secret },
	{ "last-words",		lie_last_words },
};

static const struct test tests[] = {
	{ "conduit",		test_conduit },
	{ "services",		test_services },
	{ "version",		test_version },
	{ "config",		test_config },
	{ "set errors",		test_set_errors },
	{ "ripas matrix",	test_ripas_matrix },
	{ "get",		test_get },
	{ "host call",		test_host_call },
	{ "halves",		test_halves },
	{ "devices",		test_devices },
	{ "registers",		test_registers },
	{ "psci",		test_psci },
	{ "dma",		test_dma },
	{ "its",		test_its },
};

static const struct test attestation[] = {
	{ "measurements",	test_measurements },
	{ "token",		test_token },
};

/* Says what it started with, and leaves something to be found when it comes back. */
void realm_second(u64 context)
{
	for (u32 i = 0; i < 31; i++)
		second_x[i] = entry_gprs[i];
	second_tpidr = READ("tpidr_el0");
	second_fp = entry_fp[0];
	if (second_continues) {
		struct answer a = call(true, TOKEN_CONTINUE, (u64)token_page, 0, 16);

		*(volatile u64 *)&token_page[1000] = a.r0;
	}
	asm volatile("msr tpidr_el0, %0" : : "r"(0x7000 + context));
	asm volatile(".arch_extension fp\n\tfmov d0, %0" : : "r"(0xf000 + context));
	for (u32 i = 0; i < 18; i++)
		last_x[i] = KEPT(i);
	last_x[0] = CPU_OFF;
	asm volatile("dsb sy" : : : "memory");
	second_said = context;
	smc_registers(last_x);
	for (;;)
		asm volatile("wfi");
}

/* The command line is in the device tree: "selftest=NAME", by the eye */
const char *find(const char *text)
{
	const char *tree = (const char *)entry_gprs[0];

	for (u32 at = 0; at < 0x10000; at++) {
		u32 n = 0;

		while (text[n] && tree[at + n] == text[n])
			n++;
		if (!text[n])
			return tree + at + n;
	}
	return NULL;
}

bool same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return !*a && (!*b || *b == ' ');
}

/* RAM ends where GET says so; it begins with us. */
static void measure_ram(void)
{
	const u8 *reg = (const u8 *)find("memory@42000000");
	u64 size = 0;

	/* "reg" is the first property with 16 bytes whose first 8 are where RAM starts */
	for (u32 at = 0; reg && at < 200 && !size; at++)
		if (reg[at] == 0x42 && !reg[at + 1] && !reg[at + 2] && !reg[at + 3] && !reg[at - 1])
			for (u32 i = 0; i < 8; i++)
				size = size << 8 | reg[at + 4 + i];
	ram_end = RAM_START + size;
}

static void probe_width(void)
{
	const char *bits = find("bits=");
	u64 width = config[0];

	if (bits)
		width = (bits[0] - '0') * 10 + bits[1] - '0';
	half = 1UL << (width - 1);
}

bool realm_begin(void)
{
	call(true, CONFIG, (u64)config, 0, 0);
	if (!config[0])
		return false;
	tf = find("rmm=tf");
	is_sha384 = find("hash=sha384");
	probe_width();
	devices = half;
	measure_ram();
	return true;
}

void realm_run(void)
{
	const char *name = find("selftest=");

	for (u32 i = 0; name && i < ARRAY_SIZE(lies); i++)
		if (same(lies[i].name, name))
			return run(&lies[i]);
	if (name)
		return check(0, 1, "the name of a test");
	for (u32 i = 0; i < ARRAY_SIZE(tests); i++)
		run(&tests[i]);
	host_pages_run();
	for (u32 i = 0; has_attestation() && i < ARRAY_SIZE(attestation); i++)
		run(&attestation[i]);
}
