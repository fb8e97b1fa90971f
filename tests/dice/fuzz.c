// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parser of handovers under libFuzzer: fuzz CORPUS -runs=N. Each case is copied into memory of its exact size, so
 * that AddressSanitizer sees an access behind it; what is accepted has to lie inside, and has to go on to a next layer.
 */
#include <stdlib.h>
#include <string.h>

#include "../../drivers/virt/coco/pkvm-guest/dice.h"

static void need(int holds)
{
	if (!holds)
		abort();
}

static void inside(const void *at, size_t size, const u8 *data, size_t len)
{
	const u8 *p = at;

	need(p >= data && size <= len && (size_t)(p - data) <= len - size);
}

static void hand_on(const struct dice_handover *h)
{
	size_t size = h->size + DICE_ENTRY_MAX;
	u8 *buffer = malloc(size);
	struct cbor_out out = { buffer, buffer + size, false };
	struct dice_handover next;
	struct ed25519_key key;

	need(!dice_key(&key, h->cdi_attest));
	need(!dice_next_handover(&out, h, &key));
	need(!dice_parse(&next, buffer, out.at - buffer));
	need(next.nr == h->nr + 1 && next.mode == h->mode && next.size == (size_t)(out.at - buffer));
	need(next.profile.len == h->profile.len);
	free(buffer);
}

int LLVMFuzzerTestOneInput(const u8 *input, size_t len)
{
	u8 *data = malloc(len ? len : 1);
	struct dice_handover h;
	int err;

	if (len)
		memcpy(data, input, len);
	err = dice_parse(&h, data, len);
	need(!err == !h.why);
	if (!err) {
		need(h.size <= len && h.nr >= 2);
		inside(h.cdi_attest, DICE_CDI_SIZE, data, len);
		inside(h.cdi_seal, DICE_CDI_SIZE, data, len);
		inside(h.chain.data, h.chain.len, data, len);
		inside(h.elements.data, h.elements.len, data, len);
		inside(h.leaf, ED25519_PUBLIC_SIZE, data, len);
		if (h.profile.len)
			inside(h.profile.data, h.profile.len, data, len);
		hand_on(&h);
	}
	free(data);
	return 0;
}
