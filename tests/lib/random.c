// SPDX-License-Identifier: GPL-2.0-only
#include "base.h"

static u64 random_state = 0x9e3779b97f4a7c15;

/* xorshift */
u64 random_next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}
