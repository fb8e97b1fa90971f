// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ed25519 (RFC 8032, 5.1): a key pair of a seed, and signatures. No kernel has it.
 *
 * No branch and no address depends on a secret: the bits of a scalar choose by masks
 * between results that are computed both. Speed does not matter, since a report takes
 * two multiplications of the base point.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>

#include <compat/int128.h>

#include "dice.h"

#define LIMB_BITS	51
#define LIMB_MASK	((1ULL << LIMB_BITS) - 1)

/*
 * An element of the field of 2^255 - 19: the sum of v[i] * 2^(51 * i). Each function
 * takes limbs below 2^52, and returns such.
 */
struct fe {
	u64 v[5];
};

/* A point of the curve: x = X / Z, y = Y / Z, x * y = T / Z */
struct point {
	struct fe x, y, z, t;
};

/* 2 * d of the curve's equation */
static const struct fe curve_2d = { {
	0x69b9426b2f159, 0x35050762add7a, 0x3cf44c0038052, 0x6738cc7407977, 0x2406d9dc56dff
} };

static const struct point base_point = {
	.x = { { 0x62d608f25d51a, 0x412a4b4f6592a, 0x75b7171a4b31d, 0x1ff60527118fe,
		 0x216936d3cd6e5 } },
	.y = { { 0x6666666666658, 0x4cccccccccccc, 0x1999999999999, 0x3333333333333,
		 0x6666666666666 } },
	.z = { { 1 } },
	.t = { { 0x68ab3a5b7dda3, 0x0eea2a5eadbb, 0x2af8df483c27e, 0x332b375274732,
		 0x67875f0fd78b7 } },
};

/* The order of the base point, in words of 64 bits */
static const u64 order[4] = {
	0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000
};

/* All ones if @bit is 1, zero if it is 0; the compiler must not make a branch of it. */
static u64 mask_of(u64 bit)
{
	u64 mask = -bit;

	OPTIMIZER_HIDE_VAR(mask);
	return mask;
}

/* --- the field --------------------------------------------------------------- */

/* For limbs below 2^63 */
static void fe_carry(struct fe *a)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		a->v[i + 1] += a->v[i] >> LIMB_BITS;
		a->v[i] &= LIMB_MASK;
	}
	a->v[0] += 19 * (a->v[4] >> LIMB_BITS);
	a->v[4] &= LIMB_MASK;
}

static void fe_add(struct fe *out, const struct fe *a, const struct fe *b)
{
	unsigned int i;

	for (i = 0; i < 5; i++)
		out->v[i] = a->v[i] + b->v[i];
	fe_carry(out);
}

/* 4 * p is added, whose limbs are greater than those of @b. */
static void fe_sub(struct fe *out, const struct fe *a, const struct fe *b)
{
	unsigned int i;

	for (i = 0; i < 5; i++)
		out->v[i] = a->v[i] + 4 * LIMB_MASK - (i ? 0 : 4 * 18) - b->v[i];
	fe_carry(out);
}

/* The product in columns of 51 bits; 2^255 is 19. */
static void fe_mul(struct fe *out, const struct fe *a, const struct fe *b)
{
	u128 column[5] = { }, carry = 0;
	unsigned int i, j;

	for (i = 0; i < 5; i++) {
		for (j = 0; j < 5; j++) {
			u64 factor = i + j < 5 ? b->v[j] : 19 * b->v[j];

			column[(i + j) % 5] += (u128)a->v[i] * factor;
		}
	}
	for (i = 0; i < 5; i++) {
		carry += column[i];
		out->v[i] = (u64)carry & LIMB_MASK;
		carry >>= LIMB_BITS;
	}
	out->v[0] += 19 * (u64)carry;
	fe_carry(out);
}

static void fe_square(struct fe *out, const struct fe *a)
{
	fe_mul(out, a, a);
}

/* a^(p - 2): of the 255 bits of the exponent, which is public, 2 and 4 are zero. */
static void fe_invert(struct fe *out, const struct fe *a)
{
	struct fe r = *a;
	int bit;

	for (bit = 253; bit >= 0; bit--) {
		fe_square(&r, &r);
		if (bit != 2 && bit != 4)
			fe_mul(&r, &r, a);
	}
	*out = r;
}

/* The number below p that an element is */
static void fe_freeze(struct fe *a)
{
	u64 above = 19;
	unsigned int i;

	fe_carry(a);
	fe_carry(a);
	for (i = 0; i < 5; i++)
		above = (a->v[i] + above) >> LIMB_BITS;
	a->v[0] += 19 * above;
	for (i = 0; i < 4; i++) {
		a->v[i + 1] += a->v[i] >> LIMB_BITS;
		a->v[i] &= LIMB_MASK;
	}
	a->v[4] &= LIMB_MASK;
}

