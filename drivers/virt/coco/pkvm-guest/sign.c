// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is signed with the key of this layer: reports, and the certificate of the layer
 * above it. A report's payload is an array and a certificate's is a map, so that neither
 * can be passed off as the other. User space chooses the challenge and nothing else.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>

#include "dice.h"

#define PROVIDER_NAME	"pkvm_guest"

/* Labels of a certificate (Open Profile for DICE, "CBOR Certificates") */
#define ISSUER			1
#define SUBJECT			2
#define CODE_HASH		-4670545
#define CONFIG_HASH		-4670547
#define CONFIG_DESCRIPTOR	-4670548
#define AUTHORITY_HASH		-4670549
#define MODE			-4670551
#define SUBJECT_KEY		-4670552
#define KEY_USAGE		-4670553
#define PROFILE			-4670554

/* Configuration (Android profile for DICE, "Configuration descriptor") */
#define COMPONENT_NAME		-70002
#define SECURITY_VERSION	-70005

static const u8 nothing[64];

/* { 1: -8 }: EdDSA (RFC 9053, 2.2) */
static const u8 protected_header[] = { 0xa1, 0x01, 0x27 };

/* A COSE_Key: OKP, EdDSA, for verify alone, on Ed25519; x follows */
static const u8 key_head[] = {
	0xa5, 0x01, 0x01, 0x03, 0x27, 0x04, 0x81, 0x02, 0x20, 0x06, 0x21, 0x58, 0x20,
};

static struct cbor_out out_to(u8 *buffer, size_t size)
{
	return (struct cbor_out){ buffer, buffer + size, false };
}

static void put_text(struct cbor_out *out, const char *text)
{
	dice_put_string(out, CBOR_TEXT, text, strlen(text));
}

static void put_bytes(struct cbor_out *out, const void *data, size_t len)
{
	dice_put_string(out, CBOR_BYTES, data, len);
}

/* Sig_structure of RFC 9052, 4.4; the payload follows. */
static void put_signed_head(struct cbor_out *out, size_t len)
{
	dice_put_head(out, CBOR_ARRAY, 4);
	put_text(out, "Signature1");
	put_bytes(out, protected_header, sizeof(protected_header));
	put_bytes(out, NULL, 0);
	dice_put_head(out, CBOR_BYTES, len);
}

static int sign_payload(const struct ed25519_key *key, const void *payload, size_t len,
			u8 signature[ED25519_SIGNATURE_SIZE])
{
	u8 head[32];
	struct cbor_out out = out_to(head, sizeof(head));
	struct sha512_piece message[2];

	put_signed_head(&out, len);
	message[0] = (struct sha512_piece){ head, out.at - head };
	message[1] = (struct sha512_piece){ payload, len };
	return ed25519_sign(key, message, 2, signature);
}

/* A COSE_Sign1 without a tag */
static int put_sign1(struct cbor_out *out, const struct ed25519_key *key,
		     const void *payload, size_t len)
{
	u8 signature[ED25519_SIGNATURE_SIZE];
	int err;

	err = sign_payload(key, payload, len, signature);
	if (err)
		return err;
	dice_put_head(out, CBOR_ARRAY, 4);
	put_bytes(out, protected_header, sizeof(protected_header));
	dice_put_head(out, CBOR_MAP, 0);
	put_bytes(out, payload, len);
	put_bytes(out, signature, sizeof(signature));
	return out->full ? -ENOSPC : 0;
}

static void put_claims(struct cbor_out *out, enum dice_region region)
{
	dice_put_head(out, CBOR_MAP, 2);
	dice_put_int(out, 1);
	put_text(out, PROVIDER_NAME);
	dice_put_int(out, 2);
	dice_put_int(out, region);
}

/**
 * dice_report() - make a report
 * @out: the buffer, with room for DICE_REPORT_MAX bytes
 * @key: key of this layer
 * @challenge: the challenge
 * @region: what has become of the region, for the claims
 *
 * Context: Process, may sleep.
 * Return: 0, -ENOSPC if the buffer is too small, or the error of SHA-512.
 */
int dice_report(struct cbor_out *out, const struct ed25519_key *key,
		const u8 challenge[DICE_CHALLENGE_SIZE], enum dice_region region)
{
	u8 claims[32], payload[DICE_CHALLENGE_SIZE + 48];
	struct cbor_out c = out_to(claims, sizeof(claims));
	struct cbor_out p = out_to(payload, sizeof(payload));

	put_claims(&c, region);
	dice_put_head(&p, CBOR_ARRAY, 2);
	put_bytes(&p, challenge, DICE_CHALLENGE_SIZE);
	put_bytes(&p, claims, c.at - claims);
	if (c.full || p.full)
		return -ENOSPC;
	return put_sign1(out, key, payload, p.at - payload);
}

/* Without a table: memcheck takes the next layer's key for a secret, as its seed is one. */
static u8 digit_of(int value)
{
	return '0' + value + (((9 - value) >> 8) & ('a' - '0' - 10));
}

