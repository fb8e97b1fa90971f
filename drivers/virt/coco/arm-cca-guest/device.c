// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attestation of a realm, as user space sees it:
 *
 * - tokens, by the tree's configfs-tsm interface;
 * - measurement registers and the personalisation value, as files of the
 *   device arm_cca_guest.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/miscdevice.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/printk.h>
#include <linux/sizes.h>

#include <asm/rsi.h>
#include <asm/rsi_cmds.h>

#include <compat/sysfs.h>
#include <compat/tsm.h>

#include "arm-cca-guest.h"

/* Today's tokens have 1 to 4 KiB. */
#define TOKEN_MAX	min(SZ_64K, TSM_REPORT_OUTBLOB_MAX)

/* An RMM signs within milliseconds; one in a simulator takes seconds. */
#define TOKEN_MS	(30 * MSEC_PER_SEC)

static const struct cca_rmm rmm = {
	.attest_init		= rsi_attest_init,
	.attest_continue	= rsi_attest_continue,
	.measurement_read	= rsi_measurement_read,
	.measurement_extend	= rsi_measurement_extend,
};

/* An RMM has one token for each CPU: two readers would mix theirs. */
static DEFINE_MUTEX(token_lock);

static struct cca_registers registers;

static int report_new(struct tsm_report *report, void *data)
{
	u8 challenge[RSI_CHALLENGE_SIZE];
	struct cca_token token;
	int err;

	err = cca_challenge(challenge, report->desc.inblob, report->desc.inblob_len);
	if (err)
		return err;
	if (mutex_lock_killable(&token_lock))
		return -EINTR;
	err = cca_token_read(&rmm, challenge, TOKEN_MAX, TOKEN_MS, &token);
	mutex_unlock(&token_lock);
	if (err) {
		if (err != -EINTR)
			pr_err_ratelimited("no token: error %d, last status of the RMM %lld\n",
					   err, (s64)token.status);
		return err;
	}
	report->outblob = token.data;
	report->outblob_len = token.len;
	return 0;
}

/* A realm has no privilege levels, service providers or other blobs. */
static bool report_attr_visible(int n)
{
	return n == TSM_REPORT_GENERATION || n == TSM_REPORT_PROVIDER;
}

static bool report_bin_attr_visible(int n)
{
	return n == TSM_REPORT_INBLOB || n == TSM_REPORT_OUTBLOB;
}

static const struct tsm_report_ops report_ops = {
	.name			= KBUILD_MODNAME,
	.report_new		= report_new,
	.report_attr_visible	= report_attr_visible,
	.report_bin_attr_visible = report_bin_attr_visible,
};

static struct bin_attribute rpv_attr = {
	.attr	= { .name = "rpv", .mode = 0444 },
	.size	= sizeof_field(struct rsi_realm, rpv),
	.read	= sysfs_bin_attr_simple_read,
};

static compat_bin_attr rpv_attrs[] = {
	&rpv_attr,
	NULL
};

static const struct attribute_group rpv_group = {
	.bin_attrs	= rpv_attrs,
};

static const struct attribute_group *groups[] = {
	&rpv_group,
	NULL,		/* the registers, see add_registers() */
	NULL
};

/* The device only has files in sysfs. */
static const struct file_operations misc_fops = {
	.owner	= THIS_MODULE,
};

static struct miscdevice misc = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= KBUILD_MODNAME,
	.fops	= &misc_fops,
	.mode	= 0400,
	.groups	= groups,
};

static void free_registers(void *data)
{
	tsm_mr_free_attribute_group(groups[1]);
	groups[1] = NULL;
}

/* If the registers cannot be read, the device still provides tokens. */
static int add_registers(struct device *dev)
{
	const struct attribute_group *group;
	int err;

	err = cca_registers_init(&registers, &rmm, rsi_realm()->hash);
	if (err) {
		dev_err(dev, "no measurement registers: error %d, hash algorithm %u\n",
			err, rsi_realm()->hash);
		return 0;
	}
	group = tsm_mr_create_attribute_group(&registers.tm);
	if (IS_ERR(group))
		return PTR_ERR(group);
	groups[1] = group;
	return devm_add_action_or_reset(dev, free_registers, NULL);
}

static void remove_misc(void *data)
{
	misc_deregister(&misc);
}

static int add_misc(struct device *dev)
{
	int err;

	rpv_attr.private = (void *)rsi_realm()->rpv;
	err = misc_register(&misc);
	return err ?: devm_add_action_or_reset(dev, remove_misc, NULL);
}

static void remove_provider(void *data)
{
	tsm_report_unregister(&report_ops);
}

static int add_provider(struct device *dev)
{
	int err = tsm_report_register(&report_ops, NULL);

	return err ?: devm_add_action_or_reset(dev, remove_provider, NULL);
}

static int cca_guest_probe(struct platform_device *pdev)
{
	int err;

	if (!rsi_in_realm())
		return -ENODEV;
	err = add_registers(&pdev->dev);
	if (!err)
		err = add_misc(&pdev->dev);
	if (!err)
		err = add_provider(&pdev->dev);
	return err;
}

static const struct platform_device_id cca_guest_ids[] = {
	{ RSI_PDEV_NAME },
	{ }
};
MODULE_DEVICE_TABLE(platform, cca_guest_ids);

static struct platform_driver cca_guest_driver = {
	.probe		= cca_guest_probe,
	.id_table	= cca_guest_ids,
	.driver		= {
		.name	= KBUILD_MODNAME,
	},
};
module_platform_driver(cca_guest_driver);

MODULE_DESCRIPTION("Attestation tokens and measurement registers of an Arm CCA realm");
MODULE_LICENSE("GPL");
