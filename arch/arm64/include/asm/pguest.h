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
 * Messages are deferred where SWIOTLB's lock or a console's lock may be held: a virtio
 * console would take that lock again.
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

/* The largest granule that is accepted. No hypervisor has larger ones. */
#define PGUEST_GRANULE_MAX	SZ_2M

/**
 * enum pguest_state - state of a granule
 * @PGUEST_PRIVATE:	it has no entry in the ledger
 * @PGUEST_PENDING:	it is being shared or taken back, under the lock of the space
 * @PGUEST_SHARED:	the host can read and write it
 * @PGUEST_LOST:	its state is unknown. The kernel never uses, frees or shares it
 */
enum pguest_state {
	PGUEST_PRIVATE,
	PGUEST_PENDING,
	PGUEST_SHARED,
	PGUEST_LOST,
};

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
 * @ran_before:	has a kernel run in this VM before? If @mark is not 0, that kernel has
 *		shared the granule there, and it is private afterwards. At boot, once
 * @where:	set @state to where the memory at @start is, of a kernel that crashed, and @top
 *		to the end of the granules that are there too: PGUEST_LOST if it can be
 *		neither private nor shared. NULL if all can be read where it is
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
	bool (*ran_before)(phys_addr_t mark);
	int (*where)(phys_addr_t start, phys_addr_t end, phys_addr_t *top,
		     enum pguest_state *state);
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

/* "PG": the number by which a host recognises last words in registers */
#define PGUEST_LAST_WORDS	0x5047

/* Bytes that fit into the registers of RSI_HOST_CALL (DEN0137): 31 of 8 bytes */
#define PGUEST_WORDS_SIZE	248

/* pguest_shared_bit as it is in a page table descriptor */
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

/* The command line whose pguest=off counts */
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
bool pguest_handover_region(phys_addr_t *start, phys_addr_t *end);
#ifdef CONFIG_ARM_PKVM_GUEST_DICE
void pkvm_dice_reserve(void);
#else
static inline void pkvm_dice_reserve(void)
{
}
#endif
bool pguest_is_old_ram(phys_addr_t start, phys_addr_t end);
bool pguest_is_crash_kernel(void);
bool pguest_early_device_in_ram(phys_addr_t *at);
int pguest_check_new_ram(phys_addr_t start, phys_addr_t end);

#if defined(CONFIG_CRASH_DUMP) && defined(CONFIG_KEXEC_CORE)
bool pguest_is_crash_memory(phys_addr_t start, phys_addr_t end);
#else
static inline bool pguest_is_crash_memory(phys_addr_t start, phys_addr_t end)
{
	return false;
}
#endif

/**
 * pguest_is_image() - does a range overlap the kernel image?
 * @start: first byte
 * @end: byte after the last
 *
 * Context: Any.
 * Return: true if it does. The init part counts even after it has been freed.
 */
static inline bool pguest_is_image(phys_addr_t start, phys_addr_t end)
{
	return start < __pa_symbol(_end) && end > __pa_symbol(_text);
}

/**
 * struct pguest_entry - one granule in the ledger
 * @state:	its state
 * @owner:	what it was first shared for
 * @refs:	number of owners
 * @caller:	address of the code that first shared it, for debugfs
 */
struct pguest_entry {
	enum pguest_state state;
	enum pguest_owner owner;
	unsigned int refs;
	unsigned long caller;
};

/**
 * struct pguest_ledger - all granules that are shared or lost
 * @granules:	granule number to packed struct pguest_entry
 * @shift:	an address shifted right by this is a granule number
 * @now:	granules shared
 * @peak:	maximum of @now since boot
 * @lost:	granules in PGUEST_LOST
 * @by_owner:	granules shared for each owner
 * @direct:	granules shared for owners of pguest_owner_is_direct(), by the low bits of
 *		their numbers: PGUEST_DIRECT counts. NULL if nothing asks for them
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
	u16 *direct;
#ifdef CONFIG_PGUEST_KUNIT_TEST
	unsigned long walks;
	unsigned long slots;
#endif
};

/**
 * pguest_owner_is_direct() - may a device use memory of an owner as it is?
 * @owner: the owner
 *
 * Context: Any.
 * Return: true if the memory is a buffer that a driver has allocated or shared.
 */
static inline bool pguest_owner_is_direct(enum pguest_owner owner)
{
	return owner == PGUEST_OTHER || owner == PGUEST_COHERENT || owner == PGUEST_ATOMIC;
}

/**
 * pguest_owner_is_host() - is memory of an owner supplied by the host?
 * @owner: the owner
 *
 * Context: Any.
 * Return: true if it is no RAM of the VM.
 */
