// SPDX-License-Identifier: GPL-2.0-only
/*
 * The part of CBOR (RFC 8949) that DICE chains use: major types 0 to 5, each head in its
 * shortest form, with a definite length. Anything else is refused.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>

#include "dice.h"

#define MAX_DEPTH	4

static size_t bytes_left(const struct cbor_in *in)
{
	return in->end - in->at;
}

/* The argument of a head that has @size bytes of its own */
static int long_argument(struct cbor_in *in, unsigned int size, u64 *value)
{
	unsigned int i;
	u64 least;

	if (bytes_left(in) < size)
		return -EINVAL;
	*value = 0;
	for (i = 0; i < size; i++)
		*value = *value << 8 | *in->at++;
	least = size == 1 ? 24 : 1ULL << (4 * size);
	return *value < least ? -EINVAL : 0;
}

/**
 * dice_cbor_head() - read the head of an item
 * @in: is behind it afterwards
 * @major: its major type
 * @value: its argument
 *
 * Context: Any.
 * Return: 0, or -EINVAL if there is no head that is accepted.
 */
int dice_cbor_head(struct cbor_in *in, enum cbor_major *major, u64 *value)
{
	u8 first;

	if (!bytes_left(in))
		return -EINVAL;
	first = *in->at++;
	*major = first >> 5;
	*value = first & 0x1f;
	if (*major > CBOR_MAP || *value > 27)
		return -EINVAL;
	return *value < 24 ? 0 : long_argument(in, 1U << (*value - 24), value);
}

/**
 * dice_cbor_expect() - read the head of an item of one type
 * @in: is behind it afterwards
 * @major: the type that it must have
 * @value: its argument
 *
 * Context: Any.
 * Return: 0, or -EINVAL.
 */
int dice_cbor_expect(struct cbor_in *in, enum cbor_major major, u64 *value)
{
	enum cbor_major found;

	return dice_cbor_head(in, &found, value) ?: found == major ? 0 : -EINVAL;
}

static int take_bytes(struct cbor_in *in, u64 len)
{
	if (len > bytes_left(in))
		return -EINVAL;
	in->at += len;
	return 0;
}

/**
 * dice_cbor_string() - read a byte string or a text
 * @in: is behind it afterwards
 * @major: CBOR_BYTES or CBOR_TEXT
 * @string: its contents
 *
 * Context: Any.
 * Return: 0, or -EINVAL.
 */
int dice_cbor_string(struct cbor_in *in, enum cbor_major major, struct sha512_piece *string)
{
	u64 len;
	int err;

	err = dice_cbor_expect(in, major, &len);
	if (err)
		return err;
	*string = (struct sha512_piece){ in->at, len };
	return take_bytes(in, len);
}

/* Items inside of an item, each of which has at least one byte */
static int items_inside(const struct cbor_in *in, enum cbor_major major, u64 *value)
{
	if (*value > bytes_left(in))
		return -EINVAL;
	if (major == CBOR_MAP)
		*value *= 2;
	return 0;
}

/**
 * dice_cbor_skip() - skip an item, and check it
 * @in: is behind it afterwards
 *
 * Each head takes a byte at least, so that the loop ends.
 *
 * Context: Any.
 * Return: 0, -EINVAL if it is malformed, -E2BIG if it is nested too deeply.
 */
int dice_cbor_skip(struct cbor_in *in)
{
	u64 left[MAX_DEPTH + 1] = { 1 }, value;
	enum cbor_major major;
	int depth = 0, err;

	while (depth >= 0) {
		if (!left[depth]) {
			depth--;
			continue;
		}
		left[depth]--;
		err = dice_cbor_head(in, &major, &value);
		if (!err && (major == CBOR_BYTES || major == CBOR_TEXT))
			err = take_bytes(in, value);
		if (!err && (major == CBOR_ARRAY || major == CBOR_MAP)) {
			err = items_inside(in, major, &value);
			if (!err && depth == MAX_DEPTH)
				err = -E2BIG;
			if (!err)
				left[++depth] = value;
		}
		if (err)
			return err;
	}
	return 0;
}

/**
 * dice_put_raw() - write bytes as they are
 * @out: the buffer; it is full afterwards if they do not fit
 * @data: the bytes
 * @len: their number
 *
 * Context: Any.
 */
void dice_put_raw(struct cbor_out *out, const void *data, size_t len)
{
	if (out->full || len > (size_t)(out->end - out->at)) {
		out->full = true;
		return;
	}
	if (len)
		memcpy(out->at, data, len);
	out->at += len;
}

/**
 * dice_put_head() - write the head of an item, in its shortest form
 * @out: the buffer
 * @major: its major type
 * @value: its argument
 *
 * Context: Any.
 */
void dice_put_head(struct cbor_out *out, enum cbor_major major, u64 value)
{
	u8 head[9] = { major << 5 };
	unsigned int log, i, size;

	if (value < 24) {
		head[0] |= value;
		dice_put_raw(out, head, 1);
		return;
	}
	for (log = 0; log < 3 && value >> (8U << log); log++)
		;
	head[0] |= 24 + log;
	size = 1U << log;
	for (i = 0; i < size; i++)
		head[1 + i] = value >> (8 * (size - 1 - i));
	dice_put_raw(out, head, 1 + size);
}

/**
 * dice_put_string() - write a byte string or a text
 * @out: the buffer
 * @major: CBOR_BYTES or CBOR_TEXT
 * @data: its contents
 * @len: their bytes
 *
 * Context: Any.
 */
void dice_put_string(struct cbor_out *out, enum cbor_major major, const void *data, size_t len)
{
	dice_put_head(out, major, len);
	dice_put_raw(out, data, len);
}

/**
 * dice_put_int() - write a number
 * @out: the buffer
 * @value: the number
 *
 * Context: Any.
 */
void dice_put_int(struct cbor_out *out, s64 value)
{
	if (value < 0)
		dice_put_head(out, CBOR_NEGATIVE, -(value + 1));
	else
		dice_put_head(out, CBOR_UINT, value);
}
