// SPDX-License-Identifier: GPL-2.0-only
/*
 * The linear map of a realm, whose shared memory has its own address bit.
 *
 * A page is mapped at the private address or at the shared one, and is not mapped while
 * its state changes: the architecture requires break-before-make if the output address
 * changes. The linear map consists of single pages (pguest_needs_pages()), so that no
 * block mapping has to be split.
 */
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

#include <asm/pguest.h>
#include <asm/tlbflush.h>

/*
 * The bit of shared memory in an address, and in a page table descriptor: with 52-bit
 * addresses the two differ.
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
 * pguest_map_linear() - change the address of pages in the linear map
 * @start: first byte, page-aligned
 * @end: the byte after the last
 * @how: the new mapping; a change between private and shared must go through
 *	 PGUEST_MAP_NONE
 *
 * Context: Any.
 * Return: 0, or -EINVAL if the linear map does not consist of single pages there.
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
