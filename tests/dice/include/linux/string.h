/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#define memzero_explicit(at, size)	explicit_bzero(at, size)
