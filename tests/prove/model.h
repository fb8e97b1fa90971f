/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the layer's files use of the kernel, for CBMC. The runner makes every kernel header that they
 * name this one. What is only declared here returns any value.
 */
#ifndef PROVE_KERNEL_H
#define PROVE_KERNEL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef int8_t s8;
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef u64 phys_addr_t;
typedef u64 dma_addr_t;
enum dma_data_direction { DMA_NONE = 3 };
typedef u64 ktime_t;
typedef u64 pteval_t;
typedef unsigned int gfp_t;

#define EPERM			1
#define EIO			5
#define ENXIO			6
#define ENOMEM			12
#define EFAULT			14
#define EBUSY			16
#define EINVAL			22
#define EFBIG			27
#define EINTR			4
#define EPROTO			71
#define EOVERFLOW		75
#define EMSGSIZE		90
#define EOPNOTSUPP		95
#define ETIMEDOUT		110
#define EHWPOISON		133

#define GFP_KERNEL		0
#define GFP_ATOMIC		0
#define __GFP_NOWARN		0
#define U16_MAX			0xffff
#define SZ_4K			0x1000UL
#define SZ_64K			0x10000UL
#define SZ_2M			0x200000UL
#define SZ_4M			0x400000UL
#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define GENMASK_ULL(h, l)	((~0ULL >> (63 - (h))) & (~0ULL << (l)))
#define LOWEST_BIT(mask)	((mask) & ~((mask) << 1))
#define FIELD_PREP(mask, v)	(((u64)(v) * LOWEST_BIT(mask)) & (mask))
#define FIELD_GET(mask, v)	(((v) & (mask)) / LOWEST_BIT(mask))
#define ALIGN(x, a)		(((x) + (a) - 1) & ~((typeof(x))(a) - 1))
#define ALIGN_DOWN(x, a)	((x) & ~((typeof(x))(a) - 1))
#define IS_ALIGNED(x, a)	(!((x) & ((typeof(x))(a) - 1)))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define min3(a, b, c)		min(min(a, b), c)
#define is_power_of_2(x)	((x) && !((x) & ((x) - 1)))
#define sizeof_field(type, f)	sizeof(((type *)0)->f)
#define static_assert(x, ...)	extern int prove_unused
#define WRITE_ONCE(x, v)	((x) = (v))

#define __init
#define __initdata
#define __ro_after_init
#define __force
#define __noreturn
#define __must_check
#undef __always_inline
#define __always_inline		inline
#define __printf(a, b)
#define __aligned(n)		__attribute__((aligned(n)))
#define EXPORT_SYMBOL(x)
#define EXPORT_SYMBOL_GPL(x)
#define arch_initcall(f)	int (*prove_init_##f)(void) = f
#define DECLARE_STATIC_KEY_FALSE(name)	extern bool name
#define static_branch_unlikely(key)	(*(key))
#define DEFINE_RATELIMIT_STATE(...)	int _limit
#define KERN_ERR
#define KERN_INFO
#define pr_err(...)
#define pr_warn(...)
#define printk_deferred(...)

#define ilog2(v)		(63 - __builtin_clzll(v))

static inline unsigned int hweight32(u32 v)
{
	unsigned int n = 0;

	for (; v; v &= v - 1)
		n++;
	return n;
}

struct list_head { struct list_head *next, *prev; };
struct seq_file;
struct device;

/* A lock is held once, and its holder lets it go. */
typedef struct { bool held; } spinlock_t;

#define __SPIN_LOCK_UNLOCKED(x)	{ false }
#define DEFINE_SPINLOCK(x)	spinlock_t x
#define spin_lock_init(l)	((l)->held = false)
#define spin_lock_irqsave(l, flags)						\
	do {									\
		(flags) = 1;							\
		__CPROVER_assert(!(l)->held, "a lock is not taken twice");	\
		(l)->held = true;						\
	} while (0)
#define spin_unlock_irqrestore(l, flags)					\
	do {									\
		__CPROVER_assert((flags) && (l)->held, "a lock is held that is let go");	\
		(l)->held = false;						\
	} while (0)
/* In a crash another CPU may have the lock, and keep it for any time. */
#define spin_trylock_irqsave(l, flags)		(((flags) = 1) && !(l)->held && nondet_bool() && ((l)->held = true))
#define rcu_read_lock()
#define rcu_read_unlock()

#define trace_pguest_share(...)
#define trace_pguest_unshare(...)
#define trace_pguest_lost(...)

extern char _text[], _end[];

static inline bool pfn_is_map_memory(u64 pfn) { return true; }
#define PHYS_PFN(x)		((x) >> 12)
#define phys_to_virt(x)		((void *)(x))
#define __pa_symbol(x)		((phys_addr_t)(unsigned long)(x))

#define ARM_SMCCC_FAST_CALL		1
#define ARM_SMCCC_SMC_32		0
#define ARM_SMCCC_SMC_64		1
#define ARM_SMCCC_OWNER_STANDARD	4
#define ARM_SMCCC_OWNER_VENDOR_HYP	6
#define ARM_SMCCC_CALL_VAL(type, conv, owner, fn) \
	(((unsigned long)(type) << 31) | ((conv) << 30) | ((owner) << 24) | ((fn) & 0xffff))
#define PSCI_0_2_FN_SYSTEM_OFF		0x84000008

struct arm_smccc_res { unsigned long a0, a1, a2, a3; };
struct arm_smccc_1_2_regs {
	unsigned long a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17;
};
void arm_smccc_1_2_hvc(const struct arm_smccc_1_2_regs *args, struct arm_smccc_1_2_regs *res);
void arm_smccc_1_2_smc(const struct arm_smccc_1_2_regs *args, struct arm_smccc_1_2_regs *res);
void arm_smccc_smc(unsigned long a0, unsigned long a1, unsigned long a2, unsigned long a3, unsigned long a4,
		   unsigned long a5, unsigned long a6, unsigned long a7, struct arm_smccc_res *res);

#ifdef PROVE_CRASH
#define oops_in_progress			nondet_bool()
#else
#define oops_in_progress			false
#endif
#define unlikely(x)				(x)
#define udelay(us)
#define cpu_relax()
#define vscnprintf(buf, size, fmt, args)	nondet_int()
#define scnprintf(buf, size, ...)		nondet_int()
#define panic(...)
#define read_sysreg(x)				nondet_ulong()
#define TCR_IPS_MASK				(7UL << 32)
#define TCR_IPS_SHIFT				32
#define PHYS_MASK_SHIFT				48
#define PLATFORM_DEVID_NONE			-1
#define PTR_ERR_OR_ZERO(p)			((p) ? 0 : -ENOMEM)

struct platform_device;
struct platform_device *platform_device_register_simple(const char *name, int id, void *resources, int n);
unsigned int id_aa64mmfr0_parange_to_phys_shift(int parange);
phys_addr_t memblock_phys_mem_size(void);
extern phys_addr_t __fdt_pointer;
extern void *initial_boot_params;
u32 fdt_totalsize(const void *fdt);

#include "model-xarray.h"
#include "nondet.h"

#endif
