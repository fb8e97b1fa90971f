// SPDX-License-Identifier: GPL-2.0-only
/*
 * The CCA token: a platform part, made once, that vouches for the RAK, and a realm part, made for each
 * challenge, that the RAK signs. Claims and forms: draft-ffm-rats-cca-token.
 */
#include <string.h>
#include "token.h"

enum claim {
	NONCE			= 10,
	INSTANCE		= 256,
	PROFILE			= 265,
	CLIENT			= 2394,
	LIFECYCLE		= 2395,
	IMPLEMENTATION		= 2396,
	COMPONENTS		= 2399,
	SERVICE			= 2400,
	CONFIG			= 2401,
	PLATFORM_ALGORITHM	= 2402,
	PLATFORM_TOKEN		= 44234,
	PERSONALISATION		= 44235,
	REALM_ALGORITHM		= 44236,
	REALM_KEY		= 44237,
	INITIAL_MEASUREMENT	= 44238,
	EXTENSIBLE_MEASUREMENTS	= 44239,
	REALM_KEY_ALGORITHM	= 44240,
	REALM_TOKEN		= 44241,
	MEMORY_ENCRYPTION	= 44243,
};

#define EAT_CWT		263		/* application/eat+cwt */
#define COSE_SIGN1	18
#define SECURED		0x3003
#define CONFIG_SIZE	32		/* unless an option asks for another */

static const char service[] = "pguest.invalid";
static const char implementation[32] = "pguest test monitor";
static const u8 es384[] = { 0xa1, 0x01, 0x38, 0x22 };		/* {1: -35} */

static const struct {
	const char *platform, *realm;
} profiles[] = {
	[PROFILE_2024] = { "tag:arm.com,2024:cca_platform#2.0.0", "tag:arm.com,2024:realm#2.0.0" },
	[PROFILE_2023] = { "tag:arm.com,2023:cca_platform#1.0.0", "tag:arm.com,2023:realm#1.0.0" },
	[PROFILE_NONE] = { "http://arm.com/CCA-SSD/1.0.0", NULL },
	[PROFILE_MIXED] = { "tag:arm.com,2023:cca_platform#1.0.0", "tag:arm.com,2024:realm#2.0.0" },
};

static void claim_bytes(struct cbor *c, enum claim key, const void *data, size_t size)
{
	cbor_uint(c, key);
	cbor_bytes(c, data, size);
}

static void claim_text(struct cbor *c, enum claim key, const char *text)
{
	cbor_uint(c, key);
	cbor_text(c, text);
}

static void claim_uint(struct cbor *c, enum claim key, u64 value)
{
	cbor_uint(c, key);
	cbor_uint(c, value);
}

/* 01 and a hash: an identifier of the random kind (RFC 9711, UEID) */
static void claim_instance(struct cbor *c, const u8 digest[32])
{
	u8 id[33] = { 1 };

	memcpy(id + 1, digest, 32);
	claim_bytes(c, INSTANCE, id, sizeof(id));
}

/* Claim 44237: a COSE_Key in bytes, or the bare point. Its hash is what the platform vouches for. */
static size_t realm_key(enum token_profile profile, u8 out[COSE_KEY_SIZE])
{
	struct cbor c = { out, COSE_KEY_SIZE, 0 };
	const u8 *point = public_point(RAK);

	if (profile == PROFILE_NONE) {
		cbor_raw(&c, point, POINT_SIZE);
		return c.size;
	}
	cbor_map(&c, 4);
	cbor_int(&c, 1);		/* kty: EC2 */
	cbor_int(&c, 2);
	cbor_int(&c, -1);		/* crv: P-384 */
	cbor_int(&c, 2);
	cbor_int(&c, -2);
	cbor_bytes(&c, point + 1, 48);
	cbor_int(&c, -3);
	cbor_bytes(&c, point + 49, 48);
	return c.size;
}

/* What is signed: Sig_structure of RFC 9052, 4.4, with no external data */
static bool token_sign(enum signer who, const void *payload, size_t size, u8 signature[SIGNATURE_SIZE])
{
	u8 head[40], digest[HASH_MAX];
	struct cbor c = { head, sizeof(head), 0 };
	struct hash h;

	cbor_array(&c, 4);
	cbor_text(&c, "Signature1");
	cbor_bytes(&c, es384, sizeof(es384));
	cbor_bytes(&c, NULL, 0);
	cbor_head(&c, 2, size);
	hash_start(&h, SHA384);
	hash_add(&h, head, c.size);
	hash_add(&h, payload, size);
	hash_end(&h, digest);
	return es384_sign(who, digest, signature);
}

