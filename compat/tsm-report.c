// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports of a trusted security module in configfs, where the tree has no
 * <linux/tsm.h>: directories /sys/kernel/config/tsm/report/NAME, by the ABI that
 * Linux has since 6.7 (Documentation/ABI/testing/configfs-tsm-report there).
 *
 * Files that are written set the options of a report; writes are counted. A report is
 * made when it is read, and cached until an option is written.
 */
#define pr_fmt(fmt) "tsm: " fmt

#include <linux/atomic.h>
#include <linux/configfs.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/tsm.h>

/* @directories: number of directories; an earlier provider may have created them */
static struct {
	const struct tsm_report_ops *ops;
	void *data;
	atomic_t directories;
} provider;

/* Read-locked while the provider is used. Taken before the lock of a report. */
static DECLARE_RWSEM(provider_lock);

#define NR_ATTRS	(TSM_REPORT_SERVICE_MANIFEST_VER + 1)
#define NR_BIN_ATTRS	(TSM_REPORT_MANIFESTBLOB + 1)

/*
 * @written:	number of writes to options
 * @made:	the value of @written for which the blobs were made
 * @type:	files of the directory, chosen when it was created
 */
struct report {
	struct config_item item;
	struct mutex lock;	/* the members below */
	struct tsm_report tsm;
	unsigned long written;
	unsigned long made;
	struct config_item_type type;
	struct configfs_attribute *attrs[NR_ATTRS + 1];
	struct configfs_bin_attribute *bin_attrs[NR_BIN_ATTRS + 1];
};

static struct report *to_report(struct config_item *item)
{
	return container_of(item, struct report, item);
}

/* Options */

/*
 * Lock a report to write an option. Refuse if the counter would wrap to the cached
 * report's value: readers would get a stale report.
 */
static int begin_write(struct report *report)
{
	mutex_lock(&report->lock);
	if (report->written + 1 == report->made) {
		mutex_unlock(&report->lock);
		return -EBUSY;
	}
	return 0;
}

static void end_write(struct report *report)
{
	report->written++;
	mutex_unlock(&report->lock);
}

static ssize_t tsm_report_inblob_write(struct config_item *item, const void *buf,
				       size_t count)
{
	struct report *report = to_report(item);
	int err;

	if (count > TSM_REPORT_INBLOB_MAX)
		return -EINVAL;
	err = begin_write(report);
	if (err)
		return err;
	memcpy(report->tsm.desc.inblob, buf, count);
	report->tsm.desc.inblob_len = count;
	end_write(report);
	return count;
}
CONFIGFS_BIN_ATTR_WO(tsm_report_, inblob, NULL, TSM_REPORT_INBLOB_MAX);

static ssize_t tsm_report_privlevel_store(struct config_item *item, const char *buf,
					  size_t len)
{
	struct report *report = to_report(item);
	unsigned int level;
	bool possible;
	int err;

	err = kstrtouint(buf, 0, &level);
	if (err)
		return err;
	down_read(&provider_lock);
	possible = provider.ops && level >= provider.ops->privlevel_floor &&
		   level <= TSM_REPORT_PRIVLEVEL_MAX;
	up_read(&provider_lock);
	if (!possible)
		return -EINVAL;

	err = begin_write(report);
	if (err)
		return err;
	report->tsm.desc.privlevel = level;
	end_write(report);
	return len;
}
CONFIGFS_ATTR_WO(tsm_report_, privlevel);

static ssize_t tsm_report_service_provider_store(struct config_item *item, const char *buf,
						 size_t len)
{
	struct report *report = to_report(item);
	char *name = kstrndup(buf, strcspn(buf, "\n"), GFP_KERNEL);
	int err;

	if (!name)
		return -ENOMEM;
	err = begin_write(report);
	if (err) {
		kfree(name);
		return err;
	}
	kfree(report->tsm.desc.service_provider);
	report->tsm.desc.service_provider = name;
	end_write(report);
	return len;
}
CONFIGFS_ATTR_WO(tsm_report_, service_provider);

static ssize_t tsm_report_service_guid_store(struct config_item *item, const char *buf,
					     size_t len)
{
	struct report *report = to_report(item);
	guid_t guid;
	int err;

	err = guid_parse(buf, &guid);
	if (!err)
		err = begin_write(report);
	if (err)
		return err;
	report->tsm.desc.service_guid = guid;
	end_write(report);
	return len;
}
CONFIGFS_ATTR_WO(tsm_report_, service_guid);

static ssize_t tsm_report_service_manifest_version_store(struct config_item *item,
							 const char *buf, size_t len)
{
	struct report *report = to_report(item);
	unsigned int version;
	int err;

	err = kstrtouint(buf, 0, &version);
	if (!err)
		err = begin_write(report);
	if (err)
		return err;
	report->tsm.desc.service_manifest_version = version;
	end_write(report);
	return len;
}
CONFIGFS_ATTR_WO(tsm_report_, service_manifest_version);

