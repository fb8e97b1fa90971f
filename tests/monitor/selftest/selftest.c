// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that holds the monitor to Documentation/spec/pkvm.rst: call by call, access by access. One line each, a
 * SUMMARY at the end, then power off. Which hypervisor it has before it, it learns from FEATURES.
 */
#include "selftest.h"

#define FEATURES	0x86000000
#define MEMINFO		0xc6000002
#define SHARE		0xc6000003
#define UNSHARE		0xc6000004
#define GUARD_INFO	0xc6000005
#define GUARD_ENROLL	0xc6000006
#define GUARD_MAP	0xc6000007
#define GUARD_UNMAP	0xc6000008
#define RELINQUISH	0xc6000009
#define RGUARD_MAP	0xc600000a
#define UID		0x8600ff01

#define EXTERNAL_ABORT	0x96000010UL
#define FETCH_ABORT	0x86000010UL

#define PLAIN		1
#define MAINLINE	2
#define ANDROID		4
#define PVMFW		8		/* Android, with the guard on at entry: option pvmfw=1 */
#define ANDROIDS	(ANDROID | PVMFW)
#define PROTECTED	(MAINLINE | ANDROIDS)
#define ALL		15
#define UNGUARDED	7

static u32 passed, mode;
static u64 granule = 4096, next_free = 0x42800000;
volatile u64 second_said;
u32 failed;
u64 devices;

void put(const char *s)
{
	for (; *s; s++)
		*(volatile u32 *)(UART | devices) = (u8)*s;
}

void put_hex(u64 n)
{
	put("0x");
	for (int shift = 60; shift >= 0; shift -= 4)
		*(volatile u32 *)(UART | devices) = "0123456789abcdef"[n >> shift & 15];
}

static void put_number(u32 n)
{
	char digits[12], *d = digits + 11;

	for (*d = 0; n || !*d; n /= 10)
		*--d = '0' + n % 10;
	put(d);
}

/* Says what holds, or what was there instead. */
void check(u64 is, u64 want, const char *what)
{
	if (is == want) {
		passed++;
		return;
	}
	failed++;
	put("not ok - ");
	put(what);
	put(": ");
	put_hex(is);
	put(", not ");
	put_hex(want);
	put("\r\n");
}

/* Behind the call is a NOP: sync in entry.S steps over what ELR points to, and that may be behind the call. */
struct answer call(bool smc, u64 fid, u64 a1, u64 a2, u64 a3)
{
	register u64 x0 asm("x0") = fid, x1 asm("x1") = a1, x2 asm("x2") = a2, x3 asm("x3") = a3;

