// SPDX-License-Identifier: GPL-2.0-only
/* Hashes and signatures, by BearSSL. The keys are made with the monitor (make-keys). */
#include <string.h>
#include <bearssl_hash.h>
#include <bearssl_ec.h>
#include "token.h"
#include "keys.h"

static const struct algorithm {
	const char *name, *claim;
	const br_hash_class *class;
	size_t size;
} algorithms[] = {
	[SHA256] = { "sha256", "sha-256", &br_sha256_vtable, br_sha256_SIZE },
	[SHA512] = { "sha512", "sha-512", &br_sha512_vtable, br_sha512_SIZE },
	[SHA384] = { "sha384", "sha-384", &br_sha384_vtable, br_sha384_SIZE },
};

static const struct {
	u8 private[48], public[POINT_SIZE];
} keys[] = {
	[CPAK] = { KEY_CPAK_PRIVATE, KEY_CPAK_PUBLIC },
	[RAK] = { KEY_RAK_PRIVATE, KEY_RAK_PUBLIC },
};

_Static_assert(sizeof(br_hash_compat_context) <= sizeof(struct hash), "struct hash");

int hash_by_name(const char *name)
{
	for (int i = SHA256; i <= SHA384; i++)
		if (!strcmp(algorithms[i].name, name))
			return i;
	return -1;
}

const char *hash_claim(enum hash_algorithm algorithm)
{
	return algorithms[algorithm].claim;
}

size_t hash_size(enum hash_algorithm algorithm)
{
	return algorithms[algorithm].size;
}

/* Each of BearSSL's contexts starts with a pointer to its class. */
void hash_start(struct hash *h, enum hash_algorithm algorithm)
{
	algorithms[algorithm].class->init((void *)h);
}

void hash_add(struct hash *h, const void *data, size_t size)
{
	const br_hash_class **context = (void *)h;

	(*context)->update(context, data, size);
}

void hash_end(struct hash *h, u8 *out)
{
	const br_hash_class **context = (void *)h;

	(*context)->out(context, out);
}

void hash_of(enum hash_algorithm algorithm, const void *data, size_t size, u8 *out)
{
	struct hash h;

	hash_start(&h, algorithm);
	hash_add(&h, data, size);
	hash_end(&h, out);
}

const u8 *public_point(enum signer who)
{
	return keys[who].public;
}

/* k comes from the key and the digest (RFC 6979): there is no source of chance at EL2. */
bool es384_sign(enum signer who, const u8 digest[48], u8 signature[SIGNATURE_SIZE])
{
	const br_ec_private_key key = {
		.curve = BR_EC_secp384r1,
		.x = (u8 *)keys[who].private,
		.xlen = sizeof(keys[who].private),
	};

	return br_ecdsa_i31_sign_raw(&br_ec_prime_i31, &br_sha384_vtable, digest, &key, signature) == SIGNATURE_SIZE;
}
