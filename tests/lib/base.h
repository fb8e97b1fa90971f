/* SPDX-License-Identifier: GPL-2.0-only */
/* What programs at EL2 share: the monitor, and the normal-world host of tests/rmm. */
#ifndef LIB_BASE_H
#define LIB_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int32_t s32;
typedef int64_t s64;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define BIT(n)		(1UL << (n))
#define MASK(high, low)	((~0UL >> (63 - (high))) & (~0UL << (low)))
#define PAGE		4096UL

#define sysreg_read(reg)	({ u64 v_; asm volatile("mrs %0, " #reg : "=r"(v_)); v_; })
#define sysreg_write(reg, val)	asm volatile("msr " #reg ", %0" : : "r"((u64)(val)) : "memory")

static inline void barrier_all(void)
{
	asm volatile("dsb sy\n\tisb" : : : "memory");
}

struct span {
	u64 start, end;
};

static inline bool span_has(const struct span *s, u64 address)
{
	return address >= s->start && address < s->end;
}

/* access.S: accesses that may fault, after which el2_fault() of the program is asked where to go on; calls */
u64 mmio_load(u64 address, u64 log2_size, u64 *value);
u64 mmio_store(u64 address, u64 log2_size, u64 value);
extern char mmio_begin[], mmio_end[], mmio_nobody[];
s64 psci_smc(u64 function, u64 a1, u64 a2, u64 a3);
s64 semihost(u64 operation, void *block);

/* words.c: words key=value of the semihosting command line */
enum kind { WORD, NUMBER, LIE, LIST, FOUR, TEXT64, SPAN };

struct option {
	const char *name;
	enum kind kind;
	void *to;
};

struct lie {
	bool told;
	u64 value;
};

struct numbers {
	u64 of[8];
	u32 count;
};

/* For each word; what no option takes is returned at the end. The first word is the program's name. */
const char *words_read(const struct option *options, u32 count);
u64 to_number(const char *word);
bool one_of(const char *word, const char *a, const char *b, const char *c);

/* json.c */
struct json {
	char *at, *end;
	bool comma;
};

void json_put(struct json *j, const char *format, ...) __attribute__((format(printf, 2, 3)));
void json_open(struct json *j, const char *name, char bracket);
void json_close(struct json *j, char bracket);
void json_number(struct json *j, const char *name, u64 value);
void json_hex(struct json *j, const char *name, u64 value);
void json_string(struct json *j, const char *name, const char *value);

/* end.c, see end.h */
void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* lock.c: one lock for all that changes, a spin lock */
void lock(void);
void unlock(void);

/* pages.c */
void pages_init(void *start, void *end);
void *pages_alloc(size_t n);		/* zeroed, NULL when there is no more */
void *pages_must(size_t n, const char *what);	/* zeroed, or the end of the run */

/* An access of the guest's to a device, by one register */
struct mmio {
	u64 ipa;
	u32 log2_size;
	bool write;
	u64 value;
};

/* device.c: a device of the machine's; what does not answer reads as 0 */
u64 device_read(u64 address, u32 log2_size);
void device_write(u64 address, u32 log2_size, u64 value);

/* random.c: garbage, the same in each run */
u64 random_next(void);

/* console.c, semihost.c */
size_t format(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t vformat(char *out, size_t size, const char *format, __builtin_va_list args);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void semihost_cmdline(char *out, size_t size);
bool semihost_write_file(const char *path, const char *text, size_t size);
s64 semihost_read_file(const char *path, void *to, size_t room);	/* its size, negative if not all of it */
u64 semihost_time(void);
void semihost_exit(int code) __attribute__((noreturn));

#endif
