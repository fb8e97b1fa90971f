/* SPDX-License-Identifier: GPL-2.0-only */
/* Device trees that the monitor's fdtlies.c has changed by lines that are made here. */
#ifndef FUZZ_LIES_H
#define FUZZ_LIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A machine as the monitor would load it */
struct layout {
	uint64_t ram, ram_end, image, image_end, initrd, initrd_end, dtb, half;
};

const char *lies_make(uint64_t seed);			/* the lines */
void *lies_apply(const char *lines, const struct layout *where, size_t *size);	/* malloc()ed, or NULL */

#endif