	if (smc)
		asm volatile("smc #0\n\tnop" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory");
	else
		asm volatile("hvc #0\n\tnop" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory");
	return (struct answer){ x0, x1, x2, x3 };
}

static u64 call_hvc(u64 fid, u64 a1, u64 a2, u64 a3)
{
	return call(false, fid, a1, a2, a3).r0;
}

/* Memory that has not been touched: room for any granule, aligned for all of them */
u64 fresh(void)
{
	return next_free += 0x40000;
}

s64 ring(u64 command, u64 argument, u64 *value)
{
	mmio_write64(DOORBELL_IPA + DOORBELL_ARGUMENT, argument);
	mmio_write32(DOORBELL_IPA + DOORBELL_COMMAND, command);
	if (value)
		*value = mmio_read64(DOORBELL_IPA + DOORBELL_VALUE);
	return mmio_read64(DOORBELL_IPA + DOORBELL_RESULT);
}

u64 counter(u32 n)
{
	return mmio_read64(DOORBELL_IPA + DOORBELL_COUNTER(n));
}

static void test_entry(void)
{
	u64 gprs = 0, fp = 0, sctlr;

	for (int i = 1; i < 31; i++)
		gprs |= entry_gprs[i];
	for (int i = 0; i < 64; i++)
		fp |= entry_fp[i];
	asm volatile("mrs %0, sctlr_el1" : "=r"(sctlr));
	check(gprs, 0, "X1 to X30 are zero at entry");
	check(fp, 0, "V0 to V31 are zero at entry");
	check(sctlr & 0x1005, 0, "MMU and caches are off at entry");
	check(mmio_read32(entry_gprs[0]), 0xedfe0dd0, "X0 is the device tree");
}

static void test_probe(void)
{
	struct answer uid = call(false, UID, 0, 0, 0), features = call(false, FEATURES, 0, 0, 0);

	check(uid.r0, 0xb66fb428, "UID R0");
	check(uid.r3, 0x743a004d, "UID R3");
	check(features.r1 | features.r2 | features.r3, 0, "FEATURES R1 to R3 are zero");
	check(call(true, FEATURES, 0, 0, 0).r0, 3, "FEATURES by SMC is the host's");
	check(call(true, SHARE, fresh(), 0, 0).r0, -1, "SHARE by SMC is not known");
	check(call_hvc(0xc600003f, 0, 0, 0), -1, "an unknown HVC is not supported");
	check(call_hvc(0x86000001, 0, 0, 0), -1, "PTP is not supported");
}

static void test_meminfo(void)
{
	struct answer a = call(false, MEMINFO, 0, 0, 0);

	granule = a.r0;
	check(granule & (granule - 1), 0, "the granule is a power of two");
	check(a.r1, mode != MAINLINE, "MEMINFO R1: ranges in Android alone");
	check(call_hvc(MEMINFO, 1, 0, 0), -3, "MEMINFO with R1");
	check(call_hvc(MEMINFO, 0, 1, 0), -3, "MEMINFO with R2");
	check(call_hvc(MEMINFO, 0, 0, 1), -3, "MEMINFO with R3");
}

static void test_plain_knows_no_pkvm(void)
{
	check(call_hvc(MEMINFO, 0, 0, 0), -1, "MEMINFO in a plain VM");
	check(call_hvc(SHARE, fresh(), 0, 0), -1, "SHARE in a plain VM");
	check(call_hvc(GUARD_ENROLL, 0, 0, 0), -1, "ENROLL in a plain VM");
}

/* Documentation/spec/pkvm.rst, row by row */
static void test_share_matrix(void)
{
	u64 owned = fresh(), untouched = fresh(), again = fresh();

	mmio_write64(owned, 1);
	check(call_hvc(UNSHARE, owned, 0, 0), -3, "UNSHARE of an owned granule");
	check(call_hvc(SHARE, owned, 0, 0), 0, "SHARE of an owned granule");
	check(call_hvc(SHARE, owned, 0, 0), -3, "SHARE of a shared granule");
	check(call_hvc(UNSHARE, owned, 0, 0), 0, "UNSHARE of a shared granule");
	check(call_hvc(UNSHARE, owned, 0, 0), -3, "UNSHARE a second time");
	check(mmio_read64(owned), 1, "content stays");
	check(call_hvc(UNSHARE, untouched, 0, 0), -3, "UNSHARE of an untouched granule");
	check(call_hvc(SHARE, untouched, 0, 0), 0, "SHARE of an untouched granule");
	check(call_hvc(SHARE, again + 8, 0, 0), -3, "SHARE unaligned");
	check(call_hvc(SHARE, again + granule / 2, 0, 0), -3, "SHARE at half a granule");
	check(call_hvc(SHARE, again, 0, 1), -3, "SHARE with R3");
	check(call_hvc(SHARE, 1UL << 40, 0, 0), -3, "SHARE outside of stage 2");
	check(call_hvc(UNSHARE, HOLE, 0, 0), -3, "UNSHARE without memory");
	check(EXCEPTION(call_hvc(SHARE, HOLE, 0, 0)), EXTERNAL_ABORT, "SHARE without memory is an external abort");
	check(taken.far, 0, "with FAR 0");
	check(*(volatile u32 *)taken.elr, HVC_0, "at the HVC");
}

static void test_mainline_is_single(void)
{
	u64 g = fresh();

	check(call_hvc(SHARE, g, 1, 0), -3, "SHARE with R2");
	check(call(false, SHARE, g, 0, 0).r1, 0, "SHARE R1 is 0");
	check(call_hvc(GUARD_MAP, RTC, 0, 0), -1, "no MMIO guard");
	check(call_hvc(RELINQUISH, fresh(), 0, 0), -1, "no RELINQUISH");
}

static void test_android_ranges(void)
{
	u64 g = fresh(), n = 0x40000 / granule < 8 ? 0x40000 / granule : 8;
	struct answer a = call(false, SHARE, g, n, 0);

	check(a.r0, 0, "SHARE of a range");
	check(a.r1, n, "R1 counts");
	check(call_hvc(SHARE, g, n, 0), -3, "SHARE of a shared range");
	check(call(false, UNSHARE, g + granule, 0, 0).r1, 1, "R2 = 0 counts as 1");
	a = call(false, UNSHARE, g, n, 0);
	check(a.r0, 0, "UNSHARE of a range with a hole");
	check(a.r1, 1, "stops at the hole");
	check(call(false, UNSHARE, g + 2 * granule, n - 2, 0).r1, n - 2, "UNSHARE of the rest");
}

static void test_relinquish(void)
{
	u64 g = fresh(), value;

	mmio_write64(g, 0x1234);
	check(call_hvc(SHARE, g, 0, 0), 0, "SHARE");
	check(call_hvc(RELINQUISH, g, 0, 0), -3, "RELINQUISH of a shared granule");
	check(call_hvc(UNSHARE, g, 0, 0), 0, "UNSHARE");
	check(ring(DOORBELL_PEEK, g, &value), -14, "private before RELINQUISH");
	check(call_hvc(RELINQUISH, g, 0, 0), 0, "RELINQUISH of an owned granule");
	check(call_hvc(RELINQUISH, g, 0, 0), 0, "RELINQUISH of one that is gone");
	check(ring(DOORBELL_PEEK, g, &value), 0, "the host's after RELINQUISH");
	check(value, 0, "and zeroed");
	check(mmio_read64(g) == 0x1234, false, "the next touch brings another page");
	check(ring(DOORBELL_PEEK, g, &value), -14, "which is private");
}

static void test_host_view(void)
{
	u64 g = fresh(), value;

	check(ring(DOORBELL_PEEK, g, &value), 0, "an untouched page is the host's still");
	mmio_write64(g, 0x5ec2e7);
	check(ring(DOORBELL_PEEK, g, &value), -14, "a private page is not");
	check(value, 0, "and no value of it is returned");
	check(ring(DOORBELL_POKE, g, NULL), -14, "nor may it be written");
	check(mmio_read64(g), 0x5ec2e7, "nor was it");
	call_hvc(SHARE, g, 0, 0);
	check(ring(DOORBELL_PEEK, g, &value), 0, "a shared page is");
	check(value, 0x5ec2e7, "with its content");
	check(ring(DOORBELL_SCAN, 0x5ec2e7, &value), 0, "SCAN");
	check(value, 1, "finds it once");
	check(ring(DOORBELL_POKE, g, NULL), 0, "POKE of a shared page");
	check(mmio_read64(g) == 0x5ec2e7, false, "changes it");
	call_hvc(UNSHARE, g, 0, 0);
	check(ring(DOORBELL_PEEK, g, &value), -14, "unshared it is private again");
	check(ring(DOORBELL_PEEK, SMMU, &value), -22, "PEEK looks at RAM alone");
	check(ring(99, 0, NULL), -22, "no such command");
}

#define SECRET	0x05ec2e7c0de5ec2eUL

/* What was in a page when it was shown, and what was there when it was taken back: see "run" for the report. */
static void test_scan(void)
{
	u64 g = fresh(), value;

	mmio_write64(g, SECRET);
	call_hvc(SHARE, g, 0, 0);
	mmio_write64(g, SECRET << 24);
	check(ring(DOORBELL_SCAN, SECRET, &value), 0, "SCAN");
	check(value, 0, "a part of a copy is none");
	mmio_write64(g + 8, SECRET >> 40 | SECRET << 24);
	check(ring(DOORBELL_SCAN, SECRET, &value), 0, "SCAN");
	check(value, 1, "a copy that is not aligned is found");
	call_hvc(UNSHARE, g, 0, 0);
	check(ring(DOORBELL_SCAN, SECRET, &value), 0, "SCAN");
	check(value, 0, "and is private again");
	mmio_write64(g + 8, 0);
}

/* Forced reclaim (Documentation/spec/pkvm.rst); the page is not touched any more: that would be the end. */
static void test_steal(void)
{
	u64 g = fresh(), value;

	check(ring(DOORBELL_STEAL, g, NULL), -22, "STEAL of what is the host's already");
	mmio_write64(g, 0x5ec2e7);
	call_hvc(SHARE, g, 0, 0);
	check(ring(DOORBELL_STEAL, g, NULL), -22, "STEAL of a shared granule");
	call_hvc(UNSHARE, g, 0, 0);
	check(ring(DOORBELL_STEAL, g, NULL), 0, "STEAL of a private granule");
	check(ring(DOORBELL_PEEK, g, &value), 0, "it is the host's then");
	check(value, 0, "without its content");
	check(call_hvc(SHARE, g, 0, 0), -3, "SHARE of a stolen granule");
	check(call_hvc(UNSHARE, g, 0, 0), -3, "UNSHARE of a stolen granule");
}

#define LOAD(insn, width, offset) ({							\
	u64 v_ = ~0UL;									\
	asm volatile(insn " %" width "0, [%1]" : "+r"(v_)				\
		     : "r"(DOORBELL_IPA + DOORBELL_ARGUMENT + (offset)) : "memory");	\
	v_; })

