/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a kernel does before the next one starts in the same VM.
 */
#ifndef _LINUX_PGUEST_KEXEC_H
#define _LINUX_PGUEST_KEXEC_H

#include <linux/pguest_core.h>

struct iov_iter;
struct kimage;

/* Called in a protected VM alone, see linux/pguest_core.h. */
int __pguest_kexec_tree(const struct kimage *image, void *tree);
void __pguest_before_kexec(const struct kimage *image);
ssize_t __pguest_copy_oldmem(struct iov_iter *iter, unsigned long pfn, size_t size,
			     unsigned long offset);

/**
 * pguest_kexec_tree() - reserve in the next kernel's tree what this kernel has lost
 * @image: the kernel that is loaded
 * @tree: its device tree, with room for more
 *
 * Context: Process, under the lock of kexec.
 * Return: 0, or -ENOSPC if there are too many ranges: the kernel cannot be loaded.
 */
static inline int pguest_kexec_tree(const struct kimage *image, void *tree)
{
	return pguest_active() ? __pguest_kexec_tree(image, tree) : 0;
}

/**
 * pguest_before_kexec() - make all memory private that is shared with the host
 * @image: the kernel that starts next
 *
 * Context: The last CPU that is online, with all exceptions masked, after the devices
 *	    have been shut down. Nothing may be shared afterwards.
 */
static inline void pguest_before_kexec(const struct kimage *image)
{
	if (pguest_active())
		__pguest_before_kexec(image);
}

#ifdef CONFIG_ARM_PKVM_GUEST_DICE
void pkvm_dice_before_crash(void);
#else
static inline void pkvm_dice_before_crash(void)
{
}
#endif

/**
 * pguest_before_crash() - leave a crash kernel no key to sign reports with
 *
 * It can read all memory of this kernel, and so can whoever gets a dump.
 *
 * Context: The CPU that crashed, with all exceptions masked. Any lock may be held.
 */
static inline void pguest_before_crash(void)
{
	if (pguest_active())
		pkvm_dice_before_crash();
}

/**
 * pguest_copy_oldmem() - copy memory of the kernel that crashed
 * @iter: where to
 * @pfn: the page
 * @size: bytes, not beyond the end of the page
 * @offset: of the first one in the page
 *
 * Only /proc/vmcore reads such memory.
 *
 * Context: Process, in a protected VM.
 * Return: number of bytes that were copied, or -ENOMEM.
 */
static inline ssize_t pguest_copy_oldmem(struct iov_iter *iter, unsigned long pfn,
					 size_t size, unsigned long offset)
{
	return IS_ENABLED(CONFIG_PROC_VMCORE) ?
	       __pguest_copy_oldmem(iter, pfn, size, offset) : 0;
}

#endif /* _LINUX_PGUEST_KEXEC_H */
