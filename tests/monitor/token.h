/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Measurements and tokens: what of them does not need EL2. token.c, cbor.c, measure.c and crypto.c
 * are compiled for the host too (maketoken.c); the calls of a realm are in attest.c.
 */
#ifndef MONITOR_TOKEN_H
#define MONITOR_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;

#define HASH_MAX	64		/* a measurement is so wide whatever its algorithm (Documentation/spec/rsi.rst) */
#define HASH_BLOCK_MAX	128
#define CHALLENGE_SIZE	64
#define RPV_SIZE	64
#define NR_REMS		4
#define COSE_KEY_SIZE	107		/* of a P-384 key (Documentation/spec/attestation.rst) */
#define POINT_SIZE	97		/* 4, x, y */
#define SIGNATURE_SIZE	96		/* r, s */

/* crypto.c: the only file that knows of BearSSL */
enum hash_algorithm {			/* as REALM_CONFIG numbers them (DEN0137, RsiHashAlgorithm) */
	SHA256,
	SHA512,
	SHA384,
};

enum signer {
	CPAK,				/* the platform's attestation key */
	RAK,				/* the realms', vouched for by the platform token */
};

struct hash {
	u64 state[54];			/* crypto.c asserts that BearSSL's fits */
};

int hash_by_name(const char *name);			/* -1: none of them */
const char *hash_claim(enum hash_algorithm algorithm);	/* its name in a token */
size_t hash_size(enum hash_algorithm algorithm);
void hash_start(struct hash *h, enum hash_algorithm algorithm);
void hash_add(struct hash *h, const void *data, size_t size);
void hash_end(struct hash *h, u8 *out);
void hash_of(enum hash_algorithm algorithm, const void *data, size_t size, u8 *out);
const u8 *public_point(enum signer who);
bool es384_sign(enum signer who, const u8 digest[48], u8 signature[SIGNATURE_SIZE]);

/* measure.c: registers of a realm, 64 bytes each, the hash at their start */
struct measurements {
	enum hash_algorithm algorithm;
	u8 rim[HASH_MAX];
	u8 rem[NR_REMS][HASH_MAX];
	u8 rpv[RPV_SIZE];
	bool has_instance;		/* else claim 256 is made of the RIM and the RPV */
	u8 instance[32];
};

#define DATA_MEASURED	1		/* flag of a data page */
#define REC_RUNNABLE	1		/* flag of a vCPU */

/* RMM 1.0's realms have no breakpoints and no watchpoints. */
void rim_create(struct measurements *m, u64 ipa_bits, u64 breakpoints, u64 watchpoints);
void rim_ripas(struct measurements *m, u64 base, u64 top);
void rim_data(struct measurements *m, u64 ipa, const void *page, u64 flags);
void rim_rec(struct measurements *m, u64 flags, u64 pc, const u64 gprs[8]);
void rem_extend(struct measurements *m, u32 n, const void *value, size_t size);

/* cbor.c: writes what fits, counts all; shortest forms, definite lengths */
struct cbor {
	u8 *out;
	size_t room, size;
};

void cbor_head(struct cbor *c, u8 major, u64 value);
void cbor_uint(struct cbor *c, u64 value);
void cbor_int(struct cbor *c, int64_t value);
void cbor_bytes(struct cbor *c, const void *data, size_t size);
void cbor_text(struct cbor *c, const char *text);
void cbor_raw(struct cbor *c, const void *data, size_t size);
void cbor_map(struct cbor *c, u64 pairs);
void cbor_array(struct cbor *c, u64 items);
void cbor_tag(struct cbor *c, u64 tag);

/* token.c */
enum token_profile {
	PROFILE_2024,			/* TF-RMM's today: realm#2.0.0, cca_platform#2.0.0 */
	PROFILE_2023,			/* RMM 1.0's: realm#1.0.0, cca_platform#1.0.0 */
	PROFILE_NONE,			/* the oldest: no profile of the realm, its key as a bare point */
	PROFILE_MIXED,			/* TF-RMM's today beside TF-A's sample platform: cca_platform#1.0.0 */
};

struct token_form {
	u32 envelope;			/* 907 or 399 */
	enum token_profile profile;
	size_t config, service;		/* bytes of claims 2401 and 2400 */
};

#define PLATFORM_MAX	(60 << 10)	/* of the platform's part */
#define REALM_MAX	1024		/* of the realm's, with the envelope's few bytes */
#define TOKEN_MAX	(PLATFORM_MAX + REALM_MAX)

struct platform_token {
	struct token_form form;
	size_t size;			/* of its COSE_Sign1 */
	u8 cose[PLATFORM_MAX];
};

/* Fills in form.config and form.service so that the whole token has @size bytes; 0: as it comes. */
bool platform_token_make(struct platform_token *p, enum hash_algorithm algorithm, size_t size);
size_t token_size(const struct platform_token *p, enum hash_algorithm algorithm);
/* The whole token, @size of token_size(); false when the key cannot sign. */
bool token_make(const struct platform_token *p, const struct measurements *m, const u8 challenge[CHALLENGE_SIZE],
		u8 *out, size_t size);

#endif
