// SPDX-License-Identifier: GPL-2.0-only
/*
 * Put the Image and the initramfs into the guest's memory. It has to be there
 * before the first KVM_RUN: each page is lost to us when the guest touches it.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmm.h"

#define FDT_SPACE	(2 * MIB)
#define IMAGE_MAGIC	0x644d5241	/* "ARM\x64" */

/* Documentation/arch/arm64/booting.rst */
struct image_header {
	uint32_t code[2];
	uint64_t text_offset, image_size, flags, reserved[3];
	uint32_t magic, pe_offset;
};

static uint64_t align(uint64_t value, uint64_t to)
{
	return (value + to - 1) & ~(to - 1);
}

/* Returns the end of the file in the guest. */
static uint64_t load_file(const char *path, uint64_t ipa)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat file;
	uint8_t *to;

	if (fd < 0 || fstat(fd, &file))
		die_errno("%s", path);
	to = memory_at(ipa, file.st_size);
	if (!to)
		die("%s: %ld bytes do not fit into the guest's memory", path, (long)file.st_size);
	for (off_t done = 0; done < file.st_size; ) {
		ssize_t got = read(fd, to + done, file.st_size - done);

		if (got <= 0)
			die_errno("%s", path);
		done += got;
	}
	close(fd);
	return ipa + file.st_size;
}

struct loaded load(void)
{
	struct image_header header;
	struct loaded where = { 0 };
	uint64_t end;

	load_file(opt.image, RAM_BASE);
	memcpy(&header, memory_at(RAM_BASE, sizeof(header)), sizeof(header));
	if (header.magic != IMAGE_MAGIC || header.text_offset)
		die("%s: no arm64 Image, or one with an offset", opt.image);

	where.entry = RAM_BASE;
	where.fdt = align(RAM_BASE + header.image_size, FDT_SPACE);
	end = where.fdt + FDT_SPACE;
	if (opt.initrd) {
		where.initrd = end;
		where.initrd_end = load_file(opt.initrd, end);
	}
	return where;
}
