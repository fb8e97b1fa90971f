// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the firmware hands over (AndroidDiceHandover of the Android profile for DICE):
 *
 *	{ 1: CDI_Attest, 2: CDI_Seal, 3: [ root COSE_Key, + COSE_Sign1 ] }
 *
 * with the keys in this order, and padding behind it. Signatures are not checked: a host
 * that could make up the region could make up a chain as well. Only a verifier knows
 * which root it trusts.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>

#include "dice.h"

/* Labels of a certificate (Open Profile for DICE, "CBOR Certificates") */
#define LABEL_MODE		-4670551
#define LABEL_SUBJECT_KEY	-4670552
#define LABEL_PROFILE		-4670554

/* COSE_Key (RFC 9052, 7.1; RFC 9053, 7.2) */
#define KEY_TYPE	1
#define KEY_ALGORITHM	3
#define KEY_CURVE	-1
#define KEY_X		-2
#define TYPE_OKP	1
#define ALGORITHM_EDDSA	-8
#define CURVE_ED25519	6

static int get_int(struct cbor_in *in, s64 *value)
{
	enum cbor_major major;
	u64 argument;
	int err;

	err = dice_cbor_head(in, &major, &argument);
	if (err || major > CBOR_NEGATIVE || argument > S64_MAX)
		return -EINVAL;
	*value = major == CBOR_UINT ? (s64)argument : -1 - (s64)argument;
	return 0;
}

static bool is_empty(const struct cbor_in *in)
{
	return in->at == in->end;
}

static struct cbor_in contents_of(const struct sha512_piece *string)
{
	const u8 *data = string->data;

	return (struct cbor_in){ data, data + string->len };
}

/* A label that comes twice is refused: another reader may use the other value. */
static int find_label(struct cbor_in map, s64 label, struct cbor_in *value)
{
	bool found = false;
	u64 pairs;
	s64 key;
	int err;

	err = dice_cbor_expect(&map, CBOR_MAP, &pairs);
	for (; !err && pairs; pairs--) {
		struct cbor_in begin;

		err = get_int(&map, &key);
		begin = map;
		err = err ?: dice_cbor_skip(&map);
		if (err || key != label)
			continue;
		if (found)
			return -EINVAL;
		found = true;
		*value = (struct cbor_in){ begin.at, map.at };
	}
	if (err || !is_empty(&map))
		return -EINVAL;
	return found ? 0 : -ENOENT;
}

static int find_string(const struct cbor_in *map, s64 label, enum cbor_major major,
		       struct sha512_piece *string)
{
	struct cbor_in value;
	int err;

	err = find_label(*map, label, &value);
	return err ?: dice_cbor_string(&value, major, string);
}

static bool key_says(const struct cbor_in *key, s64 label, s64 wanted)
{
	struct cbor_in value;
	s64 number;

	return !find_label(*key, label, &value) && !get_int(&value, &number) &&
	       number == wanted;
}

static int read_leaf_key(struct dice_handover *h, const struct cbor_in *claims)
{
	struct sha512_piece string, x;
	struct cbor_in key, value;

	h->why = "the last certificate has no key";
	if (find_string(claims, LABEL_SUBJECT_KEY, CBOR_BYTES, &string))
		return -EINVAL;
	key = contents_of(&string);
	if (find_label(key, KEY_TYPE, &value))
		return -EINVAL;
	h->why = "the last certificate's key is not one for Ed25519";
	if (!key_says(&key, KEY_TYPE, TYPE_OKP) || !key_says(&key, KEY_CURVE, CURVE_ED25519))
		return -EOPNOTSUPP;
	if (find_label(key, KEY_ALGORITHM, &value) != -ENOENT &&
	    !key_says(&key, KEY_ALGORITHM, ALGORITHM_EDDSA))
		return -EOPNOTSUPP;
	if (find_string(&key, KEY_X, CBOR_BYTES, &x) || x.len != ED25519_PUBLIC_SIZE)
		return -EINVAL;
	h->leaf = x.data;
	return 0;
}

/* A byte string of one byte, or a number in certificates of android.14 */
static int read_mode(struct dice_handover *h, const struct cbor_in *claims)
{
	struct sha512_piece string;
	struct cbor_in value, number;
	s64 mode;

	h->why = "the last certificate has no mode";
	if (find_label(*claims, LABEL_MODE, &value))
		return -EINVAL;
	number = value;
	if (!get_int(&number, &mode)) {
		if (mode < 0 || mode > U8_MAX)
			return -EINVAL;
		h->mode = mode;
		return 0;
	}
	if (dice_cbor_string(&value, CBOR_BYTES, &string) || string.len != 1)
		return -EINVAL;
	h->mode = *(const u8 *)string.data;
	return 0;
}

