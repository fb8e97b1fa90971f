// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests for encrypted disks, with pages that are shared memory.
 */
#include <linux/bio.h>
#include <linux/export.h>
#include <linux/pguest_crypt.h>
#include <linux/string.h>

#include "pool.h"

/*
 * Drivers of ciphers that read a block, and write the result, with all else in registers.
 * The generic xts(), cbc() and so on are no such drivers: they work on what they have
 * written. In the kernel tree: arch/arm64/crypto/aes-modes.S.
 */
static const char * const direct_ciphers[] = { "xts-aes-ce" };

static bool is_direct(const char *driver)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(direct_ciphers); i++) {
		if (!strcmp(driver, direct_ciphers[i]))
			return true;
	}
	return false;
}

static void free_pages_of(struct bio *bio)
{
	unsigned short i;

	for (i = 0; i < bio->bi_vcnt; i++)
		pguest_page_put(bio->bi_io_vec[i].bv_page);
}

static bool fill_with_pages(struct bio *bio, unsigned int bytes)
{
	struct page *page;
	unsigned int len;

	for (; bytes; bytes -= len) {
		page = pguest_page_get();
		if (!page)
			return false;
		len = min_t(unsigned int, bytes, PAGE_SIZE);
		__bio_add_page(bio, page, len, 0);
	}
	return true;
}

/* Behind pguest_crypt_bio(). */
struct bio *__pguest_crypt_bio(const char *driver, struct block_device *disk,
			       const struct bio *like, struct bio_set *set)
{
	unsigned int bytes = like->bi_iter.bi_size;
	unsigned int nr = DIV_ROUND_UP(bytes, PAGE_SIZE);
	struct bio *bio;

	if (!bytes || nr > BIO_MAX_VECS || !is_direct(driver))
		return NULL;
	bio = bio_alloc_bioset(disk, nr, like->bi_opf, GFP_NOWAIT, set);
	if (!bio)
		return NULL;
	if (fill_with_pages(bio, bytes))
		return bio;
	free_pages_of(bio);
	bio_put(bio);
	return NULL;
}
EXPORT_SYMBOL_GPL(__pguest_crypt_bio);

/* Behind pguest_bio_free_pages(). Of a request all pages are such ones, or none is. */
bool __pguest_bio_free_pages(struct bio *bio)
{
	if (!bio->bi_vcnt || !pguest_page_is_ours(bio->bi_io_vec[0].bv_page))
		return false;
	free_pages_of(bio);
	return true;
}
EXPORT_SYMBOL_GPL(__pguest_bio_free_pages);
