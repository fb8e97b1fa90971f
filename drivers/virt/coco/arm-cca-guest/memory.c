// SPDX-License-Identifier: GPL-2.0-only
/*
 * CCA: the state of the realm's memory (RIPAS), which decides what the host can access.
 *
 * The host decides when a change of state makes progress, so the number of attempts is
 * bounded. After an answer that cannot be true the RMM is asked for the state.
 */
#include <linux/align.h>
#include <linux/init.h>
#include <linux/processor.h>

#include <asm/rsi_backend.h>
#include <asm/rsi_cmds.h>

/* Bound on successive attempts without progress */
#define MAX_STALLS	1000

static bool is_progress(phys_addr_t start, phys_addr_t top, phys_addr_t end)
{
	return top >= start && top <= end && IS_ALIGNED(top, RSI_GRANULE);
}

/**
 * rsi_get_ripas() - get the RIPAS of the beginning of a range
 * @start: first byte
 * @end: the byte after the last
 * @top: set to the end of the granules from @start on that have the same RIPAS
 * @ripas: set to that RIPAS
 *
 * Context: Any.
 * Return: 0; the error of the RMM; -EPROTO for an answer that cannot be true.
 */
int rsi_get_ripas(phys_addr_t start, phys_addr_t end, phys_addr_t *top, u64 *ripas)
{
	int err = rsi_error(rsi_ipa_state_get(start, end, top, ripas));

	if (err)
		return err;
	if (*top == start || !is_progress(start, *top, end) || *ripas > RSI_RIPAS_DEV)
		return -EPROTO;
	return 0;
}

/**
 * rsi_where() - where() of struct pguest_ops
 * @start: first byte
 * @end: the byte after the last
 * @top: set to the end of the granules from @start on that are in the same place
 * @state: set to that place
 *
 * Context: Any.
 * Return: as rsi_get_ripas().
 */
int rsi_where(phys_addr_t start, phys_addr_t end, phys_addr_t *top, enum pguest_state *state)
{
	u64 ripas;
	int err = rsi_get_ripas(start, end, top, &ripas);

	if (err)
		return err;
	switch (ripas) {
	case RSI_RIPAS_RAM:
		*state = PGUEST_PRIVATE;
		break;
	case RSI_RIPAS_EMPTY:
		*state = PGUEST_SHARED;
		break;
	default:
		*state = PGUEST_LOST;
	}
	return 0;
}

/* Set @top to the end of the memory at @start that has a RIPAS, as the RMM reports it. */
static int end_of_ripas(phys_addr_t start, phys_addr_t end, u64 ripas, phys_addr_t *top)
{
	phys_addr_t next;
	u64 is;
	int err;

	for (*top = start; *top < end; *top = next) {
		err = rsi_get_ripas(*top, end, &next, &is);
		if (err || is != ripas)
			return err;
	}
	return 0;
}

static int try_set_ripas(phys_addr_t start, phys_addr_t end, u64 ripas, u64 flags,
			 phys_addr_t *top)
{
	phys_addr_t reached;
	unsigned int stalls;
	u64 response;
	int err;

	for (stalls = 0; stalls < MAX_STALLS; stalls++) {
		err = rsi_error(rsi_ipa_state_set(start, end, ripas, flags, &reached,
						  &response));
		if (err)
			return err;
		if (!is_progress(start, reached, end))
			return -EPROTO;
		if (reached > start) {
			*top = reached;
			return 0;
		}
		if (response & RSI_REJECT)
			return -EPERM;
		cpu_relax();
	}
	return -ETIMEDOUT;
}

/* After an error the RMM may still report the RIPAS that was asked for: no error then. */
static int set_ripas(phys_addr_t start, phys_addr_t end, u64 ripas, u64 flags,
		     phys_addr_t *top)
{
	int err = try_set_ripas(start, end, ripas, flags, top);

	if (!err)
		return 0;
	if (end_of_ripas(start, end, ripas, top)) {
		*top = start;
		return -EIO;
	}
	if (*top > start)
		return 0;
	return err == -EPROTO ? -EPERM : err;
}

/**
 * rsi_share() - share() of struct pguest_ops
 * @start: first byte
 * @end: the byte after the last
 * @top: set to the address that the call reached
 *
 * Context: Any. The host decides how long it takes.
 * Return: 0; -EPERM if the host or the RMM refused; the error of the RMM; -ETIMEDOUT
 *	   without progress; -EIO if the state is unknown.
 */
int rsi_share(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	return set_ripas(start, end, RSI_RIPAS_EMPTY, RSI_CHANGE_DESTROYED, top);
}

/**
 * rsi_unshare() - unshare() of struct pguest_ops
 * @start: first byte
 * @end: the byte after the last
 * @top: set to the address that the call reached
 *
 * Context: Any. The host decides how long it takes.
 * Return: as rsi_share().
 */
int rsi_unshare(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	return set_ripas(start, end, RSI_RIPAS_RAM, RSI_CHANGE_DESTROYED, top);
}

/**
 * rsi_accept() - accept() of struct pguest_ops
 * @start: first byte
 * @end: the byte after the last
 * @top: set to the address that the call reached
 *
 * Never RAM that was destroyed: it held measured contents, or data of the kernel.
 *
 * Context: Any. The host decides how long it takes.
 * Return: as rsi_share(); -EHWPOISON if the RAM at @top was destroyed.
 */
int rsi_accept(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	phys_addr_t next;
	u64 ripas;
	int err;

	err = set_ripas(start, end, RSI_RIPAS_RAM, 0, top);
	if (err && !rsi_get_ripas(*top, end, &next, &ripas) && ripas == RSI_RIPAS_DESTROYED)
		return -EHWPOISON;
	return err;
}

/**
 * rsi_is_ram() - is all of a range RAM to the RMM?
 * @start: first byte
 * @size: bytes
 *
 * The host can change memory that is not RAM to the RMM while it is read.
 *
 * Context: Boot, one CPU.
 * Return: true if it is.
 */
bool __init rsi_is_ram(phys_addr_t start, size_t size)
{
	phys_addr_t end = ALIGN(start + size, RSI_GRANULE), top;

	return !end_of_ripas(ALIGN_DOWN(start, RSI_GRANULE), end, RSI_RIPAS_RAM, &top) &&
	       top == end;
}