/* The doorbell's argument is 8 bytes that a device keeps: sizes, signs, register widths */
static void test_mmio_syndromes(void)
{
	mmio_write64(DOORBELL_IPA + DOORBELL_ARGUMENT, 0x8182838485868788);
	check(LOAD("ldr", "x", 0), 0x8182838485868788, "64 bits");
	check(LOAD("ldr", "w", 4), 0x81828384, "32 bits, upper half");
	check(LOAD("ldrh", "w", 2), 0x8586, "16 bits");
	check(LOAD("ldrb", "w", 1), 0x87, "8 bits");
	check(LOAD("ldrsw", "x", 0), 0xffffffff85868788, "32 bits, signed");
	check(LOAD("ldrsh", "x", 0), 0xffffffffffff8788, "16 bits, signed");
	check(LOAD("ldrsb", "x", 0), 0xffffffffffffff88, "8 bits, signed");
	check(LOAD("ldrsb", "w", 0), 0xffffff88, "8 bits, signed, into 32");
	check(LOAD("ldrsh", "w", 0), 0xffff8788, "16 bits, signed, into 32");
	asm volatile("str wzr, [%0]" : : "r"(DOORBELL_IPA + DOORBELL_ARGUMENT + 4) : "memory");
	check(LOAD("ldr", "x", 0), 0x85868788, "a half is written from WZR");
	asm volatile("str xzr, [%0]" : : "r"(DOORBELL_IPA + DOORBELL_ARGUMENT) : "memory");
	check(LOAD("ldr", "x", 0), 0, "XZR");
	asm volatile("ldr xzr, [%0]" : : "r"(DOORBELL_IPA + DOORBELL_ARGUMENT) : "memory");
	check(mmio_read32(UART + 0xfe0), 0x11, "a real device answers");
}