static inline bool pguest_owner_is_host(enum pguest_owner owner)
{
	return owner == PGUEST_STEAL || owner == PGUEST_CLOCK || owner == PGUEST_GENERATION;
}

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
 * enum pguest_map - how the linear map has granules
 * @PGUEST_MAP_NONE:	not mapped
 * @PGUEST_MAP_PRIVATE:	at the address of private memory
 * @PGUEST_MAP_SHARED:	at the address of shared memory
 */
enum pguest_map {
	PGUEST_MAP_NONE,
	PGUEST_MAP_PRIVATE,
	PGUEST_MAP_SHARED,
};

/**
 * struct pguest_space - memory of a VM, and the state of sharing it
 * @backend:	the hypervisor
 * @clear:	overwrites [@start, @end) with zeroes
 * @map:	maps [@start, @end); used if the backend has a shared bit
 * @lock:	serialises calls for the same granule, and the ledger
 * @ledger:	what is shared
 * @calls_share: calls of the backend's share()
 * @calls_unshare: calls of the backend's unshare()
 * @again:	requests for granules that were shared already
 * @refused:	requests that ended in an error
 *
 * The kernel has one, pguest_memory; KUnit creates more.
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
unsigned long pguest_space_end(struct pguest_space *space, phys_addr_t *first);

/**
 * typedef pguest_keep_t - keep the contents of a granule while its state changes
 * @start:	first byte
 * @end:	the byte after the last
 * @back:	write the contents that were copied before; else copy them
 */
typedef void (*pguest_keep_t)(phys_addr_t start, phys_addr_t end, bool back);

int pguest_space_suspend(struct pguest_space *space, pguest_keep_t keep, phys_addr_t *at);
int pguest_space_resume(struct pguest_space *space, pguest_keep_t keep, phys_addr_t *at);

/* Granules that a walk guards with interrupts off, at up to one call for each */
#define PGUEST_GUARD_SLICE	128

/**
 * struct pguest_guard - devices that the kernel has mapped
 * @backend:	the hypervisor
 * @lock:	serialises its calls, and the list
 * @mappings:	what is mapped
 *
 * The kernel has one, pguest_devices; KUnit creates more.
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
int pguest_guard_again(struct pguest_guard *guard, phys_addr_t *at);

typedef int (*pguest_call_t)(phys_addr_t start, phys_addr_t end,
			     phys_addr_t *top);

int pguest_map_linear(phys_addr_t start, phys_addr_t end, enum pguest_map how);

int pguest_walk(pguest_call_t call, phys_addr_t start, phys_addr_t end,
		phys_addr_t granule, phys_addr_t *top, unsigned long *calls);

int pguest_set_dma_private(struct device *dev, bool private);

bool pguest_granule_valid(u64 granule, u64 ram);
unsigned long pguest_pool_size(u64 ram, unsigned int cpus, unsigned long page);
unsigned long pguest_pool_least(u64 ram, unsigned int cpus, unsigned long page);
u64 pguest_pool_memory_now(void);
u64 pguest_pool_memory_peak(void);
void pguest_show_pool(struct seq_file *m);
bool pguest_pool_settled(void);
void pguest_pool_traffic(unsigned long *taken, unsigned long *given);
u64 pguest_bytes_bounced(void);
void pguest_gic_off(void);
void pguest_gic_suspend(void);
void pguest_gic_resume(void);
unsigned long pguest_pool_was_full(void);

/**
 * struct pguest_steal - accepted steal time of a CPU
 * @begun:	@host, @time and @late are valid; @total always is
 * @host:	last value of the host, in nanoseconds
 * @time:	when it was read
 * @late:	nanoseconds before @time that were not counted as stolen, and may be
 *		reported later
 * @total:	accepted nanoseconds
 */
struct pguest_steal {
	bool begun;
	u64 host;
	u64 time;
	u64 late;
	u64 total;
};

bool pguest_believe_steal(struct pguest_steal *s, u64 host, u64 now);
void pguest_steal_again(void);

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

/* The HVC or SMC, the instruction behind it, and where to continue after a fault */
extern const char __pguest_hvc_insn[], __pguest_hvc_behind[], __pguest_hvc_fault[];
extern const char __pguest_smc_insn[], __pguest_smc_behind[], __pguest_smc_fault[];

int __pguest_hvc(unsigned long fn, unsigned long a1, unsigned long a2,
		 unsigned long a3, struct pguest_call_regs *regs);
int __pguest_smc(unsigned long fn, unsigned long a1, unsigned long a2,
		 unsigned long a3, struct pguest_call_regs *regs);

#endif /* __ASM_PGUEST_H */