/* Results */

static ssize_t tsm_report_generation_show(struct config_item *item, char *buf)
{
	return sysfs_emit(buf, "%lu\n", READ_ONCE(to_report(item)->written));
}
CONFIGFS_ATTR_RO(tsm_report_, generation);

static ssize_t tsm_report_provider_show(struct config_item *item, char *buf)
{
	ssize_t len = -ENXIO;

	down_read(&provider_lock);
	if (provider.ops)
		len = sysfs_emit(buf, "%s\n", provider.ops->name);
	up_read(&provider_lock);
	return len;
}
CONFIGFS_ATTR_RO(tsm_report_, provider);

static ssize_t tsm_report_privlevel_floor_show(struct config_item *item, char *buf)
{
	ssize_t len = -ENXIO;

	down_read(&provider_lock);
	if (provider.ops)
		len = sysfs_emit(buf, "%u\n", provider.ops->privlevel_floor);
	up_read(&provider_lock);
	return len;
}
CONFIGFS_ATTR_RO(tsm_report_, privlevel_floor);

/* Reports */

static void drop_blobs(struct tsm_report *tsm)
{
	kvfree(tsm->outblob);
	kvfree(tsm->auxblob);
	kvfree(tsm->manifestblob);
	*tsm = (struct tsm_report) { .desc = tsm->desc };
}

static int make_report(struct report *report)
{
	int err;

	if (!report->tsm.desc.inblob_len)
		return -EINVAL;
	if (report->tsm.outblob && report->made == report->written)
		return 0;
	drop_blobs(&report->tsm);
	err = provider.ops->report_new(&report->tsm, provider.data);
	if (err)
		drop_blobs(&report->tsm);
	else
		report->made = report->written;
	return err;
}

/*
 * configfs reads twice: without a buffer for the size, and then the contents. If the
 * report has grown in between, a part of it would be useless.
 */
static ssize_t give_blob(void *buf, size_t count, const void *blob, size_t len)
{
	if (!buf)
		return len;
	if (len > count)
		return -EBUSY;
	memcpy(buf, blob, len);
	return len;
}

static ssize_t read_blob(struct config_item *item, void *buf, size_t count,
			 enum tsm_bin_attr_index which)
{
	struct report *report = to_report(item);
	struct tsm_report *tsm = &report->tsm;
	ssize_t ret = -ENXIO;

	down_read(&provider_lock);
	mutex_lock(&report->lock);
	if (provider.ops)
		ret = make_report(report);
	if (!ret) {
		switch (which) {
		case TSM_REPORT_OUTBLOB:
			ret = give_blob(buf, count, tsm->outblob, tsm->outblob_len);
			break;
		case TSM_REPORT_AUXBLOB:
			ret = give_blob(buf, count, tsm->auxblob, tsm->auxblob_len);
			break;
		default:
			ret = give_blob(buf, count, tsm->manifestblob,
					tsm->manifestblob_len);
			break;
		}
	}
	mutex_unlock(&report->lock);
	up_read(&provider_lock);
	return ret;
}

static ssize_t tsm_report_outblob_read(struct config_item *item, void *buf, size_t count)
{
	return read_blob(item, buf, count, TSM_REPORT_OUTBLOB);
}
CONFIGFS_BIN_ATTR_RO(tsm_report_, outblob, NULL, TSM_REPORT_OUTBLOB_MAX);

static ssize_t tsm_report_auxblob_read(struct config_item *item, void *buf, size_t count)
{
	return read_blob(item, buf, count, TSM_REPORT_AUXBLOB);
}
CONFIGFS_BIN_ATTR_RO(tsm_report_, auxblob, NULL, TSM_REPORT_OUTBLOB_MAX);

static ssize_t tsm_report_manifestblob_read(struct config_item *item, void *buf,
					    size_t count)
{
	return read_blob(item, buf, count, TSM_REPORT_MANIFESTBLOB);
}
CONFIGFS_BIN_ATTR_RO(tsm_report_, manifestblob, NULL, TSM_REPORT_OUTBLOB_MAX);

/* Directories */

static struct configfs_attribute *const attrs[NR_ATTRS] = {
	[TSM_REPORT_GENERATION]		= &tsm_report_attr_generation,
	[TSM_REPORT_PROVIDER]		= &tsm_report_attr_provider,
	[TSM_REPORT_PRIVLEVEL]		= &tsm_report_attr_privlevel,
	[TSM_REPORT_PRIVLEVEL_FLOOR]	= &tsm_report_attr_privlevel_floor,
	[TSM_REPORT_SERVICE_PROVIDER]	= &tsm_report_attr_service_provider,
	[TSM_REPORT_SERVICE_GUID]	= &tsm_report_attr_service_guid,
	[TSM_REPORT_SERVICE_MANIFEST_VER] = &tsm_report_attr_service_manifest_version,
};