static void test_mmio_refused(void)
{
	u64 before = counter(COUNTER_BLOCKED_MMIO), at = RTC, a, b;

	check(EXCEPTION(asm volatile("ldp %w0, %w1, [%2]" : "=r"(a), "=r"(b) : "r"(at))), EXTERNAL_ABORT,
	      "a pair has no syndrome");
	check(taken.far, RTC, "with its FAR");
	check(EXCEPTION(asm volatile("ldr %w0, [%1], #4" : "=r"(a), "+r"(at))), EXTERNAL_ABORT,
	      "neither has writeback");
	at = RTC;
	check(EXCEPTION(asm volatile(".arch_extension lse\n\tldadd %w0, %w0, [%1]" : "+r"(a) : "r"(at))), EXTERNAL_ABORT,
	      "nor an atomic");
	check(EXCEPTION(asm volatile("ldr q0, [%0]" : : "r"(at))), EXTERNAL_ABORT, "nor SIMD");
	check(counter(COUNTER_BLOCKED_MMIO) - before, 4, "each is counted");
	check(EXCEPTION(asm volatile("dc civac, %0" : : "r"(at))), 0, "cache maintenance is skipped");
	check(EXCEPTION(((void (*)(void))HOLE)()), FETCH_ABORT, "a fetch is an external abort");
	check(EXCEPTION(mmio_read32(SMMU)), EXTERNAL_ABORT, "the SMMU is not there");
	check(EXCEPTION(mmio_read32(SMMU + 0x10000)), EXTERNAL_ABORT, "its second page neither");
	check(EXCEPTION(mmio_read32(MONITOR_RAM + 0x200000)), EXTERNAL_ABORT, "the monitor is not there");
	check(EXCEPTION(mmio_write32(MONITOR_RAM + 0x200000, 0)), EXTERNAL_ABORT, "not to write either");
	check(EXCEPTION(((void (*)(void))MONITOR_RAM)()), FETCH_ABORT, "nor to run");
	check(mmio_read32(0x09020010), 0, "fw_cfg has no DMA");
	check(EXCEPTION(mmio_read32(HOLE)), 0, "a hole is emulated");
	check(mmio_read32(HOLE), 0, "and reads zero");
}

