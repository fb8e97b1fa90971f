/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pKVM's hypercalls: one function for each. No policy here. For the source of the ABI
 * see asm/pkvm_smc.h.
 */
#ifndef __ASM_PKVM_CMDS_H
#define __ASM_PKVM_CMDS_H

#include <linux/errno.h>

#include <asm/pguest.h>
#include <asm/pkvm_smc.h>

/* Other statuses are not in the ABI. */
static inline int pkvm_status(unsigned long r0)
{
	switch ((long)r0) {
	case PKVM_SUCCESS:
		return 0;
	case PKVM_NOT_SUPPORTED:
		return -EOPNOTSUPP;
	case PKVM_INVALID_PARAMETER:
		return -EINVAL;
	}
	return -EPROTO;
}

/*
 * FEATURES: the supported functions. For a protected VM EL2 answers it, whatever the
 * host has configured.
 *
 * ret0 == a bit for each of functions 0 to 31; NOT_SUPPORTED without KVM
 */
static inline int __must_check pkvm_features(u32 *features)
{
	struct pguest_call_regs regs;
	int err;

	err = __pguest_hvc(PKVM_FN32(PKVM_NR_FEATURES), 0, 0, 0, &regs);
	if (err)
		return err;
	*features = regs.a0;
	return *features == (u32)PKVM_NOT_SUPPORTED ? -EOPNOTSUPP : 0;
}

/*
 * MEMINFO and MMIO_GUARD_INFO: the granule, and whether calls for ranges exist.
 *
 * ret0 == granule in bytes, or an error below 0
 * ret1 == PKVM_HAS_RANGE; 0 on mainline
 */
static inline int __must_check pkvm_info(u32 nr, u64 *granule, u64 *flags)
{
	struct pguest_call_regs regs;
	int err;

	err = __pguest_hvc(PKVM_FN64(nr), 0, 0, 0, &regs);
	if (err)
		return err;
	if ((long)regs.a0 < 0)
		return pkvm_status(regs.a0);
	*granule = regs.a0;
	*flags = regs.a1;
	return 0;
}

/*
 * MEM_SHARE, MEM_UNSHARE, MEM_RELINQUISH, MMIO_GUARD_MAP and _UNMAP for one
 * granule.
 *
 * arg1 == IPA of the granule
 * ret0 == SUCCESS, or INVALID_PARAMETER for every kind of error
 *
 * MEM_SHARE of an address without memory causes an external abort: -EFAULT.
 */
static inline int __must_check pkvm_one(u32 nr, phys_addr_t ipa)
{
	struct pguest_call_regs regs;

	return __pguest_hvc(PKVM_FN64(nr), ipa, 0, 0, &regs) ?: pkvm_status(regs.a0);
}

/*
 * The same for a range, of which the hypervisor may do a part (Android, HAS_RANGE).
 *
 * arg2 == number of granules
 * ret0 == SUCCESS if one or more are done, else an error
 * ret1 == number of granules done
 */
static inline int __must_check pkvm_range(u32 nr, phys_addr_t ipa, u64 granules,
					  u64 *done)
{
	struct pguest_call_regs regs;
	int err;

	*done = 0;
	err = __pguest_hvc(PKVM_FN64(nr), ipa, granules, 0, &regs) ?:
	      pkvm_status(regs.a0);
	if (!err)
		*done = regs.a1;
	return err;
}

/*
 * MMIO_GUARD_ENROLL: enable the MMIO guard: the host can then emulate only what is
 * mapped by MMIO_GUARD_MAP. It cannot be disabled again.
 *
 * ret0 == SUCCESS
 */
static inline int __must_check pkvm_enroll(void)
{
	struct pguest_call_regs regs;

	return __pguest_hvc(PKVM_FN64(PKVM_NR_MMIO_GUARD_ENROLL), 0, 0, 0, &regs) ?:
	       pkvm_status(regs.a0);
}

#endif /* __ASM_PKVM_CMDS_H */
