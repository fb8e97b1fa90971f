// SPDX-License-Identifier: GPL-2.0-only
/*
 * pKVM: memory that is shared with the host, or given to it.
 */
#include <asm/pkvm_backend.h>
#include <asm/pkvm_cmds.h>

/**
 * pkvm_do_call() - make one call for a granule, or for a range
 * @nr: function number
 * @range: the hypervisor has the call for ranges
 * @granule: bytes of a granule
 * @start: first byte
 * @end: the byte after the last
 * @top: set to the address that the call reached
 *
 * Context: Any.
 * Return: 0; the error of the call; -EPROTO if it reports more than it was asked for.
 */
int pkvm_do_call(u32 nr, bool range, phys_addr_t granule, phys_addr_t start,
		 phys_addr_t end, phys_addr_t *top)
{
	u64 asked = (end - start) / granule;
	u64 done;
	int err;

	if (!range) {
		err = pkvm_one(nr, start);
		if (!err)
			*top = start + granule;
		return err;
	}
	err = pkvm_range(nr, start, asked, &done);
	/* Checked here, because the multiplication could wrap to a valid address. */
	if (done > asked)
		return -EPROTO;
	*top = start + done * granule;
	return err;
}

static int mem_call(u32 nr, phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	return pkvm_do_call(nr, pkvm_backend.ranges, pkvm_backend.granule, start, end, top);
}

/**
 * pkvm_share() - share() of struct pguest_ops
 * @start: first byte
 * @end: the byte after the last
 * @top: set to the address that the call reached
 *
 * Context: Any.
 * Return: 0, or the error of MEM_SHARE.
 */
int pkvm_share(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	return mem_call(PKVM_NR_MEM_SHARE, start, end, top);
}

/**
 * pkvm_unshare() - unshare() of struct pguest_ops
 * @start: first byte
 * @end: the byte after the last
 * @top: set to the address that the call reached
 *
 * Context: Any.
 * Return: 0, or the error of MEM_UNSHARE.
 */
int pkvm_unshare(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	return mem_call(PKVM_NR_MEM_UNSHARE, start, end, top);
}

/**
 * pkvm_ran_before() - ran_before() of struct pguest_ops
 * @mark: the granule
 *
 * The hypervisor takes back only what the VM has shared, and at its start a VM has shared
 * nothing.
 *
 * Context: Boot, one CPU.
 * Return: true if the granule was shared.
 */
bool pkvm_ran_before(phys_addr_t mark)
{
	phys_addr_t end = mark + pkvm_backend.granule, top = mark;

	return !pkvm_unshare(mark, end, &top) && top == end;
}

/**
 * pkvm_relinquish() - relinquish() of struct pguest_ops
 * @start: first byte
 * @end: the byte after the last
 * @top: set to the address that the call reached, a granule at most
 *
 * Context: Any.
 * Return: 0, or the error of MEM_RELINQUISH.
 */
int pkvm_relinquish(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	return pkvm_do_call(PKVM_NR_MEM_RELINQUISH, false, pkvm_backend.granule,
			    start, end, top);
}
