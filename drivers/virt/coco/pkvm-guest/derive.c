// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys and secrets of a DICE layer: HMAC and HKDF by SHA-512 (RFC 2104, RFC 5869), and
 * what the Open Profile for DICE derives by them.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>

#include "dice.h"

#define BLOCK	128	/* of SHA-512 */
#define DIGEST	64

/* Salts of the Open Profile for DICE, "Cryptography" */
static const u8 key_salt[64] = {
	0x63, 0xb6, 0xa0, 0x4d, 0x2c, 0x07, 0x7f, 0xc1, 0x0f, 0x63, 0x9f, 0x21, 0xda, 0x79,
	0x38, 0x44, 0x35, 0x6c, 0xc2, 0xb0, 0xb4, 0x41, 0xb3, 0xa7, 0x71, 0x24, 0x03, 0x5c,
	0x03, 0xf8, 0xe1, 0xbe, 0x60, 0x35, 0xd3, 0x1f, 0x28, 0x28, 0x21, 0xa7, 0x45, 0x0a,
	0x02, 0x22, 0x2a, 0xb1, 0xb3, 0xcf, 0xf1, 0x67, 0x9b, 0x05, 0xab, 0x1c, 0xa5, 0xd1,
	0xaf, 0xfb, 0x78, 0x9c, 0xcd, 0x2b, 0x0b, 0x3b,
};

static const u8 id_salt[64] = {
	0xdb, 0xdb, 0xae, 0xbc, 0x80, 0x20, 0xda, 0x9f, 0xf0, 0xdd, 0x5a, 0x24, 0xc8, 0x3a,
	0xa5, 0xa5, 0x42, 0x86, 0xdf, 0xc2, 0x63, 0x03, 0x1e, 0x32, 0x9b, 0x4d, 0xa1, 0x48,
	0x43, 0x06, 0x59, 0xfe, 0x62, 0xcd, 0xb5, 0xb7, 0xe1, 0xe0, 0x0f, 0xc6, 0x80, 0x30,
	0x67, 0x11, 0xeb, 0x44, 0x4a, 0xf7, 0x72, 0x09, 0x35, 0x94, 0x96, 0xfc, 0xff, 0x1d,
	0xb9, 0x52, 0x0b, 0xa5, 0x1c, 0x7b, 0x29, 0xea,
};

/* A key of up to a block; @out may be the key. */
static int hmac_digest(u8 out[DIGEST], const struct sha512_piece *key,
		       const struct sha512_piece *a, const struct sha512_piece *b)
{
	u8 inner[BLOCK] = { }, outer[BLOCK], digest[DIGEST];
	const struct sha512_piece first[] = { { inner, BLOCK }, *a, *b };
	const struct sha512_piece second[] = { { outer, BLOCK }, { digest, DIGEST } };
	unsigned int i;
	int err;

	if (key->len > BLOCK)
		return -EINVAL;
	memcpy(inner, key->data, key->len);
	for (i = 0; i < BLOCK; i++) {
		outer[i] = inner[i] ^ 0x5c;
		inner[i] ^= 0x36;
	}
	err = compat_sha512(first, ARRAY_SIZE(first), digest);
	err = err ?: compat_sha512(second, ARRAY_SIZE(second), out);
	memzero_explicit(inner, sizeof(inner));
	memzero_explicit(outer, sizeof(outer));
	memzero_explicit(digest, sizeof(digest));
	return err;
}

/**
 * dice_kdf() - HKDF by SHA-512: extract, then one block of expand
 * @out: the result
 * @len: its bytes, up to 64
 * @ikm: input keying material
 * @salt: the salt, up to 128 bytes
 * @info: a text, of which the zero byte at the end is no part
 *
 * Context: Process, may sleep.
 * Return: 0, -EINVAL for a length that is too large, or the error of SHA-512.
 */
int dice_kdf(u8 *out, size_t len, const struct sha512_piece *ikm,
	     const struct sha512_piece *salt, const char *info)
{
	static const u8 block = 1;
	const struct sha512_piece text = { info, strlen(info) }, counter = { &block, 1 };
	const struct sha512_piece nothing = { NULL, 0 };
	u8 work[DIGEST];
	const struct sha512_piece prk = { work, DIGEST };
	int err;

	if (len > DIGEST)
		return -EINVAL;
	err = hmac_digest(work, salt, ikm, &nothing);
	err = err ?: hmac_digest(work, &prk, &text, &counter);
	if (!err)
		memcpy(out, work, len);
	memzero_explicit(work, sizeof(work));
	return err;
}

/**
 * dice_key() - the key pair of a layer
 * @key: the result; the caller wipes it
 * @cdi_attest: secret of the layer
 *
 * Context: Process, may sleep.
 * Return: 0, or the error of SHA-512.
 */
int dice_key(struct ed25519_key *key, const u8 cdi_attest[DICE_CDI_SIZE])
{
	const struct sha512_piece cdi = { cdi_attest, DICE_CDI_SIZE };
	const struct sha512_piece salt = { key_salt, sizeof(key_salt) };
	u8 seed[ED25519_SEED_SIZE];
	int err;

	err = dice_kdf(seed, sizeof(seed), &cdi, &salt, "Key Pair");
	err = err ?: ed25519_key_init(key, seed);
	memzero_explicit(seed, sizeof(seed));
	return err;
}

/**
 * dice_key_id() - the ID by which certificates name a key
 * @id: the result; in a certificate it is text, in lower-case hexadecimal digits
 * @public: the public key
 *
 * Context: Process, may sleep.
 * Return: 0, or the error of SHA-512.
 */
int dice_key_id(u8 id[DICE_ID_SIZE], const u8 public[ED25519_PUBLIC_SIZE])
{
	const struct sha512_piece key = { public, ED25519_PUBLIC_SIZE };
	const struct sha512_piece salt = { id_salt, sizeof(id_salt) };
	int err;

	err = dice_kdf(id, DICE_ID_SIZE, &key, &salt, "ID");
	id[0] &= 0x7f;
	return err;
}

static int next_cdi(u8 out[DICE_CDI_SIZE], const u8 *cdi, const struct sha512_piece *inputs,
		    unsigned int nr, const char *info)
{
	const struct sha512_piece ikm = { cdi, DICE_CDI_SIZE };
	u8 digest[DIGEST];
	const struct sha512_piece salt = { digest, DIGEST };
	int err;

	err = compat_sha512(inputs, nr, digest);
	return err ?: dice_kdf(out, DICE_CDI_SIZE, &ikm, &salt, info);
}

/**
 * dice_next_cdis() - the secrets of the next layer
 * @attest: its CDI_Attest
 * @seal: its CDI_Seal, into which neither code nor configuration go
 * @cdi_attest: CDI_Attest of this layer
 * @cdi_seal: its CDI_Seal
 * @layer: the next layer
 *
 * Context: Process, may sleep.
 * Return: 0, or the error of SHA-512.
 */
int dice_next_cdis(u8 attest[DICE_CDI_SIZE], u8 seal[DICE_CDI_SIZE],
		   const u8 *cdi_attest, const u8 *cdi_seal, const struct dice_layer *layer)
{
	const struct sha512_piece inputs[] = {
		{ layer->code, DIGEST }, { layer->config, DIGEST }, { layer->authority, DIGEST },
		{ &layer->mode, 1 }, { layer->hidden, DIGEST },
	};
	int err;

	err = next_cdi(attest, cdi_attest, inputs, 5, "CDI_Attest");
	return err ?: next_cdi(seal, cdi_seal, inputs + 2, 3, "CDI_Seal");
}
