// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hibernate, with an image that is encrypted and authenticated (AES-GCM): what is on the disk
 * can be neither read nor altered without the key. The kernel's own writer has no such image.
 *
 *	sealed save DEVICE	returns in the machine that goes on
 *	sealed start DEVICE	returns if there is no image, or it was altered
 *
 * The key is a constant: in a test the host has no interest in it. It is used with a random
 * prefix of the nonce for each image.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_alg.h>
#include <linux/suspend_ioctls.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <unistd.h>

#define SNAPSHOT	"/dev/snapshot"
#define PAGE		4096
#define PAGES		8
#define TAG		16
#define MAGIC		"SEALED01"

/* Pages of the image. The last record has fewer than PAGES, perhaps none. */
struct record {
	uint32_t pages;
	uint8_t data[PAGES * PAGE];
	uint8_t tag[TAG];
};

struct header {
	char magic[8];
	uint8_t prefix[8];
};

static struct record plain, sealed;
static uint8_t prefix[8];
static int cipher;

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static int open_cipher(void)
{
	static const uint8_t key[32] = "the owner of this VM has the key";
	struct sockaddr_alg name = { .salg_family = AF_ALG, .salg_type = "aead", .salg_name = "gcm(aes)" };
	int algorithm = socket(AF_ALG, SOCK_SEQPACKET, 0);

	if (algorithm < 0 || bind(algorithm, (struct sockaddr *)&name, sizeof(name)) ||
	    setsockopt(algorithm, SOL_ALG, ALG_SET_KEY, key, sizeof(key)) ||
	    setsockopt(algorithm, SOL_ALG, ALG_SET_AEAD_AUTHSIZE, NULL, TAG))
		return -1;
	cipher = accept(algorithm, NULL, 0);
	return cipher;
}

static void add_control(struct msghdr *message, struct cmsghdr **at, int type, const void *value,
			size_t size)
{
	*at = *at ? CMSG_NXTHDR(message, *at) : CMSG_FIRSTHDR(message);
	(*at)->cmsg_level = SOL_ALG;
	(*at)->cmsg_type = type;
	(*at)->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(*at), value, size);
}

/*
 * The number of pages is authenticated, and not encrypted; the place of the record in the
 * image is in the nonce. Bytes of @to are those of @from, more or less a tag.
 */
static int transform(uint32_t op, uint32_t number, const struct record *from, size_t in,
		     struct record *to, size_t out)
{
	struct { struct af_alg_iv head; uint8_t nonce[12]; } iv = { .head = { .ivlen = 12 } };
	uint32_t associated = sizeof(from->pages);
	char controls[256] = { 0 };
	struct iovec data = { (void *)from, in };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = controls,
		.msg_controllen = 2 * CMSG_SPACE(sizeof(uint32_t)) + CMSG_SPACE(sizeof(iv)),
	};
	struct cmsghdr *at = NULL;

	memcpy(iv.nonce, prefix, sizeof(prefix));
	memcpy(iv.nonce + sizeof(prefix), &number, sizeof(number));
	add_control(&message, &at, ALG_SET_OP, &op, sizeof(op));
	add_control(&message, &at, ALG_SET_IV, &iv, sizeof(iv));
	add_control(&message, &at, ALG_SET_AEAD_ASSOCLEN, &associated, sizeof(associated));
	if (sendmsg(cipher, &message, 0) != (ssize_t)in)
		return -1;
	return read(cipher, to, out) == (ssize_t)out ? 0 : -1;
}

static size_t bytes_of(uint32_t pages)
{
	return sizeof(plain.pages) + pages * PAGE;
}

static int put_record(FILE *disk, uint32_t number)
{
	size_t size = bytes_of(plain.pages);

	if (transform(ALG_OP_ENCRYPT, number, &plain, size, &sealed, size + TAG))
		return -1;
	return fwrite(&sealed, size + TAG, 1, disk) == 1 ? 0 : -1;
}

