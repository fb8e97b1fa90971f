// SPDX-License-Identifier: GPL-2.0-only
/*
 * SHA-512 of pieces, where the tree has it in the crypto API alone.
 */
#include <crypto/hash.h>
#include <linux/err.h>

#include <compat/sha512.h>

static int hash_pieces(struct crypto_shash *tfm, const struct sha512_piece *pieces,
		       unsigned int nr, u8 *digest)
{
	SHASH_DESC_ON_STACK(desc, tfm);
	unsigned int i;
	int err;

	desc->tfm = tfm;
	err = crypto_shash_init(desc);
	for (i = 0; i < nr && !err; i++)
		err = crypto_shash_update(desc, pieces[i].data, pieces[i].len);
	err = err ?: crypto_shash_final(desc, digest);
	shash_desc_zero(desc);
	return err;
}

/**
 * compat_sha512() - SHA-512 of pieces
 * @pieces: what is hashed, in this order
 * @nr: number of pieces
 * @digest: the result
 *
 * Context: Process, may sleep.
 * Return: 0, -ENOENT if the kernel has no SHA-512 yet, or an error of the crypto API.
 */
int compat_sha512(const struct sha512_piece *pieces, unsigned int nr,
		  u8 digest[SHA512_DIGEST_SIZE])
{
	struct crypto_shash *tfm = crypto_alloc_shash("sha512", 0, 0);
	int err;

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	err = hash_pieces(tfm, pieces, nr, digest);
	crypto_free_shash(tfm);
	return err;
}
