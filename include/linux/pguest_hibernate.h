/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hibernation of a protected VM.
 */
#ifndef _LINUX_PGUEST_HIBERNATE_H
#define _LINUX_PGUEST_HIBERNATE_H

#include <linux/pguest_core.h>

void __pguest_hibernate_mark(char *version, size_t size);

/**
 * pguest_hibernate_mark() - let the version in an image's header stand for the VM as well
 * @version: the version of the kernel, which must be equal in the kernel that starts the
 *	     image; in a protected VM replaced by a digest of it and of the VM
 * @size: bytes of @version, with its terminating zero
 *
 * Context: Process.
 */
static inline void pguest_hibernate_mark(char *version, size_t size)
{
	if (pguest_active())
		__pguest_hibernate_mark(version, size);
}

#endif /* _LINUX_PGUEST_HIBERNATE_H */
