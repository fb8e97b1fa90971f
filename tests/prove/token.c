// SPDX-License-Identifier: GPL-2.0-only
/* prove: unwind 10, GRANULES 4 */
/* shrink: arch/arm64/include/asm/rsi_smc.h RSI_GRANULE 8 */
/* shrink: arch/arm64/include/asm/rsi_smc.h RSI_CHALLENGE_SIZE 4U */
/* shrink: drivers/virt/coco/arm-cca-guest/token.c ATTEMPTS 2 */
/*
 * cca_token_read(), with a granule of 8 bytes: whatever the RMM answers, it ends; what it copies fits and
 * has been written by the RMM for this token; after an error there is no token.
 */
#include "model.h"

static u8 page[8], token_data[16];
static bool page_used, begun, written[8];
static size_t room, allocated;
static unsigned int asked;

static inline void *get_page(void)
{
	page_used = nondet_bool();
	return page_used ? page : NULL;
}

static inline void *get_room(u64 size)
{
	check(!allocated, "one token at a time");
	check(size && size <= room, "no more room than a caller can use");
	allocated = nondet_bool() ? size : 0;
	return allocated ? token_data : NULL;
}

static inline void put_room(const void *data)
{
	check(!data || (data == token_data && allocated), "what is freed was allocated");
	if (data)
		allocated = 0;
}

static inline void put_page(unsigned long at)
{
	unsigned int i;

	check(page_used && at == (unsigned long)page, "the buffer is freed once");
	page_used = false;
	for (i = 0; i < sizeof(page); i++)
		check(!page[i], "and wiped before");
}

/* Each byte that is copied is one that the RMM has written since it was copied last. */
static inline void copy(void *to, const void *from, size_t len)
{
	size_t at = (const u8 *)from - page, i;

	check(len <= sizeof(page) && at <= sizeof(page) - len, "it copies from the buffer");
	check((u8 *)to >= token_data && (size_t)((u8 *)to - token_data) + len <= allocated, "into the token");
	for (i = 0; i < sizeof(page); i++) {
		if (i < at || i >= at + len)
			continue;
		check(written[i], "what the RMM has written");
		written[i] = false;
	}
}

/* Time goes on, so that it ends. */
static inline ktime_t now(void)
{
	return asked;
}

#define GFP_ATTEST		0
#define get_zeroed_page(gfp)	((unsigned long)get_page())
#define free_page(at)		put_page(at)
#define kvzalloc(size, gfp)	get_room(size)
#define kvfree(data)		put_room(data)
#define memzero_explicit(p, n)	memset(p, 0, n)
#define virt_to_phys(p)		((phys_addr_t)(p))
#define ktime_get()		now()
#define ktime_add_ms(t, ms)	((t) + (ms))
#define ktime_after(a, b)	((a) > (b))
#define fatal_signal_pending(t)	nondet_bool()
#define current			NULL
#define cond_resched()
#define migrate_disable()
#define migrate_enable()

struct tsm_measurement_register { int unused; };
struct tsm_measurements { int unused; };

#undef memcpy
#define memcpy(to, from, len)	copy(to, from, len)
#include "drivers/virt/coco/arm-cca-guest/token.c"
#undef memcpy

static u64 do_init(const u8 *challenge, u64 *bound)
{
	if (nondet_bool())
		*bound = nondet_ulong();
	begun = true;
	return nondet_ulong();
}

static u64 do_continue(phys_addr_t granule, u64 offset, u64 size, u64 *len)
{
	unsigned int i, n = any_of(0, sizeof(page));
	u64 status = nondet_ulong();

	check(begun, "a token has been begun");
	check(granule == (phys_addr_t)page, "the RMM writes to the buffer");
	check(size && size <= sizeof(page) && offset <= sizeof(page) - size, "and stays inside");
	asked++;
	for (i = 0; i < sizeof(page); i++) {
		if (i < offset || i >= offset + size || i >= offset + n)
			continue;
		page[i] = 1 + nondet_uint() % 255;
		written[i] = true;
	}
	if (status == RSI_SUCCESS || status == RSI_INCOMPLETE) {
		*len = nondet_ulong();
		/* An RMM writes what it says that it has written, where there is room for it. */
		assume(*len > size || *len == min((u64)n, size));
	}
	return status;
}

static const struct cca_rmm rmm = { .attest_init = do_init, .attest_continue = do_continue };

int main(void)
{
	u8 challenge[RSI_CHALLENGE_SIZE];
	struct cca_token token;
	int err;

	room = any_of(1, sizeof(token_data));
	err = cca_token_read(&rmm, challenge, room, 3, &token);
	check(!page_used, "the buffer has been freed");
	check(err <= 0, "an error is below zero");
	check(!err || (!token.data && !token.len && !allocated), "after an error there is no token");
	check(err || (token.data == token_data && token.len && token.len <= allocated), "a token has what was read");
	return 0;
}