static int put_id(struct cbor_out *out, s64 label, const u8 *public)
{
	u8 id[DICE_ID_SIZE], text[2 * DICE_ID_SIZE];
	unsigned int i;
	int err;

	err = dice_key_id(id, public);
	for (i = 0; i < sizeof(text); i++)
		text[i] = digit_of(id[i / 2] >> (i % 2 ? 0 : 4) & 0xf);
	dice_put_int(out, label);
	dice_put_string(out, CBOR_TEXT, text, sizeof(text));
	return err;
}

static void put_claim(struct cbor_out *out, s64 label, const void *data, size_t len)
{
	dice_put_int(out, label);
	put_bytes(out, data, len);
}

static void put_key(struct cbor_out *out, const u8 *public)
{
	dice_put_int(out, SUBJECT_KEY);
	dice_put_head(out, CBOR_BYTES, sizeof(key_head) + ED25519_PUBLIC_SIZE);
	dice_put_raw(out, key_head, sizeof(key_head));
	dice_put_raw(out, public, ED25519_PUBLIC_SIZE);
}

/*
 * The layer above is not measured: its code and who vouches for it are zeroes. Its name
 * keeps a verifier from taking it for the kernel.
 */
static void put_config(struct cbor_out *out)
{
	dice_put_head(out, CBOR_MAP, 2);
	dice_put_int(out, COMPONENT_NAME);
	put_text(out, "userspace");
	dice_put_int(out, SECURITY_VERSION);
	dice_put_int(out, 1);
}

/*
 * In the order of the profile's reference code. The name of the profile is that of the
 * certificate before, because verifiers refuse a chain in which it falls.
 */
static int put_payload(struct cbor_out *out, const struct dice_handover *h,
		       const u8 *public, const struct sha512_piece *config, const u8 *hash)
{
	static const u8 cert_sign = 0x20;
	bool named = h->profile.len;
	int err;

	dice_put_head(out, CBOR_MAP, 9 + named);
	err = put_id(out, ISSUER, h->leaf);
	err = err ?: put_id(out, SUBJECT, public);
	put_claim(out, CODE_HASH, nothing, sizeof(nothing));
	put_claim(out, CONFIG_DESCRIPTOR, config->data, config->len);
	put_claim(out, CONFIG_HASH, hash, 64);
	put_claim(out, AUTHORITY_HASH, nothing, sizeof(nothing));
	put_claim(out, MODE, &h->mode, 1);
	put_key(out, public);
	put_claim(out, KEY_USAGE, &cert_sign, 1);
	if (named) {
		dice_put_int(out, PROFILE);
		dice_put_string(out, CBOR_TEXT, h->profile.data, h->profile.len);
	}
	return err;
}

static int put_entry(struct cbor_out *out, const struct dice_handover *h,
		     const struct ed25519_key *key, const u8 *next_attest,
		     const struct sha512_piece *config, const u8 *hash)
{
	u8 payload[DICE_ENTRY_MAX - 96];
	struct cbor_out p = out_to(payload, sizeof(payload));
	struct ed25519_key next;
	int err;

	err = dice_key(&next, next_attest);
	err = err ?: put_payload(&p, h, next.public, config, hash);
	memzero_explicit(&next, sizeof(next));
	if (!err && p.full)
		err = -ENOSPC;
	return err ?: put_sign1(out, key, payload, p.at - payload);
}

/* All that is in the handover before the new certificate */
static void put_old_part(struct cbor_out *out, const struct dice_handover *h,
			 const u8 *attest, const u8 *seal)
{
	dice_put_head(out, CBOR_MAP, 3);
	dice_put_int(out, 1);
	put_bytes(out, attest, DICE_CDI_SIZE);
	dice_put_int(out, 2);
	put_bytes(out, seal, DICE_CDI_SIZE);
	dice_put_int(out, 3);
	dice_put_head(out, CBOR_ARRAY, h->nr + 1);
	dice_put_raw(out, h->elements.data, h->elements.len);
}

/**
 * dice_next_handover() - what this layer hands over to the next one
 * @out: the buffer, with room for DICE_ENTRY_MAX bytes more than @handover has
 * @handover: what this layer was given
 * @key: key of this layer
 *
 * Context: Process, may sleep.
 * Return: 0, -ENOSPC if the buffer is too small, or the error of SHA-512.
 */
int dice_next_handover(struct cbor_out *out, const struct dice_handover *handover,
		       const struct ed25519_key *key)
{
	u8 descriptor[32], hash[64], attest[DICE_CDI_SIZE], seal[DICE_CDI_SIZE];
	struct cbor_out d = out_to(descriptor, sizeof(descriptor));
	const struct dice_layer layer = {
		.code = nothing, .config = hash, .authority = nothing, .hidden = nothing,
		.mode = handover->mode,
	};
	struct sha512_piece config;
	int err;

	put_config(&d);
	config = (struct sha512_piece){ descriptor, d.at - descriptor };
	err = compat_sha512(&config, 1, hash);
	err = err ?: dice_next_cdis(attest, seal, handover->cdi_attest, handover->cdi_seal, &layer);
	if (!err) {
		put_old_part(out, handover, attest, seal);
		err = put_entry(out, handover, key, attest, &config, hash);
	}
	memzero_explicit(attest, sizeof(attest));
	memzero_explicit(seal, sizeof(seal));
	return err;
}
