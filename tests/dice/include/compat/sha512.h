/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DICE_SHA512_H
#define DICE_SHA512_H

#include <linux/types.h>

struct sha512_piece {
	const void *data;
	size_t len;
};

int compat_sha512(const struct sha512_piece *pieces, unsigned int nr, u8 digest[64]);

#endif
