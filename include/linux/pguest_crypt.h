/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Encrypted disks of a protected VM: their ciphertext is in shared memory from the start.
 */
#ifndef _LINUX_PGUEST_CRYPT_H
#define _LINUX_PGUEST_CRYPT_H

#include <linux/bio.h>
#include <linux/pguest_core.h>

/* Called in a protected VM alone, see linux/pguest_core.h. */
struct bio *__pguest_crypt_bio(const char *driver, struct block_device *disk,
			       const struct bio *like, struct bio_set *set);
bool __pguest_bio_free_pages(struct bio *bio);

/**
 * pguest_crypt_bio() - a request whose pages are shared memory
 * @driver: name of the cipher's driver
 * @disk: the disk that the request is for
 * @like: request with as many bytes, and for the same operation
 * @set: where to allocate the request
 *
 * The disk reads and writes these pages without a copy. A cipher must write nothing but its
 * result to them: the host can read what is there in between.
 *
 * Context: Any.
 * Return: the request, without a sector, a private member and a function for its end; NULL if there
 *	   are no such pages at present, or not for this cipher.
 */
static inline struct bio *pguest_crypt_bio(const char *driver, struct block_device *disk,
					   const struct bio *like, struct bio_set *set)
{
	return pguest_active() ? __pguest_crypt_bio(driver, disk, like, set) : NULL;
}

/**
 * pguest_bio_free_pages() - free the pages of a request of pguest_crypt_bio()
 * @bio: any request
 *
 * Context: Any.
 * Return: false if it is no such request, and its pages are as they were.
 */
static inline bool pguest_bio_free_pages(struct bio *bio)
{
	return pguest_active() && __pguest_bio_free_pages(bio);
}

/**
 * pguest_bio_rewind() - begin anew with a request that has been completed
 * @bio: a request of pguest_crypt_bio(), or NULL
 * @like: request with as many bytes
 *
 * Context: Any.
 */
static inline void pguest_bio_rewind(struct bio *bio, const struct bio *like)
{
	if (pguest_active() && bio)
		bio->bi_iter = (struct bvec_iter) { .bi_size = like->bi_iter.bi_size };
}

#endif /* _LINUX_PGUEST_CRYPT_H */
