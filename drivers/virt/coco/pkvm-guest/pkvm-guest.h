/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the provider of reports of a pKVM guest: the region that the firmware hands
 * over, and the page that keeps the key.
 */
#ifndef _PKVM_GUEST_H
#define _PKVM_GUEST_H

#include <linux/types.h>

#include "dice.h"

int pkvm_dice_read_region(u8 **data, size_t *size);
int pkvm_dice_write_region(const u8 *data, size_t size);

int pkvm_dice_put_key(const struct ed25519_key *key);
int pkvm_dice_wipe_key(void);
int pkvm_dice_sign(struct cbor_out *out, const u8 challenge[DICE_CHALLENGE_SIZE],
		   enum dice_region region);

#endif /* _PKVM_GUEST_H */
