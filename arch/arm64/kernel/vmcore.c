// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/vmcore in a protected VM: the memory of the kernel that crashed.
 *
 * What that kernel had shared is at the same address under pKVM, and at the address with
 * the shared bit in a realm. Which granules these are, the hypervisor says and not the
 * ledger of that kernel, which it may have been changing. So nothing depends on how the
 * other kernel was built.
 */
#define pr_fmt(fmt) "pguest: vmcore: " fmt

#include <linux/crash_dump.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pguest_kexec.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>

#include <asm/pguest.h>

/* Ranges that are named in the log */
#define MAX_NOTES	8

/*
 * The last answer of the hypervisor. A dump is read from one end to the other, and the
 * state of memory of the other kernel does not change any more.
 */
static struct {
	spinlock_t lock;	/* the fields below */
	phys_addr_t start, end;
	enum pguest_state state;
	unsigned int notes;
} run = { .lock = __SPIN_LOCK_UNLOCKED(run.lock) };

static void note_lost(void)
{
	if (run.notes++ < MAX_NOTES)
		pr_warn("%pa to %pa reads as zeros: it was destroyed, or its state is unknown\n",
			&run.start, &run.end);
}

static void ask_hypervisor(phys_addr_t addr)
{
	phys_addr_t granule = pguest_backend->granule;
	phys_addr_t end = pguest_shared_bit ?: PHYS_MASK + 1;

	run.start = ALIGN_DOWN(addr, granule);
	if (addr >= end ||
	    pguest_backend->ops->where(run.start, end, &run.end, &run.state)) {
		run.end = run.start + granule;
		run.state = PGUEST_LOST;
	}
	if (run.state == PGUEST_LOST)
		note_lost();
}

/* Where is the memory at @addr? It is there up to @top, which is @end at most. */
static enum pguest_state place_of(phys_addr_t addr, phys_addr_t end, phys_addr_t *top)
{
	enum pguest_state state;

	*top = end;
	if (!pguest_backend->ops->where)
		return PGUEST_PRIVATE;
	spin_lock(&run.lock);
	if (addr < run.start || addr >= run.end)
		ask_hypervisor(addr);
	*top = min(run.end, end);
	state = run.state;
	spin_unlock(&run.lock);
	return state;
}

static phys_addr_t address_in(enum pguest_state state, phys_addr_t addr)
{
	return state == PGUEST_SHARED ? addr | pguest_shared_bit : addr;
}

/* One page of the other kernel, mapped here: it is no device, as ioremap() would have it. */
static DEFINE_MUTEX(window_lock);
static struct vm_struct *window;

static size_t copy_part(struct iov_iter *iter, phys_addr_t addr, size_t size)
{
	unsigned long at = (unsigned long)window->addr;
	size_t copied;

	if (ioremap_page_range(at, at + PAGE_SIZE, ALIGN_DOWN(addr, PAGE_SIZE), PAGE_KERNEL))
		return 0;
	copied = copy_to_iter(window->addr + offset_in_page(addr), size, iter);
	vunmap_range(at, at + PAGE_SIZE);
	return copied;
}

static size_t copy_parts(struct iov_iter *iter, phys_addr_t addr, phys_addr_t end)
{
	size_t copied = 0, part;
	enum pguest_state state;
	phys_addr_t top;

	for (; addr < end; addr = top) {
		state = place_of(addr, end, &top);
		if (state == PGUEST_LOST)
			part = iov_iter_zero(top - addr, iter);
		else
			part = copy_part(iter, address_in(state, addr), top - addr);
		copied += part;
		if (part < top - addr)
			break;
	}
	return copied;
}

/* Behind pguest_copy_oldmem(). */
ssize_t __pguest_copy_oldmem(struct iov_iter *iter, unsigned long pfn, size_t size,
			     unsigned long offset)
{
	phys_addr_t addr = PFN_PHYS(pfn) + offset;
	ssize_t copied = -ENOMEM;

	mutex_lock(&window_lock);
	if (!window)
		window = get_vm_area(PAGE_SIZE, VM_IOREMAP);
	if (window)
		copied = copy_parts(iter, addr, addr + size);
	mutex_unlock(&window_lock);
	return copied;
}

/**
 * remap_oldmem_pfn_range() - map memory of the kernel that crashed into a program
 * @vma: the program's mapping
 * @from: address in it
 * @pfn: the first page
 * @size: bytes
 * @prot: protection of the mapping
 *
 * In a realm a page can be private in part, if its kernel had smaller pages than this one.
 * Such a page cannot be mapped, and is read instead.
 *
 * Context: Process.
 * Return: 0; -EAGAIN if it cannot be mapped; or the error of remap_pfn_range().
 */
int remap_oldmem_pfn_range(struct vm_area_struct *vma, unsigned long from,
			   unsigned long pfn, unsigned long size, pgprot_t prot)
{
	phys_addr_t start = PFN_PHYS(pfn), end = start + size, at, top;
	enum pguest_state state;
	int err = 0;

	prot = pgprot_encrypted(prot);
	if (!pguest_active())
		return remap_pfn_range(vma, from, pfn, size, prot);
	for (at = start; !err && at < end; at = top) {
		state = place_of(at, end, &top);
		if (state == PGUEST_LOST || !PAGE_ALIGNED(top))
			return -EAGAIN;
		err = remap_pfn_range(vma, from + (at - start),
				      PHYS_PFN(address_in(state, at)), top - at, prot);
	}
	return err;
}

/* A page that is lost as a whole: the tree shows zeros, also where it maps the dump. */
static bool is_there(struct vmcore_cb *cb, unsigned long pfn)
{
	phys_addr_t at = PFN_PHYS(pfn), end = at + PAGE_SIZE, top;

	for (; at < end; at = top) {
		if (place_of(at, end, &top) != PGUEST_LOST)
			return true;
	}
	return false;
}

static struct vmcore_cb lost_pages = { .pfn_is_ram = is_there };

static bool refused __initdata = !IS_ENABLED(CONFIG_PGUEST_VMCORE);

static int __init vmcore_param(char *value)
{
	if (value && !strcmp(value, "off"))
		refused = true;
	else
		pr_warn("pguest.vmcore=%s is not known; off is\n", value ?: "");
	return 0;
}
early_param("pguest.vmcore", vmcore_param);

static int __init prepare_vmcore(void)
{
	if (!pguest_active() || !is_vmcore_usable())
		return 0;
	if (refused) {
		pr_info("there is none: the owner refuses it\n");
		vmcore_unusable();
	} else if (pguest_backend->ops->where) {
		register_vmcore_cb(&lost_pages);
	}
	return 0;
}
arch_initcall(prepare_vmcore);