/* Documentation/spec/pkvm.rst */
static void test_system_registers(void)
{
	check(READ("id_aa64dfr0_el1"), mode & ANDROIDS ? 0 : 0x000f00f000000000, "DFR0: no debug, no PMU");
	check(READ("id_aa64pfr0_el1") >> 32 & 0xf, 0, "no SVE");
	check(READ("id_aa64pfr1_el1") >> 8 & 0xf, 0, "no MTE");
	check(READ("id_aa64pfr1_el1") >> 24 & 0xf, 0, "no SME");
	check(READ("id_aa64mmfr0_el1") & 0xf, 2, "40 bits");
	check(READ("id_aa64mmfr0_el1") >> 20 & 0xff, mode & PROTECTED ? 0 : 1, "pages of 16 and 64 KiB");
	check(READ("id_aa64mmfr2_el1") >> 52 & 0xf, 2, "break-before-make of level 2");
	check(READ("s3_0_c0_c7_4"), mode & ANDROIDS ? 0 : 0xf000000, "MMFR4");
	check(READ("id_aa64pfr0_el1") & 0xfff, 0x111, "AArch64 alone");
	check(READ("id_aa64isar0_el1") & 0xf000f0, 0x200020, "ISAR0 is the CPU's");
	check(READ("s3_0_c0_c1_0"), 0, "no AArch32");
	check(READ("s3_0_c0_c7_7"), 0, "an unallocated one is zero");
	check(EXCEPTION(asm volatile("msr s3_0_c0_c4_0, xzr")), UNDEFINED, "they are not written");
	check(EXCEPTION(READ("pmcr_el0")), UNDEFINED, "PMU registers");
	check(EXCEPTION(READ("dbgbvr1_el1")), UNDEFINED, "the second breakpoint");
	check(EXCEPTION(READ("dbgbvr0_el1")), 0, "the first breakpoint");
	check(READ("dbgbvr0_el1"), 0, "reads zero");
	check(EXCEPTION(asm volatile("msr mdscr_el1, xzr")), 0, "MDSCR");
	check(EXCEPTION(READ("actlr_el1")), UNDEFINED, "ACTLR");
	check(EXCEPTION(asm volatile("dc isw, xzr")), UNDEFINED, "set/way");
	asm volatile("msr cpacr_el1, %0\n\tisb" : : "r"(0x330000UL));
	check(EXCEPTION(asm volatile(".inst 0x04bf5020" : : : "x0")), UNDEFINED, "SVE");	/* rdvl x0, #1 */
	check(EXCEPTION(READ("s3_4_c1_c1_0")), UNDEFINED, "EL2's registers");		/* HCR_EL2 */
	check(EXCEPTION(READ("cntpct_el0")), 0, "the physical counter");
	check(EXCEPTION(READ("s3_0_c12_c12_5")), 0, "ICC_SRE");
}

static void test_guard(void)
{
	u64 before = counter(COUNTER_BLOCKED_MMIO);

	if (mode != PVMFW) {
		check(call_hvc(GUARD_MAP, RTC, 0, 0), -3, "MAP before ENROLL");
		check(EXCEPTION(mmio_read32(RTC)), 0, "unguarded MMIO before ENROLL");
	}
	check(call_hvc(GUARD_INFO, 0, 0, 0), granule, "INFO");
	check(call_hvc(GUARD_ENROLL, 0, 0, 0), 0, "ENROLL");
	call_hvc(GUARD_MAP, UART, 0, 0);
	check(EXCEPTION(mmio_read32(RTC)), EXTERNAL_ABORT, "unguarded MMIO");
	check(counter(COUNTER_BLOCKED_MMIO) - before, 1, "is counted, and the doorbell is exempt");
	check(call_hvc(GUARD_MAP, RTC + 4, 0, 0), -3, "MAP unaligned");
	check(call_hvc(GUARD_MAP, RTC, 0, 0), 0, "MAP");
	check(call_hvc(GUARD_MAP, RTC, 0, 0), 0, "MAP again");
	check(EXCEPTION(mmio_read32(RTC)), 0, "guarded MMIO");
	check(EXCEPTION(mmio_read32(RTC + granule)), EXTERNAL_ABORT, "the granule behind it");
	check(call_hvc(GUARD_UNMAP, RTC, 0, 0), 0, "UNMAP");
	check(call_hvc(GUARD_MAP, (u64)&granule & ~(granule - 1), 0, 0), -3, "MAP of RAM");
	check(call(false, RGUARD_MAP, REDIST, 4, 0).r1, 4, "MAP of a range");
	check(EXCEPTION(mmio_read32(REDIST + 3 * granule)), 0, "its last granule");
	check(call_hvc(SHARE, RTC, 0, 0), -3, "SHARE of guarded MMIO");
	call_hvc(GUARD_MAP, SMMU, 0, 0);
	check(EXCEPTION(mmio_read32(SMMU)), EXTERNAL_ABORT, "the SMMU is not there for a guarded page either");
}

/* QEMU's edu device: DMA to order. Registers: its docs/specs/edu.txt */
static u64 edu_config(void)
{
	for (u64 slot = 0; slot < 32; slot++)
		if (mmio_read32(ECAM + (slot << 15)) == 0x11e81234)
			return ECAM + (slot << 15);
	return 0;
}

