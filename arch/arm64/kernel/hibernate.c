// SPDX-License-Identifier: GPL-2.0-only
/*
 * No hibernation in a protected VM.
 *
 * An image would show the host all memory, and one that the host has made would replace
 * the kernel. Neither could it be resumed: in the VM that resumes nothing is shared, and
 * the ledger in the image says otherwise.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/init.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/suspend.h>

#include <asm/pguest.h>

static int refuse_image(struct notifier_block *nb, unsigned long event, void *data)
{
	switch (event) {
	case PM_HIBERNATION_PREPARE:
		pr_err("no hibernation: it would write all memory out for the host to read\n");
		return notifier_from_errno(-EPERM);
	case PM_RESTORE_PREPARE:
		pr_err("no resume: the host could have made the image\n");
		return notifier_from_errno(-EPERM);
	}
	return NOTIFY_DONE;
}

static struct notifier_block refusal = { .notifier_call = refuse_image };

static int __init refuse_hibernation(void)
{
	return pguest_active() ? register_pm_notifier(&refusal) : 0;
}
core_initcall(refuse_hibernation);
