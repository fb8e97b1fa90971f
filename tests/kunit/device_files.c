// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices with files that lie, shares of 9P and virtio-fs: what a host says in their languages,
 * and what a guest does with files meanwhile.
 *
 * Source of what servers say: include/net/9p/9p.h; include/uapi/linux/fuse.h.
 */
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fuse.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/statfs.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_ring.h>
#include <linux/xattr.h>
#include <net/9p/9p.h>

#include <compat/namei.h>

#include "device_fuzz.h"

#define INDIRECT	BIT_ULL(VIRTIO_RING_F_INDIRECT_DESC)
#define TAG		"fuzz"

/* File systems. A host that answers with garbage alone gets no further than the mount. */
static void walk(const struct path *root)
{
	struct kstatfs stat;
	struct path at;

	vfs_statfs(root, &stat);
	if (vfs_path_lookup(root->dentry, root->mnt, "a/b", 0, &at))
		return;
	path_put(&at);
}

/* A file that is made, or not: what a program does with it */
static void use_file(struct fuzz *f, const struct path *root)
{
	struct file *file = file_open_root(root, "f", O_RDWR | (one_in(f, 2) ? O_CREAT : 0), 0644);
	char *data = kvzalloc(SZ_8K, GFP_KERNEL);
	struct kstat stat;
	loff_t at = 0;

	if (!IS_ERR(file) && data) {
		kernel_write(file, data, random_below(f, SZ_8K), &at);
		at = random_below(f, SZ_8K);
		kernel_read(file, data, random_below(f, SZ_8K), &at);
		vfs_getattr(&file->f_path, &stat, STATX_BASIC_STATS, 0);
		vfs_truncate(&file->f_path, random_below(f, SZ_16K));
		vfs_listxattr(file->f_path.dentry, data, SZ_8K);
		vfs_fsync(file, 0);
	}
	if (!IS_ERR(file))
		fput(file);
	kvfree(data);
}

static bool ignore_entry(struct dir_context *ctx, const char *name, int len, loff_t at, u64 ino,
			 unsigned int type)
{
	return true;
}

static void list_directory(const struct path *root)
{
	struct dir_context ctx = { .actor = ignore_entry };
	struct file *file = dentry_open(root, O_RDONLY | O_DIRECTORY, current_cred());

	if (IS_ERR(file))
		return;
	iterate_dir(file, &ctx);
	fput(file);
}

static void mount_and_walk(struct fuzz *f, const char *type, char *options)
{
	struct file_system_type *fs = get_fs_type(type);
	struct vfsmount *mnt;

	if (!fs)
		return;
	mnt = vfs_kern_mount(fs, 0, TAG, options);
	if (!IS_ERR(mnt)) {
		struct path root = { .mnt = mnt, .dentry = mnt->mnt_root };

		walk(&root);
		list_directory(&root);
		use_file(f, &root);
		mntput(mnt);
	}
	module_put(fs->owner);
}

/* 9P2000.L: size, type and tag; what follows depends on the type. */
#define P9_HEAD		7
#define P9_MOST		200		/* bytes in an answer */

/* How much of what is asked for: all of it, mostly */
static u32 some_of(struct fuzz *f, u32 asked)
{
	return one_in(f, 8) ? random_number(f) : one_in(f, 4) ? random_below(f, asked + 1) : asked;
}

static u32 p9_body(struct fuzz *f, const u8 *request, u8 *body)
{
	static const char version[] = "9P2000.L";

	switch (request[4]) {
	case P9_TVERSION:
		put_unaligned_le32(SZ_4K, body);
		put_unaligned_le16(strlen(version), body + 4);
		memcpy(body + 6, version, strlen(version));
		return 6 + strlen(version);
	case P9_TGETATTR:
		put_unaligned_le32(one_in(f, 4) ? S_IFREG : S_IFDIR | 0755, body + 21);
		return 153;
	case P9_TATTACH:
	case P9_TLOPEN:
	case P9_TLCREATE:
		return 17;
	case P9_TWALK:
		if (!one_in(f, 8))
			memcpy(body, request + P9_HEAD + 8, 2);
		return 2 + 13 * min_t(u32, get_unaligned_le16(body), 2);
	case P9_TREAD:
	case P9_TREADDIR:
		put_unaligned_le32(some_of(f, min_t(u32, get_unaligned_le32(request + P9_HEAD + 12),
						    P9_MOST)), body);
		return 4 + P9_MOST;
	case P9_TWRITE:
		put_unaligned_le32(some_of(f, get_unaligned_le32(request + P9_HEAD + 12)), body);
		return 4;
	case P9_TXATTRWALK:
		put_unaligned_le64(random_below(f, SZ_8K), body);
		return 8;
	case P9_TCLUNK:
	case P9_TSETATTR:
	case P9_TFSYNC:
	case P9_TFLUSH:
		return 0;
	default:
		return random_below(f, P9_MOST);
	}
}