static void edu_dma(u64 from, u64 to, bool to_memory)
{
	mmio_write64(EDU_BAR + 0x80, from);
	mmio_write64(EDU_BAR + 0x88, to);
	mmio_write64(EDU_BAR + 0x90, 4);
	mmio_write64(EDU_BAR + 0x98, 1 | to_memory << 1);
	for (int i = 0; i < 10000000 && (mmio_read64(EDU_BAR + 0x98) & 1); i++)
		;
}

static void edu_fill(u64 g, u64 pattern)
{
	mmio_write64(g, pattern);
	edu_dma(g, EDU_BUFFER, false);
}

static void test_dma(void)
{
	u64 config = edu_config(), g = fresh(), other = fresh(), before;

	if (!config)
		return check(0, 1, "an edu device is there");
	mmio_write32(config + 0x10, EDU_BAR);
	mmio_write32(config + 4, 6);
	mmio_write64(other, 0x0123);
	before = counter(COUNTER_BLOCKED_DMA);
	check(call_hvc(SHARE, g, 0, 0), mode == PLAIN ? -1 : 0, "SHARE");
	edu_fill(g, 0xd3a);
	mmio_write64(g, 0);
	edu_dma(EDU_BUFFER, g, true);
	check(mmio_read64(g), 0xd3a, "DMA to and from a shared granule");
	check(counter(COUNTER_BLOCKED_DMA) - before, 0, "is not blocked");
	edu_dma(EDU_BUFFER, other, true);
	check(mmio_read64(other), mode == PLAIN ? 0xd3a : 0x0123, "DMA to a private granule does not arrive");
	check(counter(COUNTER_BLOCKED_DMA) - before, mode != PLAIN, "and is counted");
	call_hvc(UNSHARE, g, 0, 0);
	mmio_write64(g, 0x777);
	edu_dma(EDU_BUFFER, g, true);
	check(mmio_read64(g), mode == PLAIN ? 0xd3a : 0x777, "nor does it after UNSHARE");
	check(counter(COUNTER_BLOCKED_DMA) - before, mode == PLAIN ? 0 : 2, "and is counted");
	edu_dma(EDU_BUFFER, fresh(), true);
	check(counter(COUNTER_BLOCKED_DMA) - before, mode == PLAIN ? 0 : 3, "an untouched granule is blocked too");
}

static void its_command(u64 queue, u64 n, u64 w0, u64 w1, u64 w2)
{
	u64 *slot = (u64 *)(queue + 32 * n);

	slot[0] = w0;
	slot[1] = w1;
	slot[2] = w2;
	slot[3] = 0;
	asm volatile("dsb sy" : : : "memory");
	mmio_write64(ITS + 0x88, 32 * (n + 1));
}

/* Guest memory for the ITS: shared, zeroed, 64 KiB and more apart */
static u64 its_memory(u64 size)
{
	u64 start = fresh();

	for (u64 g = start; g < start + size; g += granule)
		call_hvc(SHARE, g, 0, 0);
	return start;
}

static void its_tables(void)
{
	for (int n = 0; n < 8; n++) {
		u64 base = mmio_read64(ITS + 0x100 + 8 * n);

		if (base >> 56 & 7)
			mmio_write64(ITS + 0x100 + 8 * n, (base & (0x7UL << 56 | 0x1fUL << 48)) | 1UL << 63 |
				its_memory(0x20000) | 0x200 | 1);
	}
}

static void test_its(void)
{
	u64 before = counter(COUNTER_BLOCKED_ITS), queue = its_memory(4096), itt = its_memory(4096), private = fresh();

	mmio_write64(private, 0);
	its_tables();
	mmio_write64(ITS + 0x80, queue | 1UL << 63);
	mmio_write64(ITS + 0x88, 0);
	mmio_write32(ITS, 1);
	check(mmio_read32(ITS) & 1, 1, "the ITS is on");
	its_command(queue, 0, 0x08 | 8UL << 32, 4, itt | 1UL << 63);
	check(mmio_read64(ITS + 0x90), 32, "MAPD with a shared table is carried out");
	check(counter(COUNTER_BLOCKED_ITS) - before, 0, "and not blocked");
	its_command(queue, 1, 0x08 | 16UL << 32, 4, private | 1UL << 63);
	check(counter(COUNTER_BLOCKED_ITS) - before, mode != PLAIN, "MAPD with a private table is counted");
	check(mmio_read64(ITS + 0x90), 64, "and is taken all the same");
	mmio_write32(REDIST, 0);
	mmio_write64(REDIST + 0x70, private | 15);
	mmio_write64(REDIST + 0x78, its_memory(0x20000));
	mmio_write32(REDIST, 1);
	check(mmio_read32(REDIST) & 1, mode == PLAIN, "LPIs with a private property table stay off");
}

