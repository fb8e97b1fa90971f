/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pKVM's hypercalls: numbers, flags and status codes, as the ABI defines them.
 *
 * Source: Documentation/virt/kvm/arm/hypercalls.rst of Linux for 2 to 4 and 7,
 * of the Android common kernel for the others.
 */
#ifndef __ASM_PKVM_SMC_H
#define __ASM_PKVM_SMC_H

#include <linux/arm-smccc.h>
#include <linux/bits.h>

#define PKVM_FN32(n)	ARM_SMCCC_CALL_VAL(ARM_SMCCC_FAST_CALL, ARM_SMCCC_SMC_32, \
					   ARM_SMCCC_OWNER_VENDOR_HYP, n)
#define PKVM_FN64(n)	ARM_SMCCC_CALL_VAL(ARM_SMCCC_FAST_CALL, ARM_SMCCC_SMC_64, \
					   ARM_SMCCC_OWNER_VENDOR_HYP, n)

/* Function numbers. FEATURES has a bit for each of them. */
#define PKVM_NR_FEATURES		0
#define PKVM_NR_MEMINFO			2
#define PKVM_NR_MEM_SHARE		3
#define PKVM_NR_MEM_UNSHARE		4
#define PKVM_NR_MMIO_GUARD_INFO		5	/* Android */
#define PKVM_NR_MMIO_GUARD_ENROLL	6	/* Android */
#define PKVM_NR_MMIO_GUARD_MAP		7
#define PKVM_NR_MMIO_GUARD_UNMAP	8	/* Android */
#define PKVM_NR_MEM_RELINQUISH		9	/* Android */
#define PKVM_NR_MMIO_RGUARD_MAP		10	/* Android, with ranges */
#define PKVM_NR_MMIO_RGUARD_UNMAP	11	/* Android, with ranges */

/* R1 of MEMINFO and MMIO_GUARD_INFO: R2 of a call is a number of granules. */
#define PKVM_HAS_RANGE			BIT(0)

/* R0, 64 bits. Android documents -1 for its guard, but returns -3. */
#define PKVM_SUCCESS			0
#define PKVM_NOT_SUPPORTED		(-1L)
#define PKVM_INVALID_PARAMETER		(-3L)

#endif /* __ASM_PKVM_SMC_H */
