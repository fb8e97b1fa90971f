// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ed25519 by the vectors of RFC 8032, 7.1, and scalars around the order of the group.
 * tests/verify/test_dice_code.py compares 1000 keys and messages with another implementation.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include <compat/kunit.h>

#include "../../drivers/virt/coco/pkvm-guest/dice.h"

static const struct {
	const char *seed, *public, *message, *signature;
	size_t len;
} vectors[] = {
	{
		.seed =
			"\x9d\x61\xb1\x9d\xef\xfd\x5a\x60\xba\x84\x4a\xf4\x92\xec\x2c\xc4"
			"\x44\x49\xc5\x69\x7b\x32\x69\x19\x70\x3b\xac\x03\x1c\xae\x7f\x60",
		.public =
			"\xd7\x5a\x98\x01\x82\xb1\x0a\xb7\xd5\x4b\xfe\xd3\xc9\x64\x07\x3a"
			"\x0e\xe1\x72\xf3\xda\xa6\x23\x25\xaf\x02\x1a\x68\xf7\x07\x51\x1a",
		.len = 0,
		.message =
			"",
		.signature =
			"\xe5\x56\x43\x00\xc3\x60\xac\x72\x90\x86\xe2\xcc\x80\x6e\x82\x8a"
			"\x84\x87\x7f\x1e\xb8\xe5\xd9\x74\xd8\x73\xe0\x65\x22\x49\x01\x55"
			"\x5f\xb8\x82\x15\x90\xa3\x3b\xac\xc6\x1e\x39\x70\x1c\xf9\xb4\x6b"
			"\xd2\x5b\xf5\xf0\x59\x5b\xbe\x24\x65\x51\x41\x43\x8e\x7a\x10\x0b",
	},
	{
		.seed =
			"\x4c\xcd\x08\x9b\x28\xff\x96\xda\x9d\xb6\xc3\x46\xec\x11\x4e\x0f"
			"\x5b\x8a\x31\x9f\x35\xab\xa6\x24\xda\x8c\xf6\xed\x4f\xb8\xa6\xfb",
		.public =
			"\x3d\x40\x17\xc3\xe8\x43\x89\x5a\x92\xb7\x0a\xa7\x4d\x1b\x7e\xbc"
			"\x9c\x98\x2c\xcf\x2e\xc4\x96\x8c\xc0\xcd\x55\xf1\x2a\xf4\x66\x0c",
		.len = 1,
		.message =
			"\x72",
		.signature =
			"\x92\xa0\x09\xa9\xf0\xd4\xca\xb8\x72\x0e\x82\x0b\x5f\x64\x25\x40"
			"\xa2\xb2\x7b\x54\x16\x50\x3f\x8f\xb3\x76\x22\x23\xeb\xdb\x69\xda"
			"\x08\x5a\xc1\xe4\x3e\x15\x99\x6e\x45\x8f\x36\x13\xd0\xf1\x1d\x8c"
			"\x38\x7b\x2e\xae\xb4\x30\x2a\xee\xb0\x0d\x29\x16\x12\xbb\x0c\x00",
	},
	{
		.seed =
			"\xc5\xaa\x8d\xf4\x3f\x9f\x83\x7b\xed\xb7\x44\x2f\x31\xdc\xb7\xb1"
			"\x66\xd3\x85\x35\x07\x6f\x09\x4b\x85\xce\x3a\x2e\x0b\x44\x58\xf7",
		.public =
			"\xfc\x51\xcd\x8e\x62\x18\xa1\xa3\x8d\xa4\x7e\xd0\x02\x30\xf0\x58"
			"\x08\x16\xed\x13\xba\x33\x03\xac\x5d\xeb\x91\x15\x48\x90\x80\x25",
		.len = 2,
		.message =
			"\xaf\x82",
		.signature =
			"\x62\x91\xd6\x57\xde\xec\x24\x02\x48\x27\xe6\x9c\x3a\xbe\x01\xa3"
			"\x0c\xe5\x48\xa2\x84\x74\x3a\x44\x5e\x36\x80\xd7\xdb\x5a\xc3\xac"
			"\x18\xff\x9b\x53\x8d\x16\xf2\x90\xae\x67\xf7\x60\x98\x4d\xc6\x59"
			"\x4a\x7c\x15\xe9\x71\x6e\xd2\x8d\xc0\x27\xbe\xce\xea\x1e\xc4\x0a",
	},
	{
		.seed =
			"\x83\x3f\xe6\x24\x09\x23\x7b\x9d\x62\xec\x77\x58\x75\x20\x91\x1e"
			"\x9a\x75\x9c\xec\x1d\x19\x75\x5b\x7d\xa9\x01\xb9\x6d\xca\x3d\x42",
		.public =
			"\xec\x17\x2b\x93\xad\x5e\x56\x3b\xf4\x93\x2c\x70\xe1\x24\x50\x34"
			"\xc3\x54\x67\xef\x2e\xfd\x4d\x64\xeb\xf8\x19\x68\x34\x67\xe2\xbf",
		.len = 64,
		.message =
			"\xdd\xaf\x35\xa1\x93\x61\x7a\xba\xcc\x41\x73\x49\xae\x20\x41\x31"
			"\x12\xe6\xfa\x4e\x89\xa9\x7e\xa2\x0a\x9e\xee\xe6\x4b\x55\xd3\x9a"
			"\x21\x92\x99\x2a\x27\x4f\xc1\xa8\x36\xba\x3c\x23\xa3\xfe\xeb\xbd"
			"\x45\x4d\x44\x23\x64\x3c\xe8\x0e\x2a\x9a\xc9\x4f\xa5\x4c\xa4\x9f",
		.signature =
			"\xdc\x2a\x44\x59\xe7\x36\x96\x33\xa5\x2b\x1b\xf2\x77\x83\x9a\x00"
			"\x20\x10\x09\xa3\xef\xbf\x3e\xcb\x69\xbe\xa2\x18\x6c\x26\xb5\x89"
			"\x09\x35\x1f\xc9\xac\x90\xb3\xec\xfd\xfb\xc7\xc6\x64\x31\xe0\x30"
			"\x3d\xca\x17\x9c\x13\x8a\xc1\x7a\xd9\xbe\xf1\x17\x73\x31\xa7\x04",
	},
};

