// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's memory, as the host can see it. The VMM has all of it mapped and
 * is told of no MEM_SHARE: it finds out by trying. Private memory is SIGSEGV to
 * a load or store, and -EFAULT to a system call that is given the address.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmm.h"

static __thread sigjmp_buf *guard;

static void on_fault(int number)
{
	if (guard)
		siglongjmp(*guard, 1);
	/* A fault of our own: let it be one. */
	signal(number, SIG_DFL);
	raise(number);
}

void memory_catch_faults(void)
{
	/* NODEFER: the handler does not return, and nobody unblocks the signal again. */
	struct sigaction fault = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };

	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGBUS, &fault, NULL);
}

/* Where the host has [ipa, ipa + size), or NULL: all of it must be RAM. */
void *memory_at(uint64_t ipa, uint64_t size)
{
	uint64_t offset = ipa - RAM_BASE;

	if (ipa < RAM_BASE || offset > opt.ram || size > opt.ram - offset)
		return NULL;
	return vm.ram + offset;
}

enum access memory_copy(void *to, const void *from, size_t size)
{
	sigjmp_buf here;

	if (sigsetjmp(here, 0)) {
		guard = NULL;
		return ACCESS_PRIVATE;
	}
	guard = &here;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	memcpy(to, from, size);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	guard = NULL;
	return ACCESS_OK;
}

enum access memory_get(void *to, uint64_t ipa, size_t size)
{
	void *from = memory_at(ipa, size);

	return from ? memory_copy(to, from, size) : ACCESS_OUTSIDE;
}

enum access memory_put(uint64_t ipa, const void *from, size_t size)
{
	void *to = memory_at(ipa, size);

	return to ? memory_copy(to, from, size) : ACCESS_OUTSIDE;
}

/*
 * What the host can read of all that is there: pages that the guest shares, and
 * those of the Image and the initramfs that it never touched. A page that
 * nobody has touched is a hole in the file, and stays one.
 */
struct memory_view memory_scan(uint64_t pattern)
{
	static uint64_t page[PAGE / sizeof(uint64_t)];
	struct memory_view view = { 0 };
	off_t at = 0;

	while ((at = lseek(vm.ram_fd, at, SEEK_DATA)) >= 0) {
		off_t end = lseek(vm.ram_fd, at, SEEK_HOLE);

		for (; at < end; at += PAGE) {
			view.populated++;
			if (memory_copy(page, vm.ram + at, PAGE))
				continue;
			view.readable++;
			for (size_t i = 0; pattern && i < PAGE / sizeof(uint64_t); i++)
				view.found += page[i] == pattern;
		}
	}
	return view;
}
