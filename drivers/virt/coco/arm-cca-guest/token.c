// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading an attestation token from the RMM.
 *
 * A token belongs to the CPU on which it was begun, so the task must not migrate; it can
 * be preempted and may sleep. The RMM signs in slices: when an interrupt is pending it
 * returns INCOMPLETE without data, any number of times. So the limit is a time and not a
 * count. Lengths from the RMM are compared with what was asked for before they are used.
 */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "arm-cca-guest.h"

/* A token is lost if other code begins one on this CPU, which is rare. */
#define ATTEMPTS	4

/*
 * @granule: buffer that the RMM writes; never shared, and wiped at the end
 * @bound: upper bound of the size of the token from the RMM, not more than @max
 * @end: time at which to give up
 */
struct reader {
	const struct cca_rmm *rmm;
	struct cca_token *token;
	u8 *granule;
	size_t max;
	size_t bound;
	ktime_t end;
};

/**
 * cca_errno() - error code of a status of the RMM
 * @status: X0 of an RSI call
 *
 * ERROR_INPUT and ERROR_STATE are -EPROTO, because the arguments are valid. Callers
 * handle them first where an RMM has a reason for them.
 *
 * Context: Any.
 * Return: 0 for SUCCESS, otherwise a negative error code.
 */
int cca_errno(u64 status)
{
	switch (status) {
	case RSI_SUCCESS:
		return 0;
	case RSI_ERROR_UNKNOWN:
		return -EIO;
	case RSI_NOT_SUPPORTED:
		return -ENXIO;
	default:
		return -EPROTO;
	}
}

/**
 * cca_challenge() - pad the challenge of user space to the size of the RMM's
 * @challenge: the result, padded with zeroes
 * @data: the challenge
 * @len: its length; 32 to 64 bytes are accepted
 *
 * Programs expect this padding. A challenge equals the same one with zeroes appended, so
 * a protocol must fix the length.
 *
 * Context: Any.
 * Return: 0, or -EINVAL for a length that is not accepted.
 */
int cca_challenge(u8 challenge[RSI_CHALLENGE_SIZE], const u8 *data, size_t len)
{
	if (len < CCA_CHALLENGE_MIN || len > RSI_CHALLENGE_SIZE)
		return -EINVAL;
	memset(challenge, 0, RSI_CHALLENGE_SIZE);
	memcpy(challenge, data, len);
	return 0;
}

static void drop_token(struct cca_token *token)
{
	kvfree(token->data);
	token->data = NULL;
	token->len = 0;
}

static int may_go_on(const struct reader *reader)
{
	if (fatal_signal_pending(current))
		return -EINTR;
	/* Not jiffies: the host can delay ticks, but not the counter. */
	if (ktime_after(ktime_get(), reader->end))
		return -ETIMEDOUT;
	cond_resched();
	return 0;
}

static int token_begin(struct reader *reader, const u8 *challenge)
{
	struct cca_token *token = reader->token;
	u64 bound = 0;
	int err;

	token->status = reader->rmm->attest_init(challenge, &bound);
	err = cca_errno(token->status);
	if (err)
		return err;
	if (!bound)
		return -EPROTO;
	if (bound > reader->max)
		return -EFBIG;
	reader->bound = bound;
	token->data = kvzalloc(bound, GFP_KERNEL);
	return token->data ? 0 : -ENOMEM;
}

/*
 * Read one piece, at most up to the end of the granule. The last piece may be empty, but
 * not the whole token.
 */
static int take_piece(struct reader *reader, size_t *offset)
{
	struct cca_token *token = reader->token;
	u64 size = RSI_GRANULE - *offset, len = 0;

	token->status = reader->rmm->attest_continue(virt_to_phys(reader->granule),
						     *offset, size, &len);
	switch (token->status) {
	case RSI_SUCCESS:
	case RSI_INCOMPLETE:
		break;
	case RSI_ERROR_STATE:
		return -EBUSY;
	case RSI_ERROR_INPUT:
		/* The arguments are valid: the token is too large for this RMM. */
		return -EMSGSIZE;
	default:
		return cca_errno(token->status);
	}

	if (len > size || len > reader->bound - token->len)
		return -EPROTO;
	memcpy(token->data + token->len, reader->granule + *offset, len);
	token->len += len;
	*offset = (*offset + len) % RSI_GRANULE;
	if (token->status == RSI_SUCCESS && !token->len)
		return -EPROTO;
	return 0;
}

static int token_read_once(struct reader *reader, const u8 *challenge)
{
	size_t offset = 0;
	int err;

	err = token_begin(reader, challenge);
	while (!err) {
		err = take_piece(reader, &offset);
		if (!err && reader->token->status == RSI_SUCCESS)
			return 0;
		if (!err)
			err = may_go_on(reader);
	}
	drop_token(reader->token);
	return err;
}

/**
 * cca_token_read() - get a token for a challenge from the RMM
 * @rmm: calls to the RMM
 * @challenge: the challenge, which is part of the token
 * @max: largest size of a token that the caller can use, in bytes
 * @ms: time limit in milliseconds
 * @token: the result; the caller frees its data with kvfree()
 *
 * The caller serialises calls: two of them on one CPU would mix their tokens.
 *
 * Context: Process, may sleep. Delays the offlining of this CPU.
 * Return: 0; -EINTR after a fatal signal, -ETIMEDOUT, -ENOMEM; -EFBIG if the
 * token may be larger than @max, -EMSGSIZE if it is too large for the RMM,
 * -EBUSY if other code kept beginning tokens on this CPU, -EIO if the RMM
 * failed, -ENXIO if it has no attestation, -EPROTO for an invalid answer.
 */
int cca_token_read(const struct cca_rmm *rmm, const u8 challenge[RSI_CHALLENGE_SIZE],
		   size_t max, unsigned int ms, struct cca_token *token)
{
	struct reader reader = {
		.rmm	= rmm,
		.token	= token,
		.max	= max,
		.end	= ktime_add_ms(ktime_get(), ms),
	};
	unsigned int attempt;
	int err;

	*token = (struct cca_token) { };
	reader.granule = (u8 *)get_zeroed_page(GFP_KERNEL);
	if (!reader.granule)
		return -ENOMEM;

	migrate_disable();
	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		err = token_read_once(&reader, challenge);
		if (err != -EBUSY)
			break;
	}
	migrate_enable();

	memzero_explicit(reader.granule, RSI_GRANULE);
	free_page((unsigned long)reader.granule);
	return err;
}
