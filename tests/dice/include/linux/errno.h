/* SPDX-License-Identifier: GPL-2.0-only */
/* The C library includes this file, too. */
#include <asm/errno.h>