static int get_record(FILE *disk, uint32_t number)
{
	if (fread(&sealed.pages, sizeof(sealed.pages), 1, disk) != 1)
		return -1;
	if (sealed.pages > PAGES) {
		errno = EBADMSG;
		return -1;
	}
	if (fread(sealed.data, bytes_of(sealed.pages) - sizeof(sealed.pages) + TAG, 1, disk) != 1)
		return -1;
	return transform(ALG_OP_DECRYPT, number, &sealed, bytes_of(sealed.pages) + TAG, &plain,
		     bytes_of(sealed.pages));
}

static int write_image(int snapshot, FILE *disk)
{
	struct header header = { .magic = MAGIC };
	uint32_t number = 0;

	memcpy(header.prefix, prefix, sizeof(prefix));
	if (fwrite(&header, sizeof(header), 1, disk) != 1)
		return -1;
	do {
		for (plain.pages = 0; plain.pages < PAGES; plain.pages++) {
			ssize_t got = read(snapshot, plain.data + plain.pages * PAGE, PAGE);

			if (got < 0)
				return -1;
			if (!got)
				break;
		}
		if (put_record(disk, number++))
			return -1;
	} while (plain.pages == PAGES);
	return fflush(disk) || fsync(fileno(disk)) ? -1 : 0;
}

static int save(FILE *disk)
{
	int snapshot = open(SNAPSHOT, O_RDONLY), made = 0;

	if (snapshot < 0)
		return fail(SNAPSHOT);
	if (getrandom(prefix, sizeof(prefix), 0) != sizeof(prefix) || mlockall(MCL_CURRENT | MCL_FUTURE))
		return fail("prepare");
	if (ioctl(snapshot, SNAPSHOT_FREEZE, 0))
		return fail("freeze");
	if (ioctl(snapshot, SNAPSHOT_CREATE_IMAGE, &made))
		return fail("create");
	if (made && write_image(snapshot, disk))
		return fail("write");
	/* SNAPSHOT_POWER_OFF does nothing without a platform's own way to hibernate. */
	if (made && reboot(RB_POWER_OFF))
		return fail("power off");
	/* The image goes on here, in the other machine. */
	ioctl(snapshot, SNAPSHOT_UNFREEZE, 0);
	close(snapshot);
	return made;
}

/* Twice: nothing of an image that was altered gets to the kernel. */
static int read_image(int snapshot, FILE *disk)
{
	struct header header;
	uint32_t number = 0;

	rewind(disk);
	if (fread(&header, sizeof(header), 1, disk) != 1)
		return -1;
	memcpy(prefix, header.prefix, sizeof(prefix));
	errno = ENOENT;
	if (memcmp(header.magic, MAGIC, sizeof(header.magic)))
		return -1;
	do {
		if (get_record(disk, number++))
			return -1;
		for (uint32_t i = 0; snapshot >= 0 && i < plain.pages; i++) {
			if (write(snapshot, plain.data + i * PAGE, PAGE) != PAGE)
				return -1;
		}
	} while (plain.pages == PAGES);
	return 0;
}

static int start(FILE *disk)
{
	int snapshot;

	if (read_image(-1, disk))
		return fail("image");
	snapshot = open(SNAPSHOT, O_WRONLY);
	if (snapshot < 0)
		return fail(SNAPSHOT);
	if (read_image(snapshot, disk))
		return fail("read");
	if (ioctl(snapshot, SNAPSHOT_FREEZE, 0))
		return fail("freeze");
	ioctl(snapshot, SNAPSHOT_ATOMIC_RESTORE, 0);
	return fail("start");
}

int main(int argc, char **argv)
{
	FILE *disk = argc == 3 ? fopen(argv[2], "r+") : NULL;

	if (argc != 3 || (strcmp(argv[1], "save") && strcmp(argv[1], "start"))) {
		puts("usage: sealed save|start DEVICE");
		return 2;
	}
	if (!disk)
		return fail(argv[2]);
	if (open_cipher() < 0)
		return fail("gcm(aes)");
	return strcmp(argv[1], "save") ? start(disk) : save(disk);
}
