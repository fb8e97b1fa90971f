/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the layer: backends, the core that shares granules, the ledger.
 */
#ifndef __ASM_PGUEST_H
#define __ASM_PGUEST_H

#include <linux/list.h>
#include <linux/pguest.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>

#include <asm/memory.h>
#include <asm/sections.h>

/*
 * For printk_deferred(), on the way of a mapping, where SWIOTLB's lock or a
 * console's own may be held: a console on virtio would take that lock again, so
 * it is not for us to wait for one.
 */
#define PGUEST_ERR	KERN_ERR "pguest: "
#define PGUEST_INFO	KERN_INFO "pguest: "

#define pguest_err(fmt, ...)						\
do {									\
	static DEFINE_RATELIMIT_STATE(_limit, DEFAULT_RATELIMIT_INTERVAL, \
				      DEFAULT_RATELIMIT_BURST);		\
									\
	if (__ratelimit(&_limit))					\
		printk_deferred(PGUEST_ERR fmt, ##__VA_ARGS__);		\
} while (0)

/* A granule beyond this is taken for a lie: no hypervisor protects so coarsely. */
#define PGUEST_GRANULE_MAX	SZ_2M

/**
 * struct pguest_ops - the calls of one hypervisor interface
 * @name:	name of the interface in the boot log and in debugfs
 * @claim:	what the claim that the VM is protected rests on, in the boot log
 * @private_smc: an SMC is answered by the hypervisor and never by the host
 * @share:	let the host access [@start, @end) by one call
 * @unshare:	end the host's access to [@start, @end) by one call
 * @map_mmio:	let the host emulate devices at [@start, @end) by one call. Used if
 *		there is a guard (mmio_granule of struct pguest_backend)
 * @unmap_mmio:	end that by one call. Used if unmap_mmio of the backend is true
 * @relinquish:	give [@start, @end) to the host by one call. Used if relinquish of
 *		the backend is true
 * @accept:	make [@start, @end) RAM of the VM by one call. NULL if all RAM is
 * @measure:	extend a measurement register by a digest. NULL if there is none
 * @locate:	set @at to the address where the device or firmware table at [@start,
 *		@end) must be mapped; @device if RAM must be refused. NULL if that
 *		is always @start
 * @last_words:	send a text to the host and return. NULL if only @power_off can
 * @power_off:	end the VM, and send a text to the host as far as it fits
 * @show_features: print what the audit of the ID registers found. NULL if there is no
 *		audit
 *
 * Ranges are aligned to the granule and not empty. A call sets @top to the address
 * that it reached, also if it fails; the caller checks it. If pguest_is_refusal() is
 * true of an error, nothing beyond @top has changed; after any other error the state
 * beyond @top is unknown.
 */
struct pguest_ops {
	const char *name;
	const char *claim;
	bool private_smc;
	int (*share)(phys_addr_t start, phys_addr_t end, phys_addr_t *top);
	int (*unshare)(phys_addr_t start, phys_addr_t end, phys_addr_t *top);
	int (*map_mmio)(phys_addr_t start, phys_addr_t end, phys_addr_t *top);
	int (*unmap_mmio)(phys_addr_t start, phys_addr_t end, phys_addr_t *top);
	int (*relinquish)(phys_addr_t start, phys_addr_t end, phys_addr_t *top);
	int (*accept)(phys_addr_t start, phys_addr_t end, phys_addr_t *top);
	int (*measure)(const void *digest, size_t size);
	int (*locate)(phys_addr_t start, phys_addr_t end, bool device, phys_addr_t *at);
	void (*last_words)(const char *words);
	void (*power_off)(const char *words);
	void (*show_features)(struct seq_file *m);
};

/**
 * struct pguest_backend - a hypervisor as it was found at boot
 * @ops:	its calls
 * @granule:	bytes that it shares at a time; a power of two
 * @mmio_granule: bytes that its MMIO guard maps at a time; 0 if there is no guard
 * @shared_bit:	address bit by which shared memory is reached; 0 if memory is shared
 *		in place
 * @ranges:	one call can share more than a granule
 * @unmap_mmio:	it has the call to drop the MMIO guard of a range
 * @relinquish:	it has the call to give pages to the host
 * @features:	more that was found, for the boot log; NULL if that is nothing
 *
 * Its probe fills it in. It does not change afterwards.
 */
struct pguest_backend {
	const struct pguest_ops *ops;
	phys_addr_t granule;
	phys_addr_t mmio_granule;
	phys_addr_t shared_bit;
	bool ranges;
	bool unmap_mmio;
	bool relinquish;
	const char *features;
};

/**
 * pguest_is_refusal() - did a call of a backend fail without changing anything?
 * @err: what it returned
 *
 * Context: Any.
 * Return: true if all beyond what the call reported as done is as it was.
 */
static inline bool pguest_is_refusal(int err)
{
	return err == -EINVAL || err == -EOPNOTSUPP || err == -EPERM ||
	       err == -ETIMEDOUT;
}

/* "PG": by this number the host knows that registers hold last words. */
#define PGUEST_LAST_WORDS	0x5047

/* As many bytes as fit into the registers of a host call */
#define PGUEST_WORDS_SIZE	248

/* The same bit as in pguest_shared_bit, as page tables have it */
extern u64 pguest_shared_pte;

/* Set by pguest_probe(); NULL outside a protected VM */
extern const struct pguest_backend *pguest_backend;

/* Each returns the backend if its hypervisor protects this VM, or NULL. */
const struct pguest_backend *pkvm_probe(void);
const struct pguest_backend *rsi_probe(void);

void pguest_drivers_init(void);
void pguest_show_devices(struct seq_file *m);

void pguest_stop_later(const char *fmt, ...) __printf(1, 2);
void pguest_put_words(unsigned long *regs, size_t nr, const char *words);
void pguest_entropy_settle(void);

/* The command line that may switch protection off. */
#ifdef CONFIG_PGUEST_CMDLINE_POLICY
#define PGUEST_OWNERS_LINE	CONFIG_PGUEST_CMDLINE
void pguest_filter_command_line(void);
#else
#define PGUEST_OWNERS_LINE	boot_command_line
static inline void pguest_filter_command_line(void)
{
}
#endif
unsigned int pguest_filter_line(char *line, size_t size, const char *allowed,
				const char *own);

bool pguest_word_listed(const char *list, const char *word);

#ifdef CONFIG_PGUEST_CCA
void pguest_digest_text(const char *text, u8 *digest);
int pguest_digest_tree(const void *tree, u8 *digest);
void pguest_measure_description(void);
#else
static inline void pguest_measure_description(void)
{
}
#endif
void pguest_stop(const char *why, u64 value) __noreturn;

/* What the host describes */
void pguest_audit_tree(void);
void pguest_audit_reserved(void);
bool pguest_image_or_tree_beyond(phys_addr_t at);
bool pguest_is_ram(phys_addr_t start, phys_addr_t end);
bool pguest_early_device_in_ram(phys_addr_t *at);
int pguest_check_new_ram(phys_addr_t start, phys_addr_t end);

/**
 * pguest_is_image() - is a part of this memory the kernel image?
 * @start: first byte
 * @end: byte after the last
 *
 * Context: Any. Its init part counts, also when that has been freed.
 * Return: true if it is.
 */
static inline bool pguest_is_image(phys_addr_t start, phys_addr_t end)
{
	return start < __pa_symbol(_end) && end > __pa_symbol(_text);
}

/**
 * enum pguest_state - what is known about a granule that was ever shared
 * @PGUEST_PRIVATE:	not in the ledger
 * @PGUEST_PENDING:	being shared or taken back right now, under the lock
 * @PGUEST_SHARED:	the host can read and write it
 * @PGUEST_LOST:	nobody knows. It is never freed, shared or used again
 */
enum pguest_state {
	PGUEST_PRIVATE,
	PGUEST_PENDING,
	PGUEST_SHARED,
	PGUEST_LOST,
};

/**
 * struct pguest_entry - one granule in the ledger
 * @state:	what is known
 * @owner:	who had it shared first
 * @refs:	how often it was shared and not taken back
 * @caller:	code that had it shared first, for people
 */
struct pguest_entry {
	enum pguest_state state;
	enum pguest_owner owner;
	unsigned int refs;
	unsigned long caller;
};

/**
 * struct pguest_ledger - everything that the host can see, and why
 * @granules:	granule number to packed struct pguest_entry
 * @shift:	a granule number is an address, shifted to the right by so much
 * @now:	granules shared
 * @peak:	the most that ever were
 * @lost:	granules in PGUEST_LOST
 * @by_owner:	granules shared for each owner
 * @walks:	descents from the root of @granules. KUnit builds alone count them
 * @slots:	entries read or written on these walks, likewise
 */
struct pguest_ledger {
	struct xarray granules;
	unsigned int shift;
	unsigned long now;
	unsigned long peak;
	unsigned long lost;
	unsigned long by_owner[PGUEST_NR_OWNERS];
#ifdef CONFIG_PGUEST_KUNIT_TEST
	unsigned long walks;
	unsigned long slots;
#endif
};

void pguest_ledger_init(struct pguest_ledger *ledger, phys_addr_t granule);
struct pguest_entry pguest_ledger_get(struct pguest_ledger *ledger, phys_addr_t addr);
int pguest_ledger_reserve(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end);
void pguest_ledger_unreserve(struct pguest_ledger *ledger, phys_addr_t start,
			     phys_addr_t end);
int pguest_ledger_put(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end);
int pguest_ledger_set(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end,
		      const struct pguest_entry *entry);
void pguest_ledger_erase(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end);
bool pguest_ledger_next_run(struct pguest_ledger *ledger, enum pguest_state state,
			    phys_addr_t *start, phys_addr_t *end);
bool pguest_ledger_any(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end);
bool pguest_ledger_free_for(struct pguest_ledger *ledger, phys_addr_t start,
			    phys_addr_t end, enum pguest_owner owner);
const char *pguest_owner_name(enum pguest_owner owner);

/**
 * enum pguest_map - how granules are mapped for us
 * @PGUEST_MAP_NONE:	not at all, so that a touch is an error and no more
 * @PGUEST_MAP_PRIVATE:	as our own memory
 * @PGUEST_MAP_SHARED:	as the host sees them
 */
enum pguest_map {
	PGUEST_MAP_NONE,
	PGUEST_MAP_PRIVATE,
	PGUEST_MAP_SHARED,
};

/**
 * struct pguest_space - memory of one guest, and who shares it
 * @backend:	the hypervisor
 * @clear:	overwrites [@start, @end) with zeroes, through what is mapped
 * @map:	maps [@start, @end); used if the backend has a shared bit
 * @lock:	serialises calls for the same granule, and the ledger
 * @ledger:	what is shared
 * @calls_share: calls of the backend's share()
 * @calls_unshare: calls of the backend's unshare()
 * @again:	granules that were shared already, and only counted
 * @refused:	requests that ended in an error
 *
 * There is one; tests make more.
 */
struct pguest_space {
	const struct pguest_backend *backend;
	void (*clear)(phys_addr_t start, phys_addr_t end);
	int (*map)(phys_addr_t start, phys_addr_t end, enum pguest_map how);
	spinlock_t lock;	/* the ledger, and calls for the same granule */
	struct pguest_ledger ledger;
	unsigned long calls_share;
	unsigned long calls_unshare;
	unsigned long again;
	unsigned long refused;
};

extern struct pguest_space pguest_memory;

void pguest_space_init(struct pguest_space *space,
		       const struct pguest_backend *backend,
		       void (*clear)(phys_addr_t start, phys_addr_t end));
int pguest_space_share(struct pguest_space *space, phys_addr_t start,
		       phys_addr_t end, enum pguest_owner owner,
		       unsigned long caller);
int pguest_space_unshare(struct pguest_space *space, phys_addr_t start,
			 phys_addr_t end, unsigned long caller);
int pguest_space_enter(struct pguest_space *space, phys_addr_t start,
		       phys_addr_t end, enum pguest_owner owner,
		       unsigned long caller);
int pguest_space_leave(struct pguest_space *space, phys_addr_t start, phys_addr_t end);
bool pguest_space_shared(struct pguest_space *space, phys_addr_t addr);

/* With one call for each granule, that many of them without an interrupt between */
#define PGUEST_GUARD_SLICE	128

/**
 * struct pguest_guard - devices that the host may serve, because they are mapped
 * @backend:	the hypervisor
 * @lock:	serialises its calls, and the list
 * @mappings:	what is mapped
 *
 * There is one; tests make more.
 */
struct pguest_guard {
	const struct pguest_backend *backend;
	spinlock_t lock;	/* the hypervisor's calls, and the list */
	struct list_head mappings;
};

extern struct pguest_guard pguest_devices;

void pguest_guard_init(struct pguest_guard *guard, const struct pguest_backend *backend);
phys_addr_t pguest_guard_unit(const struct pguest_guard *guard);
int pguest_guard_map(struct pguest_guard *guard, phys_addr_t start, phys_addr_t end);
void pguest_guard_name(struct pguest_guard *guard, phys_addr_t start, phys_addr_t end,
		       const void *addr);
void pguest_guard_unmap(struct pguest_guard *guard, phys_addr_t start, phys_addr_t end,
			const void *addr);
bool pguest_guard_covers(struct pguest_guard *guard, phys_addr_t addr);
bool pguest_guard_meets(struct pguest_guard *guard, phys_addr_t start, phys_addr_t end);

typedef int (*pguest_call_t)(phys_addr_t start, phys_addr_t end,
			     phys_addr_t *top);

int pguest_map_linear(phys_addr_t start, phys_addr_t end, enum pguest_map how);

int pguest_walk(pguest_call_t call, phys_addr_t start, phys_addr_t end,
		phys_addr_t granule, phys_addr_t *top, unsigned long *calls);

int pguest_set_dma_private(struct device *dev, bool private);

bool pguest_granule_valid(u64 granule, u64 ram);
unsigned long pguest_pool_size(u64 ram, unsigned int cpus, unsigned long page);
u64 pguest_bytes_bounced(void);
unsigned long pguest_pool_was_full(void);

/**
 * struct pguest_steal - what we believe of a CPU's steal time
 * @begun:	the rest means something; @total always does
 * @host:	what the host said last
 * @time:	when that was
 * @late:	nanoseconds before that which could have been stolen and were not
 * @total:	nanoseconds that we believe
 */
struct pguest_steal {
	bool begun;
	u64 host;
	u64 time;
	u64 late;
	u64 total;
};

bool pguest_believe_steal(struct pguest_steal *s, u64 host, u64 now);

/**
 * struct pguest_call_regs - X0 to X3 after a call
 * @a0: X0
 * @a1: X1
 * @a2: X2
 * @a3: X3
 */
struct pguest_call_regs {
	unsigned long a0;
	unsigned long a1;
	unsigned long a2;
	unsigned long a3;
};

/* Where an HVC or SMC of ours is, what is behind it, where to go on when it faults */
extern const char __pguest_hvc_insn[], __pguest_hvc_behind[], __pguest_hvc_fault[];
extern const char __pguest_smc_insn[], __pguest_smc_behind[], __pguest_smc_fault[];

int __pguest_hvc(unsigned long fn, unsigned long a1, unsigned long a2,
		 unsigned long a3, struct pguest_call_regs *regs);
int __pguest_smc(unsigned long fn, unsigned long a1, unsigned long a2,
		 unsigned long a3, struct pguest_call_regs *regs);

#endif /* __ASM_PGUEST_H */