static int read_profile(struct dice_handover *h, const struct cbor_in *claims)
{
	int err = find_string(claims, LABEL_PROFILE, CBOR_TEXT, &h->profile);

	h->why = "the name of the last certificate's profile";
	if (err == -ENOENT)
		return 0;
	return err || h->profile.len > DICE_PROFILE_MAX ? -EINVAL : 0;
}

static int read_leaf(struct dice_handover *h, const struct sha512_piece *payload)
{
	struct cbor_in claims = contents_of(payload);
	int err;

	err = read_leaf_key(h, &claims);
	err = err ?: read_mode(h, &claims);
	return err ?: read_profile(h, &claims);
}

/* A COSE_Sign1 without a tag: protected header, unprotected one, payload, signature */
static int read_entry(struct cbor_in *in, struct sha512_piece *payload)
{
	struct sha512_piece string;
	enum cbor_major major;
	struct cbor_in header;
	u64 value;

	if (dice_cbor_expect(in, CBOR_ARRAY, &value) || value != 4 ||
	    dice_cbor_string(in, CBOR_BYTES, &string))
		return -EINVAL;
	header = *in;
	if (dice_cbor_head(&header, &major, &value) || major != CBOR_MAP ||
	    dice_cbor_skip(in) || dice_cbor_string(in, CBOR_BYTES, payload))
		return -EINVAL;
	return dice_cbor_string(in, CBOR_BYTES, &string);
}

static int read_root(struct cbor_in *in)
{
	struct cbor_in head = *in;
	u64 pairs;

	return dice_cbor_expect(&head, CBOR_MAP, &pairs) ?: dice_cbor_skip(in);
}

static int read_chain(struct dice_handover *h, struct cbor_in *in)
{
	struct sha512_piece payload = { };
	const u8 *start = in->at;
	u64 left;

	h->why = "the chain is malformed";
	if (dice_cbor_expect(in, CBOR_ARRAY, &h->nr))
		return -EINVAL;
	h->elements.data = in->at;
	if (h->nr < 2) {
		h->why = "the chain has no certificate";
		return -EINVAL;
	}
	if (read_root(in))
		return -EINVAL;
	for (left = h->nr - 1; left; left--) {
		if (read_entry(in, &payload))
			return -EINVAL;
	}
	h->chain = (struct sha512_piece){ start, in->at - start };
	h->elements.len = in->at - (const u8 *)h->elements.data;
	return read_leaf(h, &payload);
}

/* The next key of the handover, which must be @label */
static int expect_label(struct cbor_in *in, u64 label)
{
	u64 value;

	return dice_cbor_expect(in, CBOR_UINT, &value) ?: value == label ? 0 : -EINVAL;
}

static int read_cdi(struct cbor_in *in, u64 label, const u8 **cdi)
{
	struct sha512_piece string;

	if (expect_label(in, label) || dice_cbor_string(in, CBOR_BYTES, &string) ||
	    string.len != DICE_CDI_SIZE)
		return -EINVAL;
	*cdi = string.data;
	return 0;
}

/**
 * dice_parse() - parse what the firmware hands over
 * @handover: the result, which points into @data; its @why is for the log if this fails
 * @data: the region, or a copy of it
 * @len: its bytes; what follows the handover is ignored
 *
 * Context: Any.
 * Return: 0; -ENOENT if there is no chain, -EOPNOTSUPP if the last certificate's key is of
 * another kind than Ed25519, -EINVAL for anything else.
 */
int dice_parse(struct dice_handover *handover, const void *data, size_t len)
{
	struct dice_handover *h = handover;
	struct cbor_in in = { data, (const u8 *)data + len };
	u64 pairs;
	int err;

	*h = (struct dice_handover){ .why = "the handover is malformed" };
	if (dice_cbor_expect(&in, CBOR_MAP, &pairs) || pairs < 2 || pairs > 3 ||
	    read_cdi(&in, 1, &h->cdi_attest) || read_cdi(&in, 2, &h->cdi_seal))
		return -EINVAL;
	if (pairs == 2) {
		h->why = "there is no chain of certificates";
		return -ENOENT;
	}
	if (expect_label(&in, 3))
		return -EINVAL;
	err = read_chain(h, &in);
	if (err)
		return err;
	h->size = in.at - (const u8 *)data;
	h->why = NULL;
	return 0;
}