static void cose_sign1(struct cbor *c, const void *payload, size_t size, const u8 signature[SIGNATURE_SIZE])
{
	cbor_tag(c, COSE_SIGN1);
	cbor_array(c, 4);
	cbor_bytes(c, es384, sizeof(es384));
	cbor_map(c, 0);
	cbor_bytes(c, payload, size);
	cbor_bytes(c, signature, SIGNATURE_SIZE);
}

static void token_component(struct cbor *c, const char *type, const char *version)
{
	u8 digest[HASH_MAX];

	cbor_map(c, 5);
	cbor_uint(c, 1);
	cbor_text(c, type);
	cbor_uint(c, 2);
	hash_of(SHA256, version, strlen(version), digest);
	cbor_bytes(c, digest, 32);
	cbor_uint(c, 4);
	cbor_text(c, version);
	cbor_uint(c, 5);
	hash_of(SHA256, implementation, sizeof(implementation), digest);
	cbor_bytes(c, digest, 32);
	cbor_uint(c, 6);
	cbor_text(c, hash_claim(SHA256));
}

/* The longer name is for sizes that no length of the config alone gives. */
static void claim_service(struct cbor *c, size_t size)
{
	cbor_uint(c, SERVICE);
	cbor_head(c, 3, size);
	cbor_raw(c, service, strlen(service));
	for (size_t n = strlen(service); n < size; n++)
		cbor_raw(c, "/", 1);
}

static void claim_config(struct cbor *c, size_t size)
{
	cbor_uint(c, CONFIG);
	cbor_head(c, 2, size);
	for (size_t n = 0; n < size; n++)
		cbor_raw(c, &(u8){ n }, 1);
}

static size_t platform_claims(const struct token_form *form, u8 *out, size_t room)
{
	struct cbor c = { out, room, 0 };
	u8 key[COSE_KEY_SIZE], digest[HASH_MAX];

	cbor_map(&c, form->profile == PROFILE_2024 ? 10 : 9);
	claim_text(&c, PROFILE, profiles[form->profile].platform);
	hash_of(SHA256, key, realm_key(form->profile, key), digest);
	claim_bytes(&c, NONCE, digest, 32);
	claim_bytes(&c, IMPLEMENTATION, implementation, sizeof(implementation));
	hash_of(SHA256, public_point(CPAK), POINT_SIZE, digest);
	claim_instance(&c, digest);
	claim_config(&c, form->config);
	claim_uint(&c, LIFECYCLE, SECURED);
	cbor_uint(&c, COMPONENTS);
	cbor_array(&c, 2);
	token_component(&c, "RMM", "pguest-monitor");
	token_component(&c, "HES", "none");
	claim_text(&c, PLATFORM_ALGORITHM, hash_claim(SHA256));
	claim_service(&c, form->service);
	if (form->profile == PROFILE_2024)
		claim_uint(&c, CLIENT, 1);
	return c.size;
}

static bool platform_make(struct platform_token *p)
{
	static u8 payload[PLATFORM_MAX];
	size_t size = platform_claims(&p->form, payload, sizeof(payload));
	struct cbor c = { p->cose, sizeof(p->cose), 0 };
	u8 signature[SIGNATURE_SIZE];

	if (size > sizeof(payload) || !token_sign(CPAK, payload, size, signature))
		return false;
	cose_sign1(&c, payload, size, signature);
	p->size = c.size;
	return c.size <= sizeof(p->cose);
}

static void measure_size(struct platform_token *p)
{
	struct cbor c = { NULL, 0, 0 };

	cose_sign1(&c, NULL, platform_claims(&p->form, NULL, 0), NULL);
	p->size = c.size;
}

/* Heads grow and shrink with what they count, so that the first guess may be some bytes wrong. */
static bool token_fit(struct platform_token *p, enum hash_algorithm algorithm, size_t size)
{
	for (int tries = 0; tries < 4; tries++) {
		size_t is;

		measure_size(p);
		is = token_size(p, algorithm);
		if (is == size)
			return true;
		if (is < size)
			p->form.config += size - is;
		else
			p->form.config -= is - size < p->form.config ? is - size : p->form.config;
		if (p->form.config > PLATFORM_MAX)
			return false;
	}
	return false;
}