static void fe_to_bytes(u8 out[32], const struct fe *a)
{
	struct fe r = *a;
	unsigned int i;

	fe_freeze(&r);
	memset(out, 0, 32);
	for (i = 0; i < 255; i++)
		out[i / 8] |= (r.v[i / LIMB_BITS] >> (i % LIMB_BITS) & 1) << (i % 8);
}

/* --- the curve --------------------------------------------------------------- */

/* RFC 8032, 5.1.4. The formula holds for all points, equal ones and the neutral one too. */
static void point_add(struct point *out, const struct point *p, const struct point *q)
{
	struct fe a, b, c, d, e, f;

	fe_sub(&a, &p->y, &p->x);
	fe_sub(&e, &q->y, &q->x);
	fe_mul(&a, &a, &e);
	fe_add(&b, &p->y, &p->x);
	fe_add(&e, &q->y, &q->x);
	fe_mul(&b, &b, &e);
	fe_mul(&c, &p->t, &curve_2d);
	fe_mul(&c, &c, &q->t);
	fe_mul(&d, &p->z, &q->z);
	fe_add(&d, &d, &d);

	fe_sub(&e, &b, &a);
	fe_add(&b, &b, &a);
	fe_sub(&f, &d, &c);
	fe_add(&d, &d, &c);
	fe_mul(&out->x, &e, &f);
	fe_mul(&out->y, &d, &b);
	fe_mul(&out->t, &e, &b);
	fe_mul(&out->z, &f, &d);
}

/* *@p becomes *@q if @bit is 1. */
static void point_choose(struct point *p, const struct point *q, u64 bit)
{
	u64 mask = mask_of(bit);
	unsigned int i;

	for (i = 0; i < 5; i++) {
		p->x.v[i] ^= mask & (p->x.v[i] ^ q->x.v[i]);
		p->y.v[i] ^= mask & (p->y.v[i] ^ q->y.v[i]);
		p->z.v[i] ^= mask & (p->z.v[i] ^ q->z.v[i]);
		p->t.v[i] ^= mask & (p->t.v[i] ^ q->t.v[i]);
	}
}

/* y, and the lowest bit of x in the highest of 256 (RFC 8032, 5.1.2) */
static void point_to_bytes(u8 out[32], const struct point *p)
{
	struct fe inverse, coordinate;
	u8 x[32];

	fe_invert(&inverse, &p->z);
	fe_mul(&coordinate, &p->x, &inverse);
	fe_to_bytes(x, &coordinate);
	fe_mul(&coordinate, &p->y, &inverse);
	fe_to_bytes(out, &coordinate);
	out[31] |= (x[0] & 1) << 7;
}

/* The encoded multiple of the base point, for a scalar below 2^255 */
static void multiply_base(u8 out[32], const u8 scalar[32])
{
	struct point p = { .y = { { 1 } }, .z = { { 1 } } }, sum;
	int bit;

	for (bit = 254; bit >= 0; bit--) {
		point_add(&p, &p, &p);
		point_add(&sum, &p, &base_point);
		point_choose(&p, &sum, scalar[bit / 8] >> (bit % 8) & 1);
	}
	point_to_bytes(out, &p);
	memzero_explicit(&p, sizeof(p));
	memzero_explicit(&sum, sizeof(sum));
}

/* --- scalars ----------------------------------------------------------------- */

static u64 word_at(const u8 *bytes)
{
	u64 word = 0;
	int i;

	for (i = 7; i >= 0; i--)
		word = word << 8 | bytes[i];
	return word;
}

static void put_word(u8 *bytes, u64 word)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		bytes[i] = word >> (8 * i);
}

/* Subtract the order if @a is not below it. */
static void subtract_order(u64 a[4])
{
	u64 less[4], mask;
	u128 borrow = 0;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		u128 difference = (u128)a[i] - order[i] - borrow;

		less[i] = difference;
		borrow = difference >> 64 & 1;
	}
	mask = mask_of(1 - (u64)borrow);
	for (i = 0; i < 4; i++)
		a[i] ^= mask & (a[i] ^ less[i]);
}

/* One bit after the other, from the highest: the rest stays below the order. */
static void words_mod(u64 rest[4], const u64 in[8])
{
	int bit, i;

	memset(rest, 0, 4 * sizeof(*rest));
	for (bit = 511; bit >= 0; bit--) {
		for (i = 3; i > 0; i--)
			rest[i] = rest[i] << 1 | rest[i - 1] >> 63;
		rest[0] = rest[0] << 1 | (in[bit / 64] >> (bit % 64) & 1);
		subtract_order(rest);
	}
}

