/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FUZZ_TYPES_H
#define FUZZ_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;

#endif
