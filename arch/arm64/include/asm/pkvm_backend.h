/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the pKVM backend, drivers/virt/pkvm: what its files call of each other.
 */
#ifndef __ASM_PKVM_BACKEND_H
#define __ASM_PKVM_BACKEND_H

#include <linux/bits.h>
#include <linux/types.h>

#include <asm/pguest.h>
#include <asm/pkvm_smc.h>

/* Does FEATURES report a function? */
#define PKVM_HAS_CALL(features, nr)	((features) & BIT(PKVM_NR_##nr))

extern struct pguest_backend pkvm_backend;

int pkvm_share(phys_addr_t start, phys_addr_t end, phys_addr_t *top);
int pkvm_unshare(phys_addr_t start, phys_addr_t end, phys_addr_t *top);
int pkvm_relinquish(phys_addr_t start, phys_addr_t end, phys_addr_t *top);

bool pkvm_ran_before(phys_addr_t mark);

int pkvm_map_mmio(phys_addr_t start, phys_addr_t end, phys_addr_t *top);
int pkvm_unmap_mmio(phys_addr_t start, phys_addr_t end, phys_addr_t *top);
void pkvm_init_guard(u32 features);

void pkvm_power_off(const char *words);

int pkvm_do_call(u32 nr, bool range, phys_addr_t granule, phys_addr_t start,
		 phys_addr_t end, phys_addr_t *top);

#endif /* __ASM_PKVM_BACKEND_H */
