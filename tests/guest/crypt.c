// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys where a kernel has them: in its keyring (add_key(2)) and in dm-crypt, by the ioctls of
 * Documentation/admin-guide/device-mapper.
 *
 *	crypt key NAME FILE	a key "user" of root's, which is the first 64 bytes of FILE
 *	crypt same NAME FILE	fails if that key has changed
 *	crypt open NAME DEVICE KEY [cipher=CIPHER] [OPTION]...
 *				prints /dev/dm-N: DEVICE through CIPHER (aes-xts-plain64), with dm-crypt's OPTIONs;
 *				KEY is 128 hexadecimal digits, or :64:user:NAME for a key of the keyring
 *	crypt close NAME
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/fs.h>
#include <linux/keyctl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define KEY_BYTES	64
#define TABLE_BYTES	2048
#define SECTOR		512
#define CIPHER		"cipher="

struct request {
	struct dm_ioctl head;
	struct dm_target_spec spec;
	char table[TABLE_BYTES];
};

static int fail(const char *what)
{
	printf("crypt: %s: %s\n", what, strerror(errno));
	return 1;
}

static int usage(void)
{
	puts("usage: crypt key|same NAME FILE | open NAME DEVICE KEY [cipher=CIPHER] [OPTION]... | close NAME");
	return 2;
}

/* One request of the control device about the device @name. */
static int ask(int control, unsigned long command, const char *name, struct request *r)
{
	r->head.version[0] = DM_VERSION_MAJOR;
	r->head.data_size = sizeof(*r);
	r->head.data_start = offsetof(struct request, spec);
	snprintf(r->head.name, sizeof(r->head.name), "%s", name);
	return ioctl(control, command, r);
}

static int control_device(void)
{
	return open("/dev/mapper/control", O_RDWR);
}

static uint64_t sectors_of(const char *device)
{
	uint64_t bytes = 0;
	int fd = open(device, O_RDONLY);

	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &bytes))
		bytes = 0;
	close(fd);
	return bytes / SECTOR;
}

/* "CIPHER KEY OFFSET-OF-THE-IV DEVICE OFFSET [NUMBER-OF-OPTIONS OPTION...]" */
static int make_table(struct request *r, char **words, int nr_options)
{
	int named = nr_options && !strncmp(words[2], CIPHER, strlen(CIPHER));
	const char *cipher = named ? words[2] + strlen(CIPHER) : "aes-xts-plain64";
	int used = snprintf(r->table, TABLE_BYTES, "%s %s 0 %s 0", cipher, words[1], words[0]);

	nr_options -= named;
	if (nr_options && used < TABLE_BYTES)
		used += snprintf(r->table + used, TABLE_BYTES - used, " %d", nr_options);
	for (int i = 0; i < nr_options && used < TABLE_BYTES; i++)
		used += snprintf(r->table + used, TABLE_BYTES - used, " %s", words[2 + named + i]);
	if (used >= TABLE_BYTES) {
		errno = E2BIG;
		return -1;
	}
	r->spec.length = sectors_of(words[0]);
	strcpy(r->spec.target_type, "crypt");
	r->head.target_count = 1;
	return 0;
}

static int close_device(const char *name)
{
	struct request r = { 0 };
	int control = control_device();

	if (control < 0)
		return fail("/dev/mapper/control");
	return ask(control, DM_DEV_REMOVE, name, &r) ? fail("remove") : 0;
}

static int open_device(const char *name, char **words, int nr_options)
{
	struct request created = { 0 }, loaded = { 0 }, resumed = { 0 };
	int control = control_device(), status;

	if (control < 0)
		return fail("/dev/mapper/control");
	if (make_table(&loaded, words, nr_options))
		return fail("options");
	if (ask(control, DM_DEV_CREATE, name, &created))
		return fail("create");
	if (!ask(control, DM_TABLE_LOAD, name, &loaded) && !ask(control, DM_DEV_SUSPEND, name, &resumed)) {
		printf("/dev/dm-%u\n", minor(resumed.head.dev));
		return 0;
	}
	status = fail("table");
	close_device(name);
	return status;
}

static int read_key(const char *file, uint8_t *key)
{
	int fd = open(file, O_RDONLY);
	int failed = fd < 0 || read(fd, key, KEY_BYTES) != KEY_BYTES;

	close(fd);
	return failed;
}

static int add_key(const char *name, const uint8_t *key)
{
	/* In a session's keyring it would be gone with this process. */
	return syscall(SYS_add_key, "user", name, key, KEY_BYTES, KEY_SPEC_USER_KEYRING) < 0 ? fail("add_key") : 0;
}

static int compare_key(const char *name, const uint8_t *key)
{
	uint8_t held[KEY_BYTES];
	long serial = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", name, 0);

	if (serial < 0 || syscall(SYS_keyctl, KEYCTL_READ, serial, held, sizeof(held)) != KEY_BYTES)
		return fail("keyctl");
	errno = EILSEQ;
	return memcmp(held, key, KEY_BYTES) ? fail("the key has changed") : 0;
}

static int use_key(const char *verb, const char *name, const char *file)
{
	uint8_t key[KEY_BYTES];

	if (read_key(file, key))
		return fail(file);
	return strcmp(verb, "key") ? compare_key(name, key) : add_key(name, key);
}

int main(int argc, char **argv)
{
	if (argc == 4 && (!strcmp(argv[1], "key") || !strcmp(argv[1], "same")))
		return use_key(argv[1], argv[2], argv[3]);
	if (argc >= 5 && !strcmp(argv[1], "open"))
		return open_device(argv[2], argv + 3, argc - 5);
	if (argc == 3 && !strcmp(argv[1], "close"))
		return close_device(argv[2]);
	return usage();
}
