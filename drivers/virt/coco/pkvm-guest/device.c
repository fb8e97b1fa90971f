// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attestation of a pKVM guest, by the tree's configfs-tsm interface.
 *
 * The firmware hands a secret over in memory, which a program with the rights of root can
 * read by /dev/open-dice0 or /dev/mem. Whoever has the secret can make reports. So,
 * before the first program starts, the region gets the secrets of the next layer, and
 * the kernel keeps the key that it has derived for itself. The next kernel behind kexec
 * finds that next layer as well.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/fips.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/slab.h>

#include <compat/tsm.h>

#include "pkvm-guest.h"

/* A shorter challenge could be guessed, or repeat. */
#define CHALLENGE_MIN	32

static char *region_param __initdata = "next";
module_param_named(region, region_param, charp, 0);
MODULE_PARM_DESC(region, "what becomes of the firmware's secret: next (default), wipe or keep");

static const char * const region_words[] = {
	[DICE_LEFT]		= "keeps this layer's secret",
	[DICE_WIPED]		= "is wiped",
	[DICE_REWRITTEN]	= "has the next layer's secret",
};

/*
 * @chain: the DICE chain, for auxblob; NULL if there are no reports
 * @lock: serialises the use of the key
 * @gone: the key is wiped, since another kernel may run next
 */
static struct {
	u8 *chain;
	size_t chain_len;
	enum dice_region region;
	struct mutex lock;	/* the key, and @gone */
	bool gone;
} provider = {
	.lock = __MUTEX_INITIALIZER(provider.lock),
};

static int sign_challenge(struct cbor_out *out, const u8 *challenge)
{
	int err = -ESHUTDOWN;

	if (mutex_lock_killable(&provider.lock))
		return -EINTR;
	if (!provider.gone)
		err = pkvm_dice_sign(out, challenge, provider.region);
	mutex_unlock(&provider.lock);
	return err;
}

static int fill_blobs(struct tsm_report *report, const u8 *challenge)
{
	u8 *outblob = kvmalloc(DICE_REPORT_MAX, GFP_KERNEL);
	u8 *auxblob = kvmalloc(provider.chain_len, GFP_KERNEL);
	struct cbor_out out = { outblob, outblob + DICE_REPORT_MAX, false };
	int err = outblob && auxblob ? sign_challenge(&out, challenge) : -ENOMEM;

	if (err) {
		kvfree(outblob);
		kvfree(auxblob);
		return err;
	}
	memcpy(auxblob, provider.chain, provider.chain_len);
	report->outblob = outblob;
	report->outblob_len = out.at - outblob;
	report->auxblob = auxblob;
	report->auxblob_len = provider.chain_len;
	return 0;
}

/* A challenge is padded with zeroes, as a realm's is. */
static int report_new(struct tsm_report *report, void *data)
{
	u8 challenge[DICE_CHALLENGE_SIZE] = { };
	size_t len = report->desc.inblob_len;
	int err;

	if (len < CHALLENGE_MIN || len > sizeof(challenge))
		return -EINVAL;
	memcpy(challenge, report->desc.inblob, len);
	err = fill_blobs(report, challenge);
	if (err && err != -EINTR)
		pr_err_ratelimited("no report: error %d\n", err);
	return err;
}

static bool report_attr_visible(int n)
{
	return n == TSM_REPORT_GENERATION || n == TSM_REPORT_PROVIDER;
}

static bool report_bin_attr_visible(int n)
{
	return n == TSM_REPORT_INBLOB || n == TSM_REPORT_OUTBLOB || n == TSM_REPORT_AUXBLOB;
}

static const struct tsm_report_ops report_ops = {
	.name			= KBUILD_MODNAME,
	.report_new		= report_new,
	.report_attr_visible	= report_attr_visible,
	.report_bin_attr_visible = report_bin_attr_visible,
};

/* Another kernel, or a dump of memory that outlives the machine, must not have the key. */
static int forget_key(struct notifier_block *nb, unsigned long event, void *data)
{
	mutex_lock(&provider.lock);
	provider.gone = true;
	if (pkvm_dice_wipe_key())
		pr_err("the key could not be wiped\n");
	mutex_unlock(&provider.lock);
	return NOTIFY_DONE;
}