static void finish_mod(u8 out[32], u64 in[8])
{
	u64 rest[4];
	unsigned int i;

	words_mod(rest, in);
	for (i = 0; i < 4; i++)
		put_word(out + 8 * i, rest[i]);
	memzero_explicit(rest, sizeof(rest));
	memzero_explicit(in, 8 * sizeof(*in));
}

/**
 * ed25519_scalar_mod() - a number modulo the order of the base point
 * @out: the result, little endian
 * @in: the number, likewise
 *
 * Context: Any. The time that it takes does not depend on @in.
 */
void ed25519_scalar_mod(u8 out[32], const u8 in[64])
{
	u64 words[8];
	unsigned int i;

	for (i = 0; i < 8; i++)
		words[i] = word_at(in + 8 * i);
	finish_mod(out, words);
}

/* a * b + c modulo the order; the sum is below 2^512, as b and c are below the order. */
static void scalar_mul_add(u8 out[32], const u8 a[32], const u8 b[32], const u8 c[32])
{
	u64 sum[8] = { };
	unsigned int i, j;

	for (i = 0; i < 4; i++)
		sum[i] = word_at(c + 8 * i);
	for (i = 0; i < 4; i++) {
		u128 carry = 0;

		for (j = 0; j < 4; j++) {
			carry += (u128)word_at(a + 8 * i) * word_at(b + 8 * j) + sum[i + j];
			sum[i + j] = carry;
			carry >>= 64;
		}
		for (j = i + 4; j < 8; j++) {
			carry += sum[j];
			sum[j] = carry;
			carry >>= 64;
		}
	}
	finish_mod(out, sum);
}

/* --- keys and signatures ----------------------------------------------------- */

/**
 * ed25519_key_init() - the key pair of a seed (RFC 8032, 5.1.5)
 * @key: the result; the caller wipes it
 * @seed: what the RFC calls the private key
 *
 * Context: Process, may sleep.
 * Return: 0, or the error of SHA-512.
 */
int ed25519_key_init(struct ed25519_key *key, const u8 seed[ED25519_SEED_SIZE])
{
	const struct sha512_piece piece = { seed, ED25519_SEED_SIZE };
	u8 digest[64];
	int err;

	err = compat_sha512(&piece, 1, digest);
	if (err)
		return err;
	memcpy(key->scalar, digest, 32);
	memcpy(key->prefix, digest + 32, 32);
	memzero_explicit(digest, sizeof(digest));
	key->scalar[0] &= 0xf8;
	key->scalar[31] &= 0x7f;
	key->scalar[31] |= 0x40;
	multiply_base(key->public, key->scalar);
	return 0;
}

/* SHA-512 of up to two strings and the message, modulo the order */
static int hash_to_scalar(u8 out[32], const u8 *a, const u8 *b,
			  const struct sha512_piece *message, unsigned int nr)
{
	struct sha512_piece pieces[2 + DICE_MAX_PIECES];
	unsigned int n = 0;
	u8 digest[64];
	int err;

	if (nr > DICE_MAX_PIECES)
		return -E2BIG;
	pieces[n++] = (struct sha512_piece){ a, 32 };
	if (b)
		pieces[n++] = (struct sha512_piece){ b, 32 };
	memcpy(pieces + n, message, nr * sizeof(*message));
	err = compat_sha512(pieces, n + nr, digest);
	if (!err)
		ed25519_scalar_mod(out, digest);
	memzero_explicit(digest, sizeof(digest));
	return err;
}

/**
 * ed25519_sign() - sign a message (RFC 8032, 5.1.6, without prehash)
 * @key: the key pair
 * @message: the message, in pieces
 * @nr: number of these, up to DICE_MAX_PIECES
 * @signature: the result
 *
 * Context: Process, may sleep.
 * Return: 0, -E2BIG for too many pieces, or the error of SHA-512.
 */
int ed25519_sign(const struct ed25519_key *key, const struct sha512_piece *message,
		 unsigned int nr, u8 signature[ED25519_SIGNATURE_SIZE])
{
	u8 nonce[32], challenge[32];
	int err;

	err = hash_to_scalar(nonce, key->prefix, NULL, message, nr);
	if (err)
		return err;
	multiply_base(signature, nonce);
	err = hash_to_scalar(challenge, signature, key->public, message, nr);
	if (!err)
		scalar_mul_add(signature + 32, key->scalar, challenge, nonce);
	memzero_explicit(nonce, sizeof(nonce));
	return err;
}
