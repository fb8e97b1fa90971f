// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ledger: each granule that is shared or lost, its owner and its number of owners.
 *
 * An entry is packed into one XArray value, so that an existing entry can be changed
 * without allocating memory. Ranges consist of whole granules, and an operation on a
 * range is one walk. Writers hold the lock of the space. They also take the lock of the
 * XArray, as XArray requires; readers do without either lock.
 */
#include <linux/bitfield.h>
#include <linux/log2.h>
#include <linux/pguest_dma.h>
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
 * pguest_owner_name() - name of an owner in debugfs and in the log
 * @owner: the owner
 *
 * Context: Any.
 * Return: the name, which is ABI; "?" if there is no such owner.
 */
const char *pguest_owner_name(enum pguest_owner owner)
{
	return owner < PGUEST_NR_OWNERS ? owner_names[owner] : "?";
}

/**
 * pguest_ledger_init() - make an empty ledger
 * @ledger: the ledger
 * @granule: bytes of a granule, a power of two
 *
 * Context: Any.
 */
void pguest_ledger_init(struct pguest_ledger *ledger, phys_addr_t granule)
{
	memset(ledger, 0, sizeof(*ledger));
	xa_init_flags(&ledger->granules, XA_FLAGS_LOCK_IRQ);
	ledger->shift = ilog2(granule);
}

/* Counters of operations for KUnit. A reader without the lock may lose an increment. */
#ifdef CONFIG_PGUEST_KUNIT_TEST
#define count_walk(ledger)	data_race((ledger)->walks++)
#define count_slot(ledger)	data_race((ledger)->slots++)
#else
#define count_walk(ledger)	((void)(ledger))
#define count_slot(ledger)	((void)(ledger))
#endif

/* Callers may hold spinlocks, with interrupts off. */
#define LEDGER_GFP	(GFP_ATOMIC | __GFP_NOWARN)

static const struct pguest_entry pending_entry = { .state = PGUEST_PENDING };

static void *entry_pack(const struct pguest_entry *entry)
{
	u64 caller = 0;

	if (entry->caller >= (unsigned long)_text)
		caller = (entry->caller - (unsigned long)_text) / 4;
	return xa_mk_value(FIELD_PREP(ENTRY_STATE, entry->state) |
			   FIELD_PREP(ENTRY_OWNER, entry->owner) |
			   FIELD_PREP(ENTRY_REFS, entry->refs) |
			   FIELD_PREP(ENTRY_CALLER, caller));
}

static struct pguest_entry entry_unpack(void *packed)
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

static unsigned long granule_index(const struct pguest_ledger *ledger, phys_addr_t addr)
{
	return addr >> ledger->shift;
}

static phys_addr_t granule_addr(const struct pguest_ledger *ledger, unsigned long index)
{
	return (phys_addr_t)index << ledger->shift;
}

