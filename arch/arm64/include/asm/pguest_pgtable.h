/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bit of shared memory in page table entries.
 */
#ifndef __ASM_PGUEST_PGTABLE_H
#define __ASM_PGUEST_PGTABLE_H

#if defined(CONFIG_PGUEST) && !defined(__ASSEMBLY__)
#include <linux/types.h>

/* The address bit of shared memory in a descriptor, 0 if there is none */
extern u64 pguest_shared_pte;

#define pgprot_encrypted(prot)	__pgprot(pgprot_val(prot) & ~pguest_shared_pte)
#define pgprot_decrypted(prot)	__pgprot(pgprot_val(prot) | pguest_shared_pte)
#endif

#endif /* __ASM_PGUEST_PGTABLE_H */
