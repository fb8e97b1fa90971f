// SPDX-License-Identifier: GPL-2.0-only
/*
 * Option ragged=: RAM and what is reserved in it begin and end where larger pages do not. The first hole is around an
 * edge of 64 KiB, the second at the end of RAM.
 */
#include "memory.h"
#include "options.h"

#define RAGGED_HOLE		0x00d000
#define RAGGED_HOLE_END		0x013000

struct span ragged_holes[2];

u64 ragged_base(void)
{
	return (ram.start + (ram.end - ram.start) / 4 * 3) & ~0x1fffffUL;
}

void ragged_make_holes(void)
{
	u64 visible = ram.end - (opt.hidden_ram << 20);

	if (!opt.ragged)
		return;
	ragged_holes[0] = (struct span){ ragged_base() + RAGGED_HOLE, ragged_base() + RAGGED_HOLE_END };
	ragged_holes[1] = (struct span){ visible - RAGGED_TAIL, visible };
}

/* With ragged=2 a realm has to accept what is around the no-map page: 64 KiB, that page included. */
struct span ragged_forgotten(void)
{
	u64 start = (ragged_base() + RAGGED_NO_MAP) & ~0xffffUL;

	return opt.ragged > 1 ? (struct span){ start, start + 0x10000 } : (struct span){ 0, 0 };
}

bool ragged_has_hole(u64 ipa)
{
	return span_has(&ragged_holes[0], ipa) || span_has(&ragged_holes[1], ipa);
}
