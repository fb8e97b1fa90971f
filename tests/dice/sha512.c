// SPDX-License-Identifier: GPL-2.0-only
/* SHA-512 for a program of this machine: OpenSSL's. */
#include <errno.h>
#include <openssl/evp.h>
#include <compat/sha512.h>

int compat_sha512(const struct sha512_piece *pieces, unsigned int nr, u8 digest[64])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int fine = ctx && EVP_DigestInit_ex(ctx, EVP_sha512(), NULL);

	for (unsigned int i = 0; i < nr; i++)
		fine = fine && EVP_DigestUpdate(ctx, pieces[i].data, pieces[i].len);
	fine = fine && EVP_DigestFinal_ex(ctx, digest, NULL);
	EVP_MD_CTX_free(ctx);
	return fine ? 0 : -EIO;
}