static struct notifier_block reboot_notifier = { .notifier_call = forget_key };

static enum dice_region __init wanted_region(void)
{
	if (!strcmp(region_param, "keep"))
		return DICE_LEFT;
	if (!strcmp(region_param, "wipe"))
		return DICE_WIPED;
	if (strcmp(region_param, "next"))
		pr_warn("region=%s is not known; next, wipe and keep are\n", region_param);
	return DICE_REWRITTEN;
}

static int __init write_next(const struct dice_handover *h, const struct ed25519_key *key)
{
	size_t size = h->size + DICE_ENTRY_MAX;
	u8 *buffer = kvmalloc(size, GFP_KERNEL);
	struct cbor_out out = { buffer, buffer + size, false };
	int err;

	if (!buffer)
		return -ENOMEM;
	err = dice_next_handover(&out, h, key);
	err = err ?: pkvm_dice_write_region(buffer, out.at - buffer);
	kvfree_sensitive(buffer, size);
	return err;
}

/* Where the next layer's chain does not fit, there is no next layer. */
static int __init settle_region(const struct dice_handover *h, const struct ed25519_key *key)
{
	int err;

	provider.region = wanted_region();
	if (provider.region == DICE_REWRITTEN) {
		err = write_next(h, key);
		if (!err)
			return 0;
		pr_warn("nothing is handed on: error %d\n", err);
		provider.region = DICE_WIPED;
	}
	return provider.region == DICE_WIPED ? pkvm_dice_write_region(NULL, 0) : 0;
}

/* A report by a key that the chain does not have would be refused by every verifier. */
static int __init check_key(struct dice_handover *h, const struct ed25519_key *key)
{
	if (!memcmp(h->leaf, key->public, sizeof(key->public)))
		return 0;
	h->why = "the last certificate is not that of the secret";
	return -EKEYREJECTED;
}

static int __init use_handover(struct dice_handover *h, const u8 *data, size_t size)
{
	struct ed25519_key key;
	int err;

	err = dice_parse(h, data, size);
	if (!err && h->chain.len > TSM_REPORT_OUTBLOB_MAX) {
		h->why = "the chain is too large";
		err = -EFBIG;
	}
	err = err ?: dice_key(&key, h->cdi_attest) ?: check_key(h, &key);
	if (!err) {
		provider.chain = kmemdup(h->chain.data, h->chain.len, GFP_KERNEL);
		provider.chain_len = h->chain.len;
		err = provider.chain ? pkvm_dice_put_key(&key) : -ENOMEM;
	}
	err = err ?: settle_region(h, &key);
	memzero_explicit(&key, sizeof(key));
	return err;
}

static void __init give_up(void)
{
	if (provider.chain)
		pkvm_dice_wipe_key();
	kfree(provider.chain);
	provider.chain = NULL;
}

/*
 * In fs_initcall(): SHA-512 is there since subsys_initcall(), and the first program that
 * the kernel starts needs the root file system of rootfs_initcall().
 */
static int __init take_handover(void)
{
	struct dice_handover h = { .why = "it is not in private memory of its own" };
	size_t size = 0;
	u8 *data;
	int err;

	err = pkvm_dice_read_region(&data, &size);
	if (err == -ENODEV)
		return 0;
	if (!err && fips_enabled) {
		h.why = "Ed25519 is not approved for FIPS mode";
		err = -EPERM;
	} else if (!err) {
		err = use_handover(&h, data, size);
	}
	if (size)
		kvfree_sensitive(data, size);
	if (!err)
		return 0;
	give_up();
	pr_warn("no attestation: %s (error %d)\n", h.why ?: "the kernel failed", err);
	return 0;
}
fs_initcall(take_handover);

static int __init add_provider(void)
{
	int err;

	if (!provider.chain)
		return 0;
	err = register_reboot_notifier(&reboot_notifier);
	err = err ?: tsm_report_register(&report_ops, NULL);
	if (err) {
		pr_err("no attestation: error %d\n", err);
		forget_key(NULL, 0, NULL);
		return err;
	}
	pr_info("reports by DICE, a chain of %zu bytes, rooted in the host's word unless a verifier knows its root; the region %s\n",
		provider.chain_len, region_words[provider.region]);
	return 0;
}
device_initcall(add_provider);
