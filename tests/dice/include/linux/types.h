/* SPDX-License-Identifier: GPL-2.0-only */
/* What the pure part of drivers/virt/coco/pkvm-guest has of the kernel's headers, for a program of this machine. */
#ifndef DICE_TYPES_H
#define DICE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint64_t u64;
typedef int64_t s64;
__extension__ typedef unsigned __int128 u128;

#define S64_MAX	INT64_MAX
#define U8_MAX	UINT8_MAX

#endif