static u32 answer_9p(struct fuzz *f, struct queue *q, struct chain *c, u32 len)
{
	u8 *reply = c->pieces[0].at, *request = c->asked.at, body[P9_MOST + 4];

	if (!fuzz_is_request(c, P9_HEAD, P9_HEAD) || one_in(f, 16))
		return len;
	put_garbage(f, body, sizeof(body));
	len = min(P9_HEAD + p9_body(f, request, body), c->pieces[0].len);
	memcpy(reply + P9_HEAD, body, len - P9_HEAD);
	put_unaligned_le32(one_in(f, 16) ? random_below(f, SZ_64K) : len, reply);
	reply[4] = one_in(f, 16) ? P9_RLERROR : request[4] + 1;
	memcpy(reply + 5, request + 5, 2);
	return len;
}

static void use_share(struct fuzz *f)
{
	char options[] = "trans=virtio,version=9p2000.L,cache=none";

	mount_and_walk(f, "9p", options);
}

static void set_up_honest_share(struct fuzz *f)
{
	put_unaligned_le16(strlen(TAG), f->config);
	memcpy(f->config + 2, TAG, strlen(TAG));
}

static void set_up_share(struct fuzz *f)
{
	if (!one_in(f, 8))
		set_up_honest_share(f);
}

const struct fuzz_kind honest_share = {
	.id = VIRTIO_ID_9P,
	.driver = "9pnet_virtio",
	.honest = true,
	.least = 128,
	.always = BIT_ULL(0),			/* VIRTIO_9P_MOUNT_TAG */
	.set_up = set_up_honest_share,
	.use = use_share,
};

const struct fuzz_kind fuzz_share = {
	.id = VIRTIO_ID_9P,
	.driver = "9pnet_virtio",
	.least = 16,
	.waits = true,
	.always = INDIRECT | BIT_ULL(0),	/* VIRTIO_9P_MOUNT_TAG */
	.set_up = set_up_share,
	.answer = answer_9p,
	.use = use_share,
};

/* FUSE: where attributes have their mode, or 0 */
static u32 fuse_mode(u32 opcode)
{
	switch (opcode) {
	case FUSE_GETATTR:
		return offsetof(struct fuse_attr_out, attr.mode);
	case FUSE_LOOKUP:
	case FUSE_CREATE:
		return offsetof(struct fuse_entry_out, attr.mode);
	default:
		return 0;
	}
}

static void fuse_body(struct fuzz *f, u32 opcode, struct piece *body)
{
	bool is_file = opcode == FUSE_CREATE || one_in(f, 4);
	u32 mode = fuse_mode(opcode);

	if (opcode == FUSE_INIT && body->len >= 8) {
		put_unaligned_le32(FUSE_KERNEL_VERSION, body->at);
		put_unaligned_le32(FUSE_KERNEL_MINOR_VERSION, body->at + 4);
	} else if (mode && body->len >= mode + 4) {
		put_unaligned_le32(is_file ? S_IFREG | 0644 : S_IFDIR | 0755, body->at + mode);
	} else if (opcode == FUSE_WRITE && body->len >= 8) {
		put_unaligned_le32(random_below(f, SZ_8K), body->at);
	}
}

static u32 answer_fuse(struct fuzz *f, struct queue *q, struct chain *c, u32 len)
{
	struct fuse_in_header *request = (void *)c->asked.at;
	struct fuse_out_header *reply = (void *)c->pieces[0].at;

	if (!fuzz_is_request(c, sizeof(*request), sizeof(*reply)) || one_in(f, 16))
		return len;
	reply->len = one_in(f, 8) ? random_number(f) : len;
	reply->error = one_in(f, 8) ? -(s32)random_below(f, 600) : 0;
	reply->unique = request->unique;
	if (c->nr > 1)
		fuse_body(f, request->opcode, &c->pieces[1]);
	return len;
}

static void use_filesystem(struct fuzz *f)
{
	mount_and_walk(f, "virtiofs", NULL);
}

static void set_up_filesystem(struct fuzz *f)
{
	if (one_in(f, 8))
		return;
	memset(f->config, 0, 40);
	memcpy(f->config, TAG, strlen(TAG));
	put_unaligned_le32(1, f->config + 36);
}

/* The number of queues */
static void bound_filesystem(unsigned int offset, u8 *value, unsigned int len)
{
	if (offset == 36 && len == 4)
		put_unaligned_le32(value[0] % 4, value);
}

const struct fuzz_kind fuzz_filesystem = {
	.id = VIRTIO_ID_FS,
	.driver = "virtiofs",
	.least = 16,
	.waits = true,
	.always = INDIRECT,
	.set_up = set_up_filesystem,
	.bound = bound_filesystem,
	.answer = answer_fuse,
	.use = use_filesystem,
};