bool platform_token_make(struct platform_token *p, enum hash_algorithm algorithm, size_t size)
{
	for (size_t more = 0; more < 3; more++) {
		p->form.config = CONFIG_SIZE;
		p->form.service = strlen(service) + more;
		if (!size || token_fit(p, algorithm, size))
			return platform_make(p);
	}
	return false;
}

static size_t realm_claims(enum token_profile profile, const struct measurements *m,
			   const u8 challenge[CHALLENGE_SIZE], u8 *out, size_t room)
{
	struct cbor c = { out, room, 0 };
	size_t wide = hash_size(m->algorithm);
	bool is_2024 = profile == PROFILE_2024 || profile == PROFILE_MIXED;
	u8 key[COSE_KEY_SIZE], digest[HASH_MAX];
	struct hash h;

	cbor_map(&c, is_2024 ? 10 : profile == PROFILE_2023 ? 8 : 7);
	claim_bytes(&c, NONCE, challenge, CHALLENGE_SIZE);
	if (is_2024 && m->has_instance) {
		claim_instance(&c, m->instance);
	} else if (is_2024) {
		hash_start(&h, SHA256);
		hash_add(&h, m->rim, wide);
		hash_add(&h, m->rpv, sizeof(m->rpv));
		hash_end(&h, digest);
		claim_instance(&c, digest);
	}
	claim_bytes(&c, PERSONALISATION, m->rpv, sizeof(m->rpv));
	claim_bytes(&c, REALM_KEY, key, realm_key(profile, key));
	claim_text(&c, REALM_ALGORITHM, hash_claim(m->algorithm));
	claim_text(&c, REALM_KEY_ALGORITHM, hash_claim(SHA256));
	if (is_2024)
		claim_uint(&c, MEMORY_ENCRYPTION, 0);
	if (profiles[profile].realm)
		claim_text(&c, PROFILE, profiles[profile].realm);
	claim_bytes(&c, INITIAL_MEASUREMENT, m->rim, wide);
	cbor_uint(&c, EXTENSIBLE_MEASUREMENTS);
	cbor_array(&c, NR_REMS);
	for (int n = 0; n < NR_REMS; n++)
		cbor_bytes(&c, m->rem[n], wide);
	return c.size;
}

static void token_part(struct cbor *c, u32 envelope, enum claim key)
{
	cbor_uint(c, key);
	if (envelope == 907) {
		cbor_array(c, 2);
		cbor_uint(c, EAT_CWT);
	}
}

static void put_token(struct cbor *c, const struct platform_token *p, const u8 *claims, size_t size,
		      const u8 signature[SIGNATURE_SIZE])
{
	struct cbor realm = { NULL, 0, 0 };

	cbor_tag(c, p->form.envelope);
	cbor_map(c, 2);
	token_part(c, p->form.envelope, PLATFORM_TOKEN);
	cbor_bytes(c, p->cose, p->size);
	token_part(c, p->form.envelope, REALM_TOKEN);
	cose_sign1(&realm, claims, size, signature);
	cbor_head(c, 2, realm.size);
	cose_sign1(c, claims, size, signature);
}

size_t token_size(const struct platform_token *p, enum hash_algorithm algorithm)
{
	static const struct measurements none[] = { { SHA256 }, { SHA512 }, { SHA384 } };
	static const u8 challenge[CHALLENGE_SIZE];
	struct cbor c = { NULL, 0, 0 };

	put_token(&c, p, NULL, realm_claims(p->form.profile, &none[algorithm], challenge, NULL, 0), NULL);
	return c.size;
}

bool token_make(const struct platform_token *p, const struct measurements *m, const u8 challenge[CHALLENGE_SIZE],
		u8 *out, size_t size)
{
	struct cbor c = { out, size, 0 };
	u8 claims[REALM_MAX], signature[SIGNATURE_SIZE];
	size_t claimed = realm_claims(p->form.profile, m, challenge, claims, sizeof(claims));

	if (claimed > sizeof(claims) || !token_sign(RAK, claims, claimed, signature))
		return false;
	put_token(&c, p, claims, claimed, signature);
	return c.size == size;
}
