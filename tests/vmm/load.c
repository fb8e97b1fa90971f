// SPDX-License-Identifier: GPL-2.0-only
/*
 * Put the Image and the initramfs into the guest's memory. It has to be there
 * before the first KVM_RUN: each page is lost to us when the guest touches it.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmm.h"

#define FDT_SPACE	(2 * MIB)
#define LARGEST_PAGE	0x10000UL	/* of a guest */
#define IMAGE_MAGIC	0x644d5241	/* "ARM\x64" */

/* Documentation/arch/arm64/booting.rst */
struct image_header {
	uint32_t code[2];
	uint64_t text_offset, image_size, flags, reserved[3];
	uint32_t magic, pe_offset;
};

static uint64_t align_up(uint64_t value, uint64_t to)
{
	return (value + to - 1) & ~(to - 1);
}

/* A file of the host's, whole. */
static const void *map_file(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat file;
	void *bytes;

	if (fd < 0 || fstat(fd, &file))
		die_errno("%s", path);
	bytes = mmap(NULL, file.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		die_errno("%s", path);
	close(fd);
	*size = file.st_size;
	return bytes;
}

/* At the end of RAM, in whole pages; behind the file there are zeros. */
static void load_handover(struct loaded *where)
{
	size_t size;
	const void *file = map_file(opt.handover, &size);

	where->handover_size = align_up(size + 1, LARGEST_PAGE);
	where->handover = RAM_BASE + opt.ram - where->handover_size;
	if (where->handover_size > opt.ram || where->handover < where->fdt + FDT_SPACE ||
	    where->handover < where->initrd_end)
		die("%s: no room for it", opt.handover);
	memory_load(where->handover, file, size);
}

struct loaded load(void)
{
	const struct image_header *header;
	struct loaded where = { 0 };
	const void *file;
	size_t size;

	header = file = map_file(opt.image, &size);
	if (size < sizeof(*header) || header->magic != IMAGE_MAGIC || header->text_offset)
		die("%s: no arm64 Image, or one with an offset", opt.image);
	memory_load(RAM_BASE, file, size);
	where.entry = RAM_BASE;
	where.fdt = align_up(RAM_BASE + header->image_size, FDT_SPACE);
	if (opt.initrd) {
		file = map_file(opt.initrd, &size);
		where.initrd = where.fdt + FDT_SPACE;
		where.initrd_end = where.initrd + size;
		memory_load(where.initrd, file, size);
	}
	if (opt.handover)
		load_handover(&where);
	return where;
}
