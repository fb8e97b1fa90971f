/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pKVM's hypercalls: one function for each. No policy here.
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
 * FEATURES: which of the functions below there are. Answered at EL2 for a
 * protected VM, whatever the host has configured.
 *
 * ret0 == functions 0 to 31, bit by bit; NOT_SUPPORTED where there is no KVM
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
 * MEMINFO and MMIO_GUARD_INFO: the granule, and whether ranges are understood.
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
 * ret0 == SUCCESS, or INVALID_PARAMETER for whatever is wrong with it
 *
 * MEM_SHARE of an address without memory is an external abort: -EFAULT.
 */
static inline int __must_check pkvm_one(u32 nr, phys_addr_t ipa)
{
	struct pguest_call_regs regs;

	return __pguest_hvc(PKVM_FN64(nr), ipa, 0, 0, &regs) ?: pkvm_status(regs.a0);
}

/*
 * The same for as many granules as the hypervisor likes (Android, HAS_RANGE).
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
 * MMIO_GUARD_ENROLL: from now on the host serves nothing that was not mapped.
 * There is no way back.
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