static void account_entry(struct pguest_ledger *ledger,
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

static void count_direct(struct pguest_ledger *ledger, unsigned long index,
			 const struct pguest_entry *entry, int by)
{
	u16 *count = ledger->direct + index % PGUEST_DIRECT;

	if (ledger->direct && entry->state == PGUEST_SHARED &&
	    pguest_owner_is_direct(entry->owner))
		WRITE_ONCE(*count, *count + by);
}

/* Change the entry at @xas; false if there is no memory for a new one. */
static bool store_entry(struct pguest_ledger *ledger, struct xa_state *xas,
			const struct pguest_entry *old, const struct pguest_entry *entry)
{
	xas_store(xas, entry_pack(entry));
	if (xas_error(xas))
		return false;
	account_entry(ledger, old, -1);
	account_entry(ledger, entry, 1);
	/* In this order, because pguest_dma_is_shared() looks at any time. */
	count_direct(ledger, xas->xa_index, entry, 1);
	count_direct(ledger, xas->xa_index, old, -1);
	return true;
}

/**
 * pguest_ledger_get() - look a granule up
 * @ledger: the ledger
 * @addr: any byte of it
 *
 * Context: Any. The lock of the space need not be held.
 * Return: the entry; its state is PGUEST_PRIVATE if there is none.
 */
struct pguest_entry pguest_ledger_get(struct pguest_ledger *ledger, phys_addr_t addr)
{
	count_walk(ledger);
	count_slot(ledger);
	return entry_unpack(xa_load(&ledger->granules, granule_index(ledger, addr)));
}

/*
 * Reserve from the position of @xas on. After -ENOMEM the caller may allocate a node and
 * call again: the walk goes on at the same granule.
 */
static int reserve_from(struct pguest_ledger *ledger, struct xa_state *xas,
			unsigned long last, unsigned int *shared)
{
	struct pguest_entry entry;

	do {
		count_slot(ledger);
		entry = entry_unpack(xas_next(xas));
		if (entry.state == PGUEST_LOST)
			return -EIO;
		if (entry.state == PGUEST_SHARED && entry.refs == U16_MAX)
			return -EOVERFLOW;
		if (entry.state == PGUEST_SHARED)
			++*shared;
		else if (!store_entry(ledger, xas, &entry, &pending_entry))
			return -ENOMEM;
	} while (xas->xa_index < last);
	return 0;
}

/* Add an owner to each granule that is shared. */
static void count_owner(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end)
{
	XA_STATE(xas, &ledger->granules, granule_index(ledger, start));
	unsigned long last = granule_index(ledger, end - 1), flags;
	struct pguest_entry entry;
	void *packed;

	count_walk(ledger);
	xas_lock_irqsave(&xas, flags);
	xas_for_each(&xas, packed, last) {
		count_slot(ledger);
		entry = entry_unpack(packed);
		if (entry.state != PGUEST_SHARED)
			continue;
		entry.refs++;
		xas_store(&xas, entry_pack(&entry));
	}
	xas_unlock_irqrestore(&xas, flags);
}

/**
 * pguest_ledger_reserve() - add an owner to each granule of a range
 * @ledger: the ledger
 * @start: first byte
 * @end: the byte after the last
 *
 * Private granules are entered as PGUEST_PENDING, so that the result of the call that
 * follows can be entered without allocating memory. After an error nothing has changed.
 *
 * Context: Any, with the lock of the space.
 * Return: the number of granules that were shared before; -EIO if one is lost,
 *	   -EOVERFLOW if one has too many owners, -ENOMEM.
 */
int pguest_ledger_reserve(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end)
{
	XA_STATE(xas, &ledger->granules, granule_index(ledger, start));
	unsigned long last = granule_index(ledger, end - 1), flags;
	unsigned int shared = 0;
	int err;

	do {
		count_walk(ledger);
		xas_lock_irqsave(&xas, flags);
		err = reserve_from(ledger, &xas, last, &shared);
		xas_unlock_irqrestore(&xas, flags);
	} while (xas_nomem(&xas, LEDGER_GFP));
	if (err) {
		pguest_ledger_unreserve(ledger, start, end);
		return err;
	}
	if (shared)
		count_owner(ledger, start, end);
	return shared;
}

/**
 * pguest_ledger_unreserve() - erase the granules of a range that are PGUEST_PENDING
 * @ledger: the ledger
 * @start: first byte
 * @end: the byte after the last
 *
 * Context: Any, with the lock of the space.
 */
void pguest_ledger_unreserve(struct pguest_ledger *ledger, phys_addr_t start,
			     phys_addr_t end)
{
	XA_STATE(xas, &ledger->granules, granule_index(ledger, start));
	unsigned long last = granule_index(ledger, end - 1), flags;
	void *packed;

	count_walk(ledger);
	xas_lock_irqsave(&xas, flags);
	xas_for_each(&xas, packed, last) {
		count_slot(ledger);
		if (entry_unpack(packed).state == PGUEST_PENDING)
			xas_store(&xas, NULL);
	}
	xas_unlock_irqrestore(&xas, flags);
}

/**
 * pguest_ledger_put() - remove an owner from each granule of a range
 * @ledger: the ledger
 * @start: first byte
 * @end: the byte after the last
 *
 * Granules without owners become PGUEST_PENDING. Granules that are not shared do not
 * change, and do not keep the others from being changed.
 *
 * Context: Any, with the lock of the space.
 * Return: 0; -EIO if a granule is lost, else -EINVAL if one was not shared.
 */
int pguest_ledger_put(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end)
{
	XA_STATE(xas, &ledger->granules, granule_index(ledger, start));
	unsigned long last = granule_index(ledger, end - 1), flags;
	unsigned long missing = last - xas.xa_index + 1;
	struct pguest_entry entry, old;
	bool lost = false;
	void *packed;

	count_walk(ledger);
	xas_lock_irqsave(&xas, flags);
	xas_for_each(&xas, packed, last) {
		count_slot(ledger);
		old = entry_unpack(packed);
		entry = old;
		lost |= entry.state == PGUEST_LOST;
		if (entry.state != PGUEST_SHARED)
			continue;
		missing--;
		store_entry(ledger, &xas, &old, --entry.refs ? &entry : &pending_entry);
	}
	xas_unlock_irqrestore(&xas, flags);
	if (lost)
		return -EIO;
	return missing ? -EINVAL : 0;
}

static void set_from(struct pguest_ledger *ledger, struct xa_state *xas,
		     unsigned long last, const struct pguest_entry *entry)
{
	struct pguest_entry old;

	do {
		count_slot(ledger);
		old = entry_unpack(xas_next(xas));
	} while (store_entry(ledger, xas, &old, entry) && xas->xa_index < last);
}

/**
 * pguest_ledger_set() - enter or replace the entries of a range
 * @ledger: the ledger
 * @start: first byte
 * @end: the byte after the last; @start if there is nothing to change
 * @entry: the new entry of each granule
 *
 * Context: Any, with the lock of the space.
 * Return: 0; -ENOMEM if a granule had no entry and there is no memory for one: the
 *	   granules before it have been changed.
 */
int pguest_ledger_set(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end,
		      const struct pguest_entry *entry)
{
	XA_STATE(xas, &ledger->granules, granule_index(ledger, start));
	unsigned long last = granule_index(ledger, end - 1), flags;

	if (start == end)
		return 0;
	do {
		count_walk(ledger);
		/* Interrupts may be off or on here, and _irq() would enable them. */
		xas_lock_irqsave(&xas, flags);
		set_from(ledger, &xas, last, entry);
		xas_unlock_irqrestore(&xas, flags);
	} while (xas_nomem(&xas, LEDGER_GFP));
	return xas_error(&xas);
}

/**
 * pguest_ledger_erase() - erase the entries of a range, which is private now
 * @ledger: the ledger
 * @start: first byte
 * @end: the byte after the last; @start if there is nothing to erase
 *
 * Context: Any, with the lock of the space.
 */
void pguest_ledger_erase(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end)
{
	XA_STATE(xas, &ledger->granules, granule_index(ledger, start));
	struct pguest_entry old;
	unsigned long flags;
	void *packed;

	if (start == end)
		return;
	count_walk(ledger);
	xas_lock_irqsave(&xas, flags);
	xas_for_each(&xas, packed, granule_index(ledger, end - 1)) {
		count_slot(ledger);
		old = entry_unpack(packed);
		xas_store(&xas, NULL);
		account_entry(ledger, &old, -1);
		count_direct(ledger, xas.xa_index, &old, -1);
	}
	xas_unlock_irqrestore(&xas, flags);
}

/**
 * pguest_ledger_next_run() - find the next adjacent granules in a state
 * @ledger: the ledger
 * @state: the state, not PGUEST_PRIVATE
 * @start: where to begin; becomes the first byte of the run
 * @end: where to stop; becomes the byte after the run
 *
 * Context: Any, with the lock of the space.
 * Return: false if there is no such granule; @start and @end have not changed.
 */
bool pguest_ledger_next_run(struct pguest_ledger *ledger, enum pguest_state state,
			    phys_addr_t *start, phys_addr_t *end)
{
	XA_STATE(xas, &ledger->granules, granule_index(ledger, *start));
	unsigned long first = 0, behind = 0;
	void *packed;

	if (*start == *end)
		return false;
	count_walk(ledger);
	rcu_read_lock();
	xas_for_each(&xas, packed, granule_index(ledger, *end - 1)) {
		bool fits = entry_unpack(packed).state == state;

		count_slot(ledger);
		if (behind && (!fits || xas.xa_index != behind))
			break;
		if (!fits)
			continue;
		if (!behind)
			first = xas.xa_index;
		behind = xas.xa_index + 1;
	}
	rcu_read_unlock();
	if (!behind)
		return false;
	*start = granule_addr(ledger, first);
	*end = granule_addr(ledger, behind);
	return true;
}

/**
 * pguest_ledger_any() - does a range have an entry?
 * @ledger: the ledger
 * @start: first byte
 * @end: the byte after the last
 *
 * Context: Any. The lock of the space need not be held.
 * Return: true if a granule is pending, shared or lost.
 */
bool pguest_ledger_any(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end)
{
	unsigned long index = granule_index(ledger, start);

	count_walk(ledger);
	count_slot(ledger);
	return xa_find(&ledger->granules, &index, granule_index(ledger, end - 1), XA_PRESENT);
}

/**
 * pguest_ledger_free_for() - does a range have no entry of another owner?
 * @ledger: the ledger
 * @start: first byte
 * @end: the byte after the last
 * @owner: the owner
 *
 * Context: Any. The lock of the space need not be held.
 * Return: true if each granule is private, or shared for @owner.
 */
bool pguest_ledger_free_for(struct pguest_ledger *ledger, phys_addr_t start,
			    phys_addr_t end, enum pguest_owner owner)
{
	XA_STATE(xas, &ledger->granules, granule_index(ledger, start));
	unsigned long last = granule_index(ledger, end - 1);
	struct pguest_entry entry;
	bool free = true;
	void *packed;

	count_walk(ledger);
	rcu_read_lock();
	xas_for_each(&xas, packed, last) {
		if (xas_retry(&xas, packed))
			continue;
		count_slot(ledger);
		entry = entry_unpack(packed);
		free = entry.state == PGUEST_SHARED && entry.owner == owner;
		if (!free)
			break;
	}
	rcu_read_unlock();
	return free;
}
