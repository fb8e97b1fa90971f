/* SPDX-License-Identifier: GPL-2.0-only */
/* Data that do not repeat, cheaply: xorshift64. */
#ifndef TESTS_GUEST_PATTERN_H
#define TESTS_GUEST_PATTERN_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t pattern_seed(uint64_t seed)
{
	/* Zero is the one state that xorshift never leaves. */
	return (seed * 0x9e3779b97f4a7c15ULL) | 1;
}

static inline uint64_t pattern_fill(uint64_t *at, size_t bytes, uint64_t state)
{
	for (size_t i = 0; i < bytes / sizeof(*at); i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		at[i] = state;
	}
	return state;
}

#endif