static void vectors_of_the_rfc(struct kunit *test)
{
	u8 signature[ED25519_SIGNATURE_SIZE];
	struct ed25519_key key;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		const struct sha512_piece message = { vectors[i].message, vectors[i].len };

		KUNIT_ASSERT_EQ(test, ed25519_key_init(&key, (const u8 *)vectors[i].seed), 0);
		KUNIT_EXPECT_MEMEQ(test, &key.public[0], (const u8 *)vectors[i].public,
				   sizeof(key.public));
		KUNIT_ASSERT_EQ(test, ed25519_sign(&key, &message, 1, signature), 0);
		KUNIT_EXPECT_MEMEQ(test, &signature[0], (const u8 *)vectors[i].signature,
				   sizeof(signature));
	}
}

/* A message gives the same signature however it is cut. */
static void messages_in_pieces(struct kunit *test)
{
	const char *text = "a message that is signed in one piece and in three";
	const struct sha512_piece whole = { text, 50 };
	const struct sha512_piece parts[] = { { text, 7 }, { text + 7, 0 }, { text + 7, 43 } };
	u8 one[ED25519_SIGNATURE_SIZE], three[ED25519_SIGNATURE_SIZE];
	struct ed25519_key key;

	KUNIT_ASSERT_EQ(test, ed25519_key_init(&key, (const u8 *)vectors[0].seed), 0);
	KUNIT_ASSERT_EQ(test, ed25519_sign(&key, &whole, 1, one), 0);
	KUNIT_ASSERT_EQ(test, ed25519_sign(&key, parts, 3, three), 0);
	KUNIT_EXPECT_MEMEQ(test, &one[0], &three[0], sizeof(one));
	KUNIT_EXPECT_EQ(test, ed25519_sign(&key, parts, DICE_MAX_PIECES + 1, three), -E2BIG);
}

/* 2^252 + 27742317777372353535851937790883648493, little endian */
static const u8 order[32] = {
	0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2,
	0xde, 0xf9, 0xde, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10,
};

static void scalars_around_the_order(struct kunit *test)
{
	u8 number[64] = { }, rest[32], zero[32] = { };

	memcpy(number, order, sizeof(order));
	ed25519_scalar_mod(rest, number);
	KUNIT_EXPECT_MEMEQ(test, &rest[0], &zero[0], sizeof(rest));

	number[0]++;
	ed25519_scalar_mod(rest, number);
	zero[0] = 1;
	KUNIT_EXPECT_MEMEQ(test, &rest[0], &zero[0], sizeof(rest));

	number[0] -= 2;
	ed25519_scalar_mod(rest, number);
	KUNIT_EXPECT_MEMEQ(test, &rest[0], &number[0], sizeof(rest));
}

/* 2^512 - 1 modulo the order */
static const u8 rest_of_ones[32] = {
	0x00, 0x0f, 0x9c, 0x44, 0xe3, 0x11, 0x06, 0xa4, 0x47, 0x93, 0x85, 0x68,
	0xa7, 0x1b, 0x0e, 0xd0, 0x65, 0xbe, 0xf5, 0x17, 0xd2, 0x73, 0xec, 0xce,
	0x3d, 0x9a, 0x30, 0x7c, 0x1b, 0x41, 0x99, 0x03,
};

static void the_largest_scalar(struct kunit *test)
{
	u8 number[64], rest[32];

	memset(number, 0xff, sizeof(number));
	ed25519_scalar_mod(rest, number);
	KUNIT_EXPECT_MEMEQ(test, &rest[0], &rest_of_ones[0], sizeof(rest));
}

static struct kunit_case ed25519_kunit_cases[] = {
	KUNIT_CASE(vectors_of_the_rfc),
	KUNIT_CASE(messages_in_pieces),
	KUNIT_CASE(scalars_around_the_order),
	KUNIT_CASE(the_largest_scalar),
	{ }
};

static struct kunit_suite ed25519_suite = {
	.name = "pguest_ed25519",
	.test_cases = ed25519_kunit_cases,
};

kunit_test_suite(ed25519_suite);
