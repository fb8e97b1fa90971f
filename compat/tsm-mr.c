// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measurement registers in sysfs for trees before Linux 6.16, which have no
 * <linux/tsm-mr.h>: files "measurements/NAME:HASH" by the same ABI.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/tsm-mr.h>

struct mr_group;

struct mr_file {
	struct bin_attribute attr;
	struct mr_group *owner;
	const struct tsm_measurement_register *mr;
};

struct mr_group {
	struct attribute_group group;
	const struct tsm_measurements *tm;
	struct mutex lock;	/* the values of the registers */
	struct mr_file *files;
	struct bin_attribute *list[];
};

static ssize_t mr_read(struct file *filp, struct kobject *kobj,
		       struct bin_attribute *attr, char *buf, loff_t off, size_t count)
{
	struct mr_file *file = container_of(attr, struct mr_file, attr);
	const struct tsm_measurements *tm = file->owner->tm;
	const struct tsm_measurement_register *mr = file->mr;
	ssize_t ret = 0;

	if (mutex_lock_interruptible(&file->owner->lock))
		return -EINTR;
	if (mr->mr_flags & TSM_MR_F_LIVE)
		ret = tm->refresh(tm);
	if (!ret)
		ret = memory_read_from_buffer(buf, count, &off, mr->mr_value,
					      mr->mr_size);
	mutex_unlock(&file->owner->lock);
	return ret;
}

/* A register is extended by one write of its size; partial writes are refused. */
static ssize_t mr_write(struct file *filp, struct kobject *kobj,
			struct bin_attribute *attr, char *buf, loff_t off, size_t count)
{
	struct mr_file *file = container_of(attr, struct mr_file, attr);
	const struct tsm_measurements *tm = file->owner->tm;
	int err;

	if (off || count != file->mr->mr_size)
		return -EINVAL;
	if (mutex_lock_interruptible(&file->owner->lock))
		return -EINTR;
	err = tm->write(tm, file->mr, buf);
	mutex_unlock(&file->owner->lock);
	return err ?: count;
}

static bool mr_valid(const struct tsm_measurements *tm,
		     const struct tsm_measurement_register *mr)
{
	if (!mr->mr_name || !mr->mr_value || !mr->mr_size)
		return false;
	if ((mr->mr_flags & TSM_MR_F_LIVE) && !tm->refresh)
		return false;
	if ((mr->mr_flags & TSM_MR_F_WRITABLE) && !tm->write)
		return false;
	return (mr->mr_flags & TSM_MR_F_NOHASH) || mr->mr_hash < HASH_ALGO__LAST;
}

static const char *mr_file_name(const struct tsm_measurement_register *mr)
{
	if (mr->mr_flags & TSM_MR_F_NOHASH)
		return kstrdup(mr->mr_name, GFP_KERNEL);
	return kasprintf(GFP_KERNEL, "%s:%s", mr->mr_name, hash_algo_name[mr->mr_hash]);
}

static int mr_file_init(struct mr_file *file, struct mr_group *owner,
			const struct tsm_measurement_register *mr)
{
	struct bin_attribute *attr = &file->attr;

	file->owner = owner;
	file->mr = mr;
	sysfs_bin_attr_init(attr);
	attr->attr.name = mr_file_name(mr);
	if (!attr->attr.name)
		return -ENOMEM;
	attr->size = mr->mr_size;
	if (mr->mr_flags & TSM_MR_F_READABLE) {
		attr->attr.mode |= 0444;
		attr->read = mr_read;
	}
	if (mr->mr_flags & TSM_MR_F_WRITABLE) {
		attr->attr.mode |= 0200;
		attr->write = mr_write;
	}
	return 0;
}

static void mr_group_free(struct mr_group *group)
{
	size_t i;

	for (i = 0; i < group->tm->nr_mrs; i++)
		kfree(group->files[i].attr.attr.name);
	mutex_destroy(&group->lock);
	kfree(group->files);
	kfree(group);
}

/**
 * tsm_mr_create_attribute_group() - create the files of measurement registers
 * @tm: the registers; used until tsm_mr_free_attribute_group()
 *
 * Context: May sleep.
 * Return: a group for the driver core, or an ERR_PTR(): -EINVAL for an invalid
 * register, or -ENOMEM.
 */
const struct attribute_group *
tsm_mr_create_attribute_group(const struct tsm_measurements *tm)
{
	struct mr_group *group;
	size_t i;

	if (!tm || !tm->mrs)
		return ERR_PTR(-EINVAL);
	for (i = 0; i < tm->nr_mrs; i++) {
		if (!mr_valid(tm, &tm->mrs[i]))
			return ERR_PTR(-EINVAL);
	}

	group = kzalloc(struct_size(group, list, tm->nr_mrs + 1), GFP_KERNEL);
	if (!group)
		return ERR_PTR(-ENOMEM);
	group->files = kcalloc(tm->nr_mrs, sizeof(*group->files), GFP_KERNEL);
	if (!group->files) {
		kfree(group);
		return ERR_PTR(-ENOMEM);
	}
	mutex_init(&group->lock);
	group->tm = tm;
	group->group.name = "measurements";
	group->group.bin_attrs = group->list;

	for (i = 0; i < tm->nr_mrs; i++) {
		if (mr_file_init(&group->files[i], group, &tm->mrs[i])) {
			mr_group_free(group);
			return ERR_PTR(-ENOMEM);
		}
		group->list[i] = &group->files[i].attr;
	}
	return &group->group;
}
EXPORT_SYMBOL_GPL(tsm_mr_create_attribute_group);

/**
 * tsm_mr_free_attribute_group() - free what tsm_mr_create_attribute_group() allocated
 * @attr_grp: what tsm_mr_create_attribute_group() returned
 *
 * Context: May sleep. The device must have been removed.
 */
void tsm_mr_free_attribute_group(const struct attribute_group *attr_grp)
{
	if (!IS_ERR_OR_NULL(attr_grp))
		mr_group_free(container_of(attr_grp, struct mr_group, group));
}
EXPORT_SYMBOL_GPL(tsm_mr_free_attribute_group);