static void test_its_unshare(void)
{
	u64 before = counter(COUNTER_BLOCKED_ITS), queue = its_memory(4096);

	its_tables();
	mmio_write64(ITS + 0x80, queue | 1UL << 63);
	mmio_write64(ITS + 0x88, 0);
	mmio_write32(ITS, 1);
	check(mmio_read32(ITS) & 1, 1, "the ITS is on");
	check(counter(COUNTER_BLOCKED_ITS) - before, 0, "with shared tables");
	call_hvc(UNSHARE, queue, 0, 0);
	check(counter(COUNTER_BLOCKED_ITS) - before, 1, "UNSHARE of its queue is counted");
}

/* A feature that pKVM masks, and options show */
static u64 has_cssc(void)
{
	return READ("s3_0_c0_c6_2") >> 52 & 15;
}

void second_main(void)
{
	u64 others = 0;

	for (int i = 1; i < 31; i++)
		others |= entry_gprs[i];
	if (devices)
		realm_second(entry_gprs[0]);
	second_said = others ? 0xbad : entry_gprs[0] + has_cssc();
	call(false, CPU_OFF, 0, 0, 0);
}

u64 wait_for_second(u64 value)
{
	for (int i = 0; i < 100000000 && second_said != value; i++)
		asm volatile("yield");
	return second_said;
}

static void test_cpus(void)
{
	check(call_hvc(CPU_ON, 7, (u64)second_entry, 0), -2, "CPU_ON of a CPU that is not there");
	check(call_hvc(CPU_ON, 0, (u64)second_entry, 0), -4, "CPU_ON of ourselves");
	check(call_hvc(AFFINITY_INFO, 0, 0, 0), 0, "we are on");
	for (u64 turn = 1; turn <= 20; turn++) {
		check(call_hvc(AFFINITY_INFO, 1, 0, 0), 1, "the second CPU is off");
		check(call_hvc(CPU_ON, 1, (u64)second_entry, turn), 0, "CPU_ON");
		check(wait_for_second(turn), turn, "it runs, with X0 and all else zero");
		for (int i = 0; i < 10000000 && call_hvc(AFFINITY_INFO, 1, 0, 0) != 1; i++)
			;
	}
	check(call(true, 0x84000000, 0, 0, 0).r0, 0x10003, "PSCI by SMC is the host's");
	check(call_hvc(0x8400000a, 0xc4000015, 0, 0), 1, "PSCI_FEATURES(SYSTEM_OFF2): hibernation");
	check(call_hvc(0xc4000015, 2, 0, 0), -2, "SYSTEM_OFF2 of no such kind");
	check(call_hvc(0x8400000a, CPU_ON, 0, 0), 0, "PSCI_FEATURES(CPU_ON)");
	check(call_hvc(0x8400000a, 0x8400000e, 0, 0), -1, "PSCI_FEATURES(SYSTEM_SUSPEND)");
}

static void lie_show(void)
{
	check(has_cssc(), 9, "the field is as the option has it");
	check(READ("s3_0_c0_c6_2") & ~(15UL << 52) & ~0xff0UL, 0, "and no other one");
	check(EXCEPTION(READ("s3_0_c0_c4_3")), UNDEFINED, "no_id: it is undefined");
	check(EXCEPTION(READ("s3_0_c0_c4_2")), 0, "and no other one");
}

static void lie_show_cpu(void)
{
	check(has_cssc(), 0, "another CPU is lied to");
	check(call_hvc(CPU_ON, 1, (u64)second_entry, 0x100), 0, "CPU_ON");
	check(wait_for_second(0x109), 0x109, "that one");
}

#define READ_NOP(reg)	({ u64 v_; asm volatile("mrs %0, " reg "\n\tnop" : "=r"(v_)); v_; })

static void lie_no_id_behind(void)
{
	check(EXCEPTION(READ_NOP("s3_0_c0_c4_3")), UNDEFINED, "no_id: it is undefined");
	check(*(volatile u32 *)taken.elr, NOP, "behind the MRS");
}

/* Options hvc= and smc=: how each call ends. */
static const struct ending {
	const char *name;
	bool smc;
	u64 esr;
	u32 behind;
} endings[] = {
	{ "hvc-undef",		false,	UNDEFINED,	0 },
	{ "hvc-undef-behind",	false,	UNDEFINED,	4 },
	{ "hvc-abort",		false,	EXTERNAL_ABORT,	0 },
	{ "hvc-abort-behind",	false,	EXTERNAL_ABORT,	4 },
	{ "smc-undef",		true,	UNDEFINED,	0 },
	{ "smc-undef-behind",	true,	UNDEFINED,	4 },
	{ "smc-abort",		true,	EXTERNAL_ABORT,	0 },
	{ "smc-abort-behind",	true,	EXTERNAL_ABORT,	4 },
};

