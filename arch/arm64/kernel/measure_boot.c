// SPDX-License-Identifier: GPL-2.0-only
/*
 * Extend a measurement register by the device tree and the kernel command line, which
 * the host writes. Documentation/attestation.rst describes the digests.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/libfdt.h>
#include <linux/minmax.h>
#include <linux/of_fdt.h>
#include <linux/string.h>
#include <linux/types.h>

#include <asm/pguest.h>
#include <asm/setup.h>

#include <compat/sha256.h>

#define LABEL_SIZE	16

/* Each digest begins with a label, so that digests of two kinds are never equal. */
static void digest_begin(struct compat_sha256_ctx *ctx, const char *label)
{
	u8 padded[LABEL_SIZE] = { };

	memcpy(padded, label, min(strlen(label), sizeof(padded)));
	sha256_init(ctx);
	sha256_update(ctx, padded, sizeof(padded));
}

/**
 * pguest_digest_text() - digest of a kernel command line
 * @text: the command line
 * @digest: gets SHA256_DIGEST_SIZE bytes
 *
 * Context: Any.
 */
void pguest_digest_text(const char *text, u8 *digest)
{
	struct compat_sha256_ctx ctx;

	digest_begin(&ctx, "pguest.cmdline.1");
	sha256_update(&ctx, (const u8 *)text, strlen(text));
	sha256_final(&ctx, digest);
}

static void add_word(struct compat_sha256_ctx *ctx, u32 value)
{
	fdt32_t word = cpu_to_fdt32(value);

	sha256_update(ctx, (const u8 *)&word, sizeof(word));
}

static void add_text(struct compat_sha256_ctx *ctx, const char *text)
{
	sha256_update(ctx, (const u8 *)text, strlen(text) + 1);
}

/* Seeds in /chosen differ in each boot, and the kernel may have wiped them. */
static bool is_seed(const char *name)
{
	return !strcmp(name, "kaslr-seed") || !strcmp(name, "rng-seed");
}

static int add_property(struct compat_sha256_ctx *ctx, const void *tree, int offset,
			bool is_chosen)
{
	const char *name;
	const void *value;
	int length;

	value = fdt_getprop_by_offset(tree, offset, &name, &length);
	if (!value)
		return -EINVAL;
	if (is_chosen && is_seed(name))
		return 0;
	add_word(ctx, FDT_PROP);
	add_text(ctx, name);
	add_word(ctx, length);
	sha256_update(ctx, value, length);
	return 0;
}

static int add_node(struct compat_sha256_ctx *ctx, const void *tree, int offset,
		    const char **name)
{
	*name = fdt_get_name(tree, offset, NULL);
	if (!*name)
		return -EINVAL;
	add_word(ctx, FDT_BEGIN_NODE);
	add_text(ctx, *name);
	return 0;
}

/* All tokens in their order, except FDT_NOP. */
static int add_structure(struct compat_sha256_ctx *ctx, const void *tree)
{
	int at = 0, next, depth = 0, err = 0;
	bool is_chosen = false;
	const char *name;
	u32 tag;

	for (; !err; at = next) {
		tag = fdt_next_tag(tree, at, &next);
		switch (tag) {
		case FDT_BEGIN_NODE:
			err = add_node(ctx, tree, at, &name);
			if (!err && ++depth == 2)
				is_chosen = !strcmp(name, "chosen");
			break;
		case FDT_PROP:
			err = add_property(ctx, tree, at, is_chosen && depth == 2);
			break;
		case FDT_END_NODE:
			depth--;
			add_word(ctx, tag);
			break;
		case FDT_END:
			add_word(ctx, tag);
			return next < 0 ? -EINVAL : 0;
		}
	}
	return err;
}

static int add_reservations(struct compat_sha256_ctx *ctx, const void *tree)
{
	int i, n = fdt_num_mem_rsv(tree);
	fdt64_t words[2];
	u64 start, size;

	for (i = 0; i < n; i++) {
		if (fdt_get_mem_rsv(tree, i, &start, &size))
			return -EINVAL;
		words[0] = cpu_to_fdt64(start);
		words[1] = cpu_to_fdt64(size);
		sha256_update(ctx, (const u8 *)words, sizeof(words));
	}
	return n < 0 ? -EINVAL : 0;
}

/**
 * pguest_digest_tree() - digest of a flattened device tree
 * @tree: its first byte; libfdt has checked its header
 * @digest: gets SHA256_DIGEST_SIZE bytes
 *
 * The digest covers the contents and not the layout: a VMM need not clear the padding
 * of a value, and the kernel has replaced seeds by FDT_NOP.
 *
 * Context: Any.
 * Return: 0, or -EINVAL for a malformed device tree.
 */
int pguest_digest_tree(const void *tree, u8 *digest)
{
	struct compat_sha256_ctx ctx;
	int err;

	digest_begin(&ctx, "pguest.tree.1");
	err = add_structure(&ctx, tree) ?: add_reservations(&ctx, tree);
	sha256_final(&ctx, digest);
	return err;
}

static int __init measure_boot(void)
{
	u8 digest[SHA256_DIGEST_SIZE];
	int err;

	err = pguest_digest_tree(initial_boot_params, digest) ?:
	      pguest_backend->ops->measure(digest, sizeof(digest));
	if (err)
		return err;
	pguest_digest_text(boot_command_line, digest);
	return pguest_backend->ops->measure(digest, sizeof(digest));
}

/**
 * pguest_measure_description() - measure the device tree and the command line
 *
 * Does nothing if the backend has no measurement registers.
 *
 * Context: pguest_probe(), before early parameters are parsed.
 */
void __init pguest_measure_description(void)
{
	int err;

	if (!pguest_backend->ops->measure)
		return;
	err = measure_boot();
	if (err)
		pguest_stop_later("the device tree and the command line cannot be measured (%d)",
				  err);
}