static struct configfs_bin_attribute *const bin_attrs[NR_BIN_ATTRS] = {
	[TSM_REPORT_INBLOB]		= &tsm_report_attr_inblob,
	[TSM_REPORT_OUTBLOB]		= &tsm_report_attr_outblob,
	[TSM_REPORT_AUXBLOB]		= &tsm_report_attr_auxblob,
	[TSM_REPORT_MANIFESTBLOB]	= &tsm_report_attr_manifestblob,
};

static void report_release(struct config_item *item)
{
	struct report *report = to_report(item);

	drop_blobs(&report->tsm);
	kfree(report->tsm.desc.service_provider);
	mutex_destroy(&report->lock);
	kfree(report);
	atomic_dec(&provider.directories);
}

static struct configfs_item_operations report_ops = {
	.release	= report_release,
};

/* configfs of these trees has no visibility of files, so each directory has its own type. */
static void choose_files(struct report *report, const struct tsm_report_ops *ops)
{
	unsigned int i, n;

	for (i = n = 0; i < NR_ATTRS; i++) {
		if (!ops->report_attr_visible || ops->report_attr_visible(i))
			report->attrs[n++] = attrs[i];
	}
	for (i = n = 0; i < NR_BIN_ATTRS; i++) {
		if (!ops->report_bin_attr_visible || ops->report_bin_attr_visible(i))
			report->bin_attrs[n++] = bin_attrs[i];
	}
	report->type.ct_owner = THIS_MODULE;
	report->type.ct_item_ops = &report_ops;
	report->type.ct_attrs = report->attrs;
	report->type.ct_bin_attrs = report->bin_attrs;
}

static struct config_item *make_directory(struct config_group *group, const char *name)
{
	struct report *report = kzalloc(sizeof(*report), GFP_KERNEL);
	bool possible;

	if (!report)
		return ERR_PTR(-ENOMEM);
	mutex_init(&report->lock);

	down_read(&provider_lock);
	possible = provider.ops;
	if (possible) {
		choose_files(report, provider.ops);
		atomic_inc(&provider.directories);
	}
	up_read(&provider_lock);

	if (!possible) {
		kfree(report);
		return ERR_PTR(-ENXIO);
	}
	config_item_init_type_name(&report->item, name, &report->type);
	return &report->item;
}

static struct configfs_group_operations reports_ops = {
	.make_item	= make_directory,
};

static const struct config_item_type reports_type = {
	.ct_owner	= THIS_MODULE,
	.ct_group_ops	= &reports_ops,
};

static const struct config_item_type tsm_type = {
	.ct_owner	= THIS_MODULE,
};

static struct configfs_subsystem tsm = {
	.su_group = {
		.cg_item = {
			.ci_namebuf	= "tsm",
			.ci_type	= &tsm_type,
		},
	},
	.su_mutex = __MUTEX_INITIALIZER(tsm.su_mutex),
};

/* Providers */

/**
 * tsm_report_register() - register a provider of reports
 * @ops: the functions
 * @priv: for @ops->report_new()
 *
 * Context: May sleep.
 * Return: 0, or -EBUSY if there is a provider, or a directory of an earlier one.
 */
int tsm_report_register(const struct tsm_report_ops *ops, void *priv)
{
	const char *why = NULL;

	down_write(&provider_lock);
	if (provider.ops) {
		why = "there is another provider";
	} else if (atomic_read(&provider.directories)) {
		why = "reports of an earlier provider are left";
	} else {
		provider.ops = ops;
		provider.data = priv;
	}
	up_write(&provider_lock);
	if (!why)
		return 0;
	pr_err("%s: %s\n", ops->name, why);
	return -EBUSY;
}
EXPORT_SYMBOL_GPL(tsm_report_register);

/**
 * tsm_report_unregister() - unregister a provider of reports
 * @ops: as registered
 *
 * Context: May sleep. Waits for a report that is being made.
 * Return: 0, or -EBUSY if another is registered.
 */
int tsm_report_unregister(const struct tsm_report_ops *ops)
{
	int err = 0;

	down_write(&provider_lock);
	if (provider.ops == ops)
		provider.ops = NULL;
	else
		err = -EBUSY;
	up_write(&provider_lock);
	return err;
}
EXPORT_SYMBOL_GPL(tsm_report_unregister);

static struct config_group *reports;

static int __init tsm_report_init(void)
{
	int err;

	config_group_init(&tsm.su_group);
	err = configfs_register_subsystem(&tsm);
	if (err)
		return err;
	reports = configfs_register_default_group(&tsm.su_group, "report", &reports_type);
	if (IS_ERR(reports)) {
		configfs_unregister_subsystem(&tsm);
		return PTR_ERR(reports);
	}
	return 0;
}
module_init(tsm_report_init);

static void __exit tsm_report_exit(void)
{
	configfs_unregister_default_group(reports);
	configfs_unregister_subsystem(&tsm);
}
module_exit(tsm_report_exit);

MODULE_DESCRIPTION("Reports of a trusted security module in configfs");
MODULE_LICENSE("GPL");
