/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attestation of a pKVM guest by DICE: what its firmware hands over, and what is signed
 * with it. Formats: Open Profile for DICE 2.6 and its Android profile, RFC 8949 (CBOR),
 * RFC 9052 (COSE), RFC 8032 (Ed25519).
 *
 * device.c and region.c need the kernel. The other files need memory and SHA-512 only, so
 * that a test on another machine runs the same code.
 */
#ifndef _PKVM_GUEST_DICE_H
#define _PKVM_GUEST_DICE_H

#include <linux/types.h>

#include <compat/sha512.h>

#define DICE_CDI_SIZE		32
#define DICE_CHALLENGE_SIZE	64
#define DICE_ID_SIZE		20
#define DICE_MODE_NORMAL	1

/* Pieces of a message that is signed */
#define DICE_MAX_PIECES		4

#define ED25519_SEED_SIZE	32
#define ED25519_PUBLIC_SIZE	32
#define ED25519_SIGNATURE_SIZE	64

/* Bytes that the certificate of a further layer needs at most, with its profile's name */
#define DICE_ENTRY_MAX		768

/* A longer name of a profile is refused. */
#define DICE_PROFILE_MAX	64

/* Bytes of a report: its challenge, its claims, its signature, and their heads */
#define DICE_REPORT_MAX		256

/* Major types of CBOR (RFC 8949, 3.1) */
enum cbor_major {
	CBOR_UINT,
	CBOR_NEGATIVE,
	CBOR_BYTES,
	CBOR_TEXT,
	CBOR_ARRAY,
	CBOR_MAP,
};

/**
 * struct cbor_in - bytes that are read
 * @at:		the next one
 * @end:	behind the last one
 */
struct cbor_in {
	const u8 *at;
	const u8 *end;
};

/**
 * struct cbor_out - a buffer that is written
 * @at:		where the next byte goes
 * @end:	end of the buffer
 * @full:	something did not fit, and is missing
 */
struct cbor_out {
	u8 *at;
	u8 *end;
	bool full;
};

int dice_cbor_head(struct cbor_in *in, enum cbor_major *major, u64 *value);
int dice_cbor_expect(struct cbor_in *in, enum cbor_major major, u64 *value);
int dice_cbor_string(struct cbor_in *in, enum cbor_major major, struct sha512_piece *string);
int dice_cbor_skip(struct cbor_in *in);

void dice_put_head(struct cbor_out *out, enum cbor_major major, u64 value);
void dice_put_raw(struct cbor_out *out, const void *data, size_t len);
void dice_put_string(struct cbor_out *out, enum cbor_major major, const void *data, size_t len);
void dice_put_int(struct cbor_out *out, s64 value);

/**
 * struct dice_handover - what the firmware hands over, as parsed; all in its buffer
 * @cdi_attest:	secret of this layer, of which its key is derived
 * @cdi_seal:	secret for sealing data
 * @chain:	the DICE chain
 * @elements:	the elements of the chain, without the chain's head
 * @nr:		number of these
 * @profile:	name of the profile of the last certificate; empty if it has none
 * @leaf:	its subject's Ed25519 key
 * @mode:	its mode
 * @size:	bytes of the handover
 * @why:	what is wrong, if parsing failed
 */
struct dice_handover {
	const u8 *cdi_attest;
	const u8 *cdi_seal;
	struct sha512_piece chain;
	struct sha512_piece elements;
	u64 nr;
	struct sha512_piece profile;
	const u8 *leaf;
	u8 mode;
	size_t size;
	const char *why;
};

int dice_parse(struct dice_handover *handover, const void *data, size_t len);

/**
 * struct ed25519_key - a key pair, ready to sign
 * @scalar:	the secret scalar
 * @prefix:	secret from which nonces are derived
 * @public:	the public key
 */
struct ed25519_key {
	u8 scalar[32];
	u8 prefix[32];
	u8 public[ED25519_PUBLIC_SIZE];
};

int ed25519_key_init(struct ed25519_key *key, const u8 seed[ED25519_SEED_SIZE]);
int ed25519_sign(const struct ed25519_key *key, const struct sha512_piece *message,
		 unsigned int nr, u8 signature[ED25519_SIGNATURE_SIZE]);
void ed25519_scalar_mod(u8 out[32], const u8 in[64]);

int dice_kdf(u8 *out, size_t len, const struct sha512_piece *ikm,
	     const struct sha512_piece *salt, const char *info);
int dice_key(struct ed25519_key *key, const u8 cdi_attest[DICE_CDI_SIZE]);
int dice_key_id(u8 id[DICE_ID_SIZE], const u8 public[ED25519_PUBLIC_SIZE]);

/**
 * struct dice_layer - inputs of the next layer, 64 bytes each but the mode
 * @code:	what it is
 * @config:	SHA-512 of its configuration descriptor
 * @authority:	who vouches for it
 * @hidden:	further inputs, which are in no certificate
 * @mode:	its mode
 */
struct dice_layer {
	const u8 *code;
	const u8 *config;
	const u8 *authority;
	const u8 *hidden;
	u8 mode;
};

int dice_next_cdis(u8 attest[DICE_CDI_SIZE], u8 seal[DICE_CDI_SIZE],
		   const u8 *cdi_attest, const u8 *cdi_seal, const struct dice_layer *layer);

/**
 * enum dice_region - what becomes of the region with the handover
 * @DICE_LEFT:		it stays as it is
 * @DICE_WIPED:		it is overwritten with zeroes
 * @DICE_REWRITTEN:	it holds the handover of the next layer, which is user space
 */
enum dice_region {
	DICE_LEFT,
	DICE_WIPED,
	DICE_REWRITTEN,
};

int dice_report(struct cbor_out *out, const struct ed25519_key *key,
		const u8 challenge[DICE_CHALLENGE_SIZE], enum dice_region region);
int dice_next_handover(struct cbor_out *out, const struct dice_handover *handover,
		       const struct ed25519_key *key);

#endif /* _PKVM_GUEST_DICE_H */
