// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ledger: each granule that the host can see, whose it is, how often.
 *
 * An entry is packed into one XArray value, so that an entry that is there can
 * be changed without allocating. The caller holds the lock of the space.
 */
#include <linux/bitfield.h>
#include <linux/xarray.h>

#include <asm/pguest.h>
#include <asm/sections.h>

#define ENTRY_STATE	GENMASK_ULL(1, 0)
#define ENTRY_OWNER	GENMASK_ULL(5, 2)
#define ENTRY_REFS	GENMASK_ULL(21, 6)
#define ENTRY_CALLER	GENMASK_ULL(61, 22)	/* from _text, in instructions */

static const char * const owner_names[PGUEST_NR_OWNERS] = {
	[PGUEST_OTHER]		= "other",
	[PGUEST_BOUNCE]		= "bounce-pool",
	[PGUEST_RESTRICTED]	= "restricted-pool",
	[PGUEST_COHERENT]	= "coherent-dma",
	[PGUEST_ATOMIC]		= "atomic-pool",
	[PGUEST_ITS]		= "gic-its",
	[PGUEST_BALLOON]	= "balloon",
	[PGUEST_STEAL]		= "steal-time",
	[PGUEST_CLOCK]		= "clock",
	[PGUEST_GENERATION]	= "generation-id",
};

/**
 * pguest_owner_name() - an owner as people read it
 * @owner: the owner
 *
 * Return: a string that stays as it is from release to release.
 */
const char *pguest_owner_name(enum pguest_owner owner)
{
	return owner < PGUEST_NR_OWNERS ? owner_names[owner] : "?";
}

/**
 * pguest_ledger_init() - make an empty ledger
 * @ledger: the ledger
 */
void pguest_ledger_init(struct pguest_ledger *ledger)
{
	memset(ledger, 0, sizeof(*ledger));
	xa_init_flags(&ledger->granules, XA_FLAGS_LOCK_IRQ);
}

/* What an operation costs, for tests. A reader without the lock may miss a count. */
#ifdef CONFIG_PGUEST_KUNIT_TEST
#define count_walk(ledger)	((ledger)->walks++)
#define count_slot(ledger)	((ledger)->slots++)
#else
#define count_walk(ledger)	((void)(ledger))
#define count_slot(ledger)	((void)(ledger))
#endif

static void *pack(const struct pguest_entry *entry)
{
	u64 caller = 0;

	if (entry->caller >= (unsigned long)_text)
		caller = (entry->caller - (unsigned long)_text) / 4;
	return xa_mk_value(FIELD_PREP(ENTRY_STATE, entry->state) |
			   FIELD_PREP(ENTRY_OWNER, entry->owner) |
			   FIELD_PREP(ENTRY_REFS, entry->refs) |
			   FIELD_PREP(ENTRY_CALLER, caller));
}

static struct pguest_entry unpack(void *packed)
{
	u64 bits = packed ? xa_to_value(packed) : 0;
	u64 caller = FIELD_GET(ENTRY_CALLER, bits);

	return (struct pguest_entry) {
		.state	= FIELD_GET(ENTRY_STATE, bits),
		.owner	= FIELD_GET(ENTRY_OWNER, bits),
		.refs	= FIELD_GET(ENTRY_REFS, bits),
		.caller	= caller ? (unsigned long)_text + caller * 4 : 0,
	};
}

/**
 * pguest_ledger_get() - look a granule up
 * @ledger: the ledger
 * @granule: granule number, which is address divided by the granule's size
 *
 * Context: Any, the lock need not be held.
 * Return: the entry; PGUEST_PRIVATE when there is none.
 */
struct pguest_entry pguest_ledger_get(struct pguest_ledger *ledger,
				      unsigned long granule)
{
	count_walk(ledger);
	count_slot(ledger);
	return unpack(xa_load(&ledger->granules, granule));
}

static void account(struct pguest_ledger *ledger,
		    const struct pguest_entry *entry, int by)
{
	if (entry->state == PGUEST_SHARED) {
		ledger->now += by;
		ledger->by_owner[entry->owner] += by;
		ledger->peak = max(ledger->peak, ledger->now);
	} else if (entry->state == PGUEST_LOST) {
		ledger->lost += by;
	}
}

/**
 * pguest_ledger_set() - enter or change a granule
 * @ledger: the ledger
 * @granule: granule number
 * @entry: what is to be known about it
 *
 * Context: Any.
 * Return: 0, or -ENOMEM when the granule was not there and does not fit.
 */
int pguest_ledger_set(struct pguest_ledger *ledger, unsigned long granule,
		      const struct pguest_entry *entry)
{
	struct pguest_entry old;
	unsigned long flags;
	void *ret;

	count_walk(ledger);
	count_slot(ledger);
	/* Interrupts may be off or on here, and _irq() would enable them. */
	xa_lock_irqsave(&ledger->granules, flags);
	ret = __xa_store(&ledger->granules, granule, pack(entry),
			 GFP_ATOMIC | __GFP_NOWARN);
	xa_unlock_irqrestore(&ledger->granules, flags);
	if (xa_is_err(ret))
		return xa_err(ret);

	old = unpack(ret);
	account(ledger, &old, -1);
	account(ledger, entry, 1);
	return 0;
}

/**
 * pguest_ledger_erase() - forget a granule, which is private now
 * @ledger: the ledger
 * @granule: granule number
 *
 * Context: Any.
 */
void pguest_ledger_erase(struct pguest_ledger *ledger, unsigned long granule)
{
	struct pguest_entry old;
	unsigned long flags;

	count_walk(ledger);
	count_slot(ledger);
	xa_lock_irqsave(&ledger->granules, flags);
	old = unpack(__xa_erase(&ledger->granules, granule));
	xa_unlock_irqrestore(&ledger->granules, flags);
	account(ledger, &old, -1);
}

/**
 * pguest_ledger_any() - is one of these granules not private?
 * @ledger: the ledger
 * @first: granule number
 * @last: that of the last one, also looked at
 *
 * Context: Any, the lock need not be held.
 * Return: true if one is being shared, shared or lost.
 */
bool pguest_ledger_any(struct pguest_ledger *ledger, unsigned long first,
		       unsigned long last)
{
	count_walk(ledger);
	count_slot(ledger);
	return xa_find(&ledger->granules, &first, last, XA_PRESENT);
}
