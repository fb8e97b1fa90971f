/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Incremental SHA-256 of the library, whose context was renamed in Linux 6.16.
 */
#ifndef _COMPAT_SHA256_H
#define _COMPAT_SHA256_H

#include <crypto/sha2.h>

#ifdef COMPAT_SHA256_STATE
#define compat_sha256_ctx	sha256_state
#else
#define compat_sha256_ctx	sha256_ctx
#endif

#endif /* _COMPAT_SHA256_H */
