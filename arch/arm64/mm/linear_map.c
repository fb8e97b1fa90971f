// SPDX-License-Identifier: GPL-2.0-only
/*
 * The linear map of a guest whose shared memory has addresses of its own.
 *
 * A page is mapped at one address or the other, or at none while it changes
 * hands: the architecture wants break-before-make for a change of the output
 * address. The tables consist of single pages (pguest_needs_pages()), so that
 * nothing need be split.
 */
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

#include <asm/pguest.h>
#include <asm/tlbflush.h>

/*
 * The same bit twice, since the bits of an address are not where they were once
 * they are in a descriptor (52-bit addresses).
 */
u64 pguest_shared_bit __ro_after_init;
EXPORT_SYMBOL(pguest_shared_bit);

u64 pguest_shared_pte __ro_after_init;
EXPORT_SYMBOL(pguest_shared_pte);

static int set_page(pte_t *ptep, unsigned long addr, void *data)
{
	enum pguest_map how = *(enum pguest_map *)data;
	pteval_t pte = pte_val(ptep_get(ptep));

	switch (how) {
	case PGUEST_MAP_NONE:
		pte &= ~PTE_VALID;
		break;
	case PGUEST_MAP_PRIVATE:
		pte = (pte & ~pguest_shared_pte) | PTE_VALID;
		break;
	case PGUEST_MAP_SHARED:
		pte |= pguest_shared_pte | PTE_VALID;
		break;
	}
	set_pte(ptep, __pte(pte));
	return 0;
}

/**
 * pguest_map_linear() - have pages of the linear map at the right address
 * @start: first byte, page-aligned
 * @end: the byte after the last
 * @how: where; from one address to the other only by way of PGUEST_MAP_NONE
 *
 * Context: Any.
 * Return: 0, or -EINVAL if the linear map has no single pages there.
 */
int pguest_map_linear(phys_addr_t start, phys_addr_t end, enum pguest_map how)
{
	unsigned long addr = (unsigned long)phys_to_virt(start);
	int err;

	err = apply_to_existing_page_range(&init_mm, addr, end - start, set_page, &how);
	if (how == PGUEST_MAP_NONE)
		flush_tlb_kernel_range(addr, addr + (end - start));
	return err;
}
