/* SPDX-License-Identifier: GPL-2.0-only */
#define OPTIMIZER_HIDE_VAR(var)	__asm__("" : "+r"(var))
