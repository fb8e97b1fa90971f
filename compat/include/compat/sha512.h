/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SHA-512 of pieces: by the library, which has it since Linux 6.16, before that by the
 * crypto API (compat/sha512.c).
 */
#ifndef _COMPAT_SHA512_H
#define _COMPAT_SHA512_H

#include <crypto/sha2.h>
#include <linux/types.h>

/**
 * struct sha512_piece - a part of what is hashed
 * @data: its bytes
 * @len: their number
 */
struct sha512_piece {
	const void *data;
	size_t len;
};

#ifdef COMPAT_SHA512_SHASH
int compat_sha512(const struct sha512_piece *pieces, unsigned int nr,
		  u8 digest[SHA512_DIGEST_SIZE]);
#else
static inline int compat_sha512(const struct sha512_piece *pieces, unsigned int nr,
				u8 digest[SHA512_DIGEST_SIZE])
{
	struct sha512_ctx ctx;
	unsigned int i;

	sha512_init(&ctx);
	for (i = 0; i < nr; i++)
		sha512_update(&ctx, pieces[i].data, pieces[i].len);
	sha512_final(&ctx, digest);
	return 0;
}
#endif

#endif /* _COMPAT_SHA512_H */
