// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's memory, as the host can see it. The VMM has all of it mapped and
 * KVM reports no MEM_SHARE to it: it finds out by trying. Private memory is SIGSEGV to
 * a load or store, and -EFAULT to a system call that is given the address.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmm.h"

/* Where a thread goes on after a fault, if it expects one. */
struct guard {
	sigjmp_buf here;
};

static __thread struct guard *guard;

static void on_fault(int number)
{
	if (guard)
		siglongjmp(guard->here, 1);
	/* A fault of our own: let it be one. */
	signal(number, SIG_DFL);
	raise(number);
}

void memory_catch_faults(void)
{
	/* NODEFER: the handler does not return, so that nothing would unblock the signal. */
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
	struct guard mine;

	if (sigsetjmp(mine.here, 0)) {
		guard = NULL;
		return ACCESS_PRIVATE;
	}
	guard = &mine;
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

/* What we loaded into each page, to know it again. 0: nothing. */
static uint32_t *loaded;

static uint32_t page_hash(const void *page)
{
	const uint64_t *words = page;
	uint64_t sum = 0xcbf29ce484222325;

	for (size_t i = 0; i < PAGE / sizeof(*words); i++)
		sum = (sum ^ words[i]) * 0x100000001b3;
	return sum >> 32 | 1;
}

/* With the guest's memory. */
void memory_forget(void)
{
	free(loaded);
	loaded = NULL;
}

/* Before the guest runs. From the beginning of a page; pages of zeros stay untouched. */
void memory_load(uint64_t ipa, const void *from, size_t size)
{
	static const uint8_t zeros[PAGE];
	uint8_t *to = memory_at(ipa, size);

	if (!to)
		die("%zu bytes do not fit into the guest's memory at %#lx", size, ipa);
	if (!loaded)
		loaded = calloc(opt.ram / PAGE, sizeof(*loaded));
	for (size_t at = 0; at < size; at += PAGE) {
		size_t part = size - at < PAGE ? size - at : PAGE;

		if (!memcmp((const uint8_t *)from + at, zeros, part))
			continue;
		memcpy(to + at, (const uint8_t *)from + at, part);
		loaded[(ipa - RAM_BASE + at) / PAGE] = page_hash(to + at);
	}
}

static void view_add(struct memory_view *view, uint64_t ipa)
{
	unsigned int last = view->nr_seen - 1;

	if (view->nr_seen && view->seen[last].ipa + view->seen[last].size == ipa) {
		view->seen[last].size += PAGE;
	} else if (view->nr_seen < SEEN_RUNS) {
		view->seen[view->nr_seen].ipa = ipa;
		view->seen[view->nr_seen++].size = PAGE;
	} else {
		view->left_out += PAGE;
	}
}

static void look_at(const uint64_t *page, uint64_t at, uint64_t pattern, struct memory_view *view)
{
	uint32_t was = loaded[at / PAGE];

	if (was && was == page_hash(page)) {
		view->untouched++;
		return;
	}
	view->shared++;
	view_add(view, RAM_BASE + at);
	for (size_t i = 0; pattern && i < PAGE / sizeof(*page); i++)
		view->found += page[i] == pattern;
}

/* All that the host can read. A page that was never touched is a hole in the file, and stays one. */
struct memory_view memory_scan(uint64_t pattern)
{
	uint64_t page[PAGE / sizeof(uint64_t)];
	struct memory_view view = { 0 };
	off_t at = 0;

	while ((at = lseek(vm.ram_fd, at, SEEK_DATA)) >= 0) {
		off_t end = lseek(vm.ram_fd, at, SEEK_HOLE);

		for (; at < end; at += PAGE) {
			view.populated++;
			if (!memory_copy(page, vm.ram + at, PAGE))
				look_at(page, at, pattern, &view);
		}
	}
	return view;
}
