/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a guest ends that has no console: a text in the registers of a call (Documentation/cca.rst, pkvm.rst). */
#ifndef LIB_LASTWORDS_H
#define LIB_LASTWORDS_H

#include "base.h"

void last_words(u64 number, const u64 *registers, u32 n);	/* ignored, unless @number says that this is one */
void last_words_report(struct json *j);		/* key "last_words" */

#endif
