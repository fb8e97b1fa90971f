/* SPDX-License-Identifier: GPL-2.0-only */
/* What the self-test's two halves share: a guest of pKVM's (selftest.c), and a realm (realm.c). */
#ifndef SELFTEST_H
#define SELFTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../../lib/doorbell.h"

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define CPU_OFF		0x84000002
#define CPU_ON		0xc4000003
#define AFFINITY_INFO	0xc4000004
#define SYSTEM_OFF	0x84000008

#define UART		0x09000000UL
#define RTC		0x09010000UL
#define SMMU		0x09050000UL
#define HOLE		0x0e000000UL
#define MONITOR_RAM	0x40000000UL
#define ITS		0x08080000UL
#define REDIST		0x080a0000UL
#define ECAM		0x4010000000UL
#define EDU_BAR		0x10000000UL
#define EDU_BUFFER	0x40000

#define UNDEFINED	0x02000000UL
#define HVC_0		0xd4000002
#define SMC_0		0xd4000003
#define NOP		0xd503201f

struct answer {
	u64 r0, r1, r2, r3;
};

extern u64 entry_gprs[32], entry_fp[64];
extern struct {
	volatile u64 esr, far, elr, pan;
} taken;
extern void second_entry(void);
void smc_registers(u64 x[18]);

struct test {
	const char *name;
	void (*run)(void);
	u32 modes;
};

extern u32 failed;
extern u64 devices;		/* the upper half's bit in a realm, else 0: devices are there */

void put(const char *s);
void put_hex(u64 n);
void check(u64 is, u64 want, const char *what);
struct answer call(bool smc, u64 fid, u64 a1, u64 a2, u64 a3);
u64 fresh(void);
s64 ring(u64 command, u64 argument, u64 *value);
u64 counter(u32 n);
void run(const struct test *t);
extern volatile u64 second_said;
u64 wait_for_second(u64 value);

/* realm.c */
bool realm_begin(void);		/* false: this is no realm */
void realm_run(void);
void realm_second(u64 context) __attribute__((noreturn));

/* The command line is in the device tree, behind @text; NULL when it is not there */
const char *find(const char *text);
bool same(const char *name, const char *word);

/* hostpages.c */
void host_pages_run(void);
bool host_pages_lie(void);	/* false: the command line names none of them */

static inline void mmio_write64(u64 address, u64 value)
{
	asm volatile("str %0, [%1]" : : "r"(value), "r"(address) : "memory");
}

static inline u64 mmio_read64(u64 address)
{
	u64 value;

	asm volatile("ldr %0, [%1]" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static inline void mmio_write32(u64 address, u32 value)
{
	asm volatile("str %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}

static inline u32 mmio_read32(u64 address)
{
	u32 value = 0xdead;

	asm volatile("ldr %w0, [%1]" : "+r"(value) : "r"(address) : "memory");
	return value;
}

/* EXCEPTION(access): the ESR that it ended in, 0 for none */
#define EXCEPTION(...)	({ taken.esr = 0; __VA_ARGS__; taken.esr; })

#define READ(reg)	({ u64 v_ = 0xdead; asm volatile("mrs %0, " reg : "+r"(v_)); v_; })

#endif
