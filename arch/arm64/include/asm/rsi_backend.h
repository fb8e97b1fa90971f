/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the realm backend, arch/arm64/kernel/rsi.c and drivers/virt/coco/arm-cca-guest:
 * what its files call of each other.
 */
#ifndef __ASM_RSI_BACKEND_H
#define __ASM_RSI_BACKEND_H

#include <linux/errno.h>
#include <linux/types.h>

#include <asm/pguest.h>
#include <asm/rsi.h>

extern struct pguest_backend rsi_backend;

/* Other statuses do not come from a valid call. */
static inline int rsi_error(u64 status)
{
	switch (status) {
	case RSI_SUCCESS:
		return 0;
	case RSI_ERROR_INPUT:
		return -EINVAL;
	case RSI_NOT_SUPPORTED:
		return -EOPNOTSUPP;
	}
	return -EPROTO;
}

int rsi_share(phys_addr_t start, phys_addr_t end, phys_addr_t *top);
int rsi_unshare(phys_addr_t start, phys_addr_t end, phys_addr_t *top);
int rsi_accept(phys_addr_t start, phys_addr_t end, phys_addr_t *top);
int rsi_get_ripas(phys_addr_t start, phys_addr_t end, phys_addr_t *top, u64 *ripas);
int rsi_where(phys_addr_t start, phys_addr_t end, phys_addr_t *top,
	      enum pguest_state *state);
bool rsi_is_ram(phys_addr_t start, size_t size);

int rsi_locate(phys_addr_t start, phys_addr_t end, bool device, phys_addr_t *at);

bool rsi_host_alignment(u64 *granule);
void rsi_last_words(const char *words);
void rsi_power_off(const char *words);

#endif /* __ASM_RSI_BACKEND_H */
