/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An XArray with entries for PROVE_GRANULES indices from prove_first on. An access elsewhere fails the
 * proof. A new entry may find no memory; an entry that is there can always be changed.
 */
#ifndef PROVE_XARRAY_H
#define PROVE_XARRAY_H

#ifndef PROVE_GRANULES
#define PROVE_GRANULES	4
#endif

struct xarray { void *entries[PROVE_GRANULES]; };

struct xa_state {
	struct xarray *xa;
	unsigned long xa_index;
	bool begun, no_memory, has_node;
};

static unsigned long prove_first;
/* No entry may be refused for want of memory. */
static bool prove_memory;

_Bool nondet_bool(void);

#define XA_PRESENT		0
#define XA_FLAGS_LOCK_IRQ	0
#define xa_mk_value(v)		((void *)((u64)(v) << 1 | 1))
#define xa_to_value(p)		((u64)(p) >> 1)
#define XA_STATE(name, array, index)	\
	struct xa_state name = { .xa = (array), .xa_index = (index) }
#define xas_lock_irqsave(xas, flags)		((flags) = 1)
#define xas_unlock_irqrestore(xas, flags)	((void)(flags))
#define xas_error(xas)		((xas)->no_memory ? -ENOMEM : 0)
#define xas_retry(xas, entry)	false

static inline void xa_init_flags(struct xarray *xa, int flags)
{
	unsigned int i;

	for (i = 0; i < PROVE_GRANULES; i++)
		xa->entries[i] = NULL;
}

static inline bool prove_inside(unsigned long index)
{
	return index >= prove_first && index < prove_first + PROVE_GRANULES;
}

static inline void *xa_load(struct xarray *xa, unsigned long index)
{
	return prove_inside(index) ? xa->entries[index - prove_first] : NULL;
}

/* The first time, and after an error, the entry at the index: then the one behind it. */
static inline void *xas_next(struct xa_state *xas)
{
	if (xas->begun)
		xas->xa_index++;
	xas->begun = true;
	__CPROVER_assert(prove_inside(xas->xa_index), "a walk stays inside the range");
	return xa_load(xas->xa, xas->xa_index);
}

static inline void *xas_store(struct xa_state *xas, void *entry)
{
	void *old = xa_load(xas->xa, xas->xa_index);

	__CPROVER_assert(prove_inside(xas->xa_index), "an entry is inside the range");
	if (xas->no_memory)
		return NULL;
	if (entry && !old && !xas->has_node && !prove_memory && nondet_bool()) {
		xas->no_memory = true;
		return NULL;
	}
	xas->has_node = false;
	if (prove_inside(xas->xa_index))
		xas->xa->entries[xas->xa_index - prove_first] = entry;
	return old;
}

static inline bool xas_nomem(struct xa_state *xas, gfp_t gfp)
{
	if (!xas->no_memory || nondet_bool())
		return false;
	xas->no_memory = false;
	xas->has_node = true;
	xas->begun = false;
	return true;
}

static inline void *prove_find(struct xa_state *xas, unsigned long index, unsigned long last)
{
	unsigned int i;

	for (i = 0; i < PROVE_GRANULES; i++) {
		if (prove_first + i < index || prove_first + i > last || !xas->xa->entries[i])
			continue;
		xas->xa_index = prove_first + i;
		return xas->xa->entries[i];
	}
	return NULL;
}

#define xas_for_each(xas, entry, last)					\
	for ((entry) = prove_find(xas, (xas)->xa_index, last); (entry);	\
	     (entry) = prove_find(xas, (xas)->xa_index + 1, last))

static inline void *xa_find(struct xarray *xa, unsigned long *index, unsigned long last, int filter)
{
	struct xa_state xas = { .xa = xa };
	void *entry = prove_find(&xas, *index, last);

	if (entry)
		*index = xas.xa_index;
	return entry;
}

#endif