static bool ending_lie(const char *name)
{
	for (u32 i = 0; name && i < ARRAY_SIZE(endings); i++) {
		if (!same(endings[i].name, name))
			continue;
		check(EXCEPTION(call(endings[i].smc, FEATURES, 0, 0, 0)), endings[i].esr, "its class");
		check(*(volatile u32 *)(taken.elr - endings[i].behind), endings[i].smc ? SMC_0 : HVC_0, "its place");
		return true;
	}
	return false;
}

static void lie_unsupported(void)
{
	check(call(false, FEATURES, 0, 0, 0).r0, -1, "HVC is not supported");
}

static u32 count_zeros(const u64 x[18], u32 first)
{
	u32 n = 0;

	for (u32 i = first; i < 18; i++)
		n += !x[i];
	return n;
}

/* A call without an answer keeps no register, one with an answer X0 to X3. */
static void lie_clobber(void)
{
	static u64 x[18];

	x[0] = 0xc4000190;
	smc_registers(x);
	check(count_zeros(x, 0), 0, "X0 to X17 are junk");
	check(x[0] == 0xc4000190 || !~x[0], 0, "no answer");
	for (u32 i = 0; i < 18; i++)
		x[i] = i ? 0 : 0x84000000;
	smc_registers(x);
	check(x[0], 0x10003, "PSCI is answered");
	check(count_zeros(x, 1), 3, "with X0 to X3");
	check(count_zeros(x, 4), 0, "X4 to X17 are junk");
	check(call(false, 0x8400000a, 0x80000000, 0, 0).r0, -1, "it is SMCCC 1.0");
}

static const struct test shows[] = {
	{ "no-id-behind",	lie_no_id_behind },
	{ "unsupported",	lie_unsupported },
	{ "clobber",		lie_clobber },
	{ "show",		lie_show },
	{ "show-cpu",		lie_show_cpu },
};

static bool features_lie(void)
{
	const char *name = find("selftest=");

	for (u32 i = 0; name && i < ARRAY_SIZE(shows); i++)
		if (same(shows[i].name, name)) {
			run(&shows[i]);
			return true;
		}
	return ending_lie(name);
}

static const struct test tests[] = {
	{ "entry",		test_entry,			ALL },
	{ "probe",		test_probe,			ALL },
	{ "meminfo",		test_meminfo,			PROTECTED },
	{ "plain",		test_plain_knows_no_pkvm,	PLAIN },
	{ "share matrix",	test_share_matrix,		PROTECTED },
	{ "mainline",		test_mainline_is_single,	MAINLINE },
	{ "ranges",		test_android_ranges,		ANDROIDS },
	{ "relinquish",		test_relinquish,		ANDROIDS },
	{ "host view",		test_host_view,			PROTECTED },
	{ "scan",		test_scan,			PROTECTED },
	{ "steal",		test_steal,			PROTECTED },
	{ "mmio syndromes",	test_mmio_syndromes,		UNGUARDED },
	{ "mmio refused",	test_mmio_refused,		UNGUARDED },
	{ "system registers",	test_system_registers,		ALL },
	{ "dma",		test_dma,			UNGUARDED },
	{ "cpus",		test_cpus,			ALL },
	{ "its",		test_its,			PLAIN | MAINLINE },
	{ "its unshare",	test_its_unshare,		ANDROID },
	{ "guard",		test_guard,			ANDROIDS },
};

static u32 which_mode(void)
{
	switch (call_hvc(FEATURES, 0, 0, 0)) {
	case 0x1d:	return MAINLINE;
	case 0xffd:	return call_hvc(GUARD_MAP, UART, 0, 0) ? ANDROID : PVMFW;
	default:	return PLAIN;
	}
}

void run(const struct test *t)
{
	u32 before = failed;

	t->run();
	put(failed == before ? "ok - " : "not ok - ");
	put(t->name);
	put("\r\n");
}

void main(void)
{
	if (realm_begin()) {
		realm_run();
	} else if (!host_pages_lie() && !features_lie()) {
		mode = which_mode();
		host_pages_run();
		for (u32 i = 0; i < ARRAY_SIZE(tests); i++)
			if (tests[i].modes & mode)
				run(&tests[i]);
	}
	put("SUMMARY: ");
	put_number(passed);
	put(" passed, ");
	put_number(failed);
	put(" failed\r\n");
	ring(DOORBELL_DONE, failed != 0, NULL);
	call(devices, SYSTEM_OFF, 0, 0, 0);
	call(!devices, SYSTEM_OFF, 0, 0, 0);
}
