// SPDX-License-Identifier: GPL-2.0-only
/* Writes CBOR (RFC 8949): what a token needs of it, each head in its shortest form. */
#include <string.h>
#include "token.h"

enum { UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG };

void cbor_raw(struct cbor *c, const void *data, size_t size)
{
	if (size <= c->room && c->size <= c->room - size)
		memcpy(c->out + c->size, data, size);
	c->size += size;
}

void cbor_head(struct cbor *c, u8 major, u64 value)
{
	u8 head[9];
	int log2 = value < 24 ? -1 : value < 0x100 ? 0 : value < 0x10000 ? 1 : value < 0x100000000 ? 2 : 3;
	int size = log2 < 0 ? 0 : 1 << log2;

	head[0] = major << 5 | (log2 < 0 ? value : 24 + (u64)log2);
	for (int i = size; i; i--, value >>= 8)
		head[i] = value;
	cbor_raw(c, head, 1 + size);
}

void cbor_uint(struct cbor *c, u64 value)
{
	cbor_head(c, UNSIGNED, value);
}

void cbor_int(struct cbor *c, int64_t value)
{
	if (value < 0)
		cbor_head(c, NEGATIVE, -1 - value);
	else
		cbor_head(c, UNSIGNED, value);
}

void cbor_bytes(struct cbor *c, const void *data, size_t size)
{
	cbor_head(c, BYTES, size);
	cbor_raw(c, data, size);
}

void cbor_text(struct cbor *c, const char *text)
{
	size_t size = strlen(text);

	cbor_head(c, TEXT, size);
	cbor_raw(c, text, size);
}

void cbor_map(struct cbor *c, u64 pairs)
{
	cbor_head(c, MAP, pairs);
}

void cbor_array(struct cbor *c, u64 items)
{
	cbor_head(c, ARRAY, items);
}

void cbor_tag(struct cbor *c, u64 tag)
{
	cbor_head(c, TAG, tag);
}
