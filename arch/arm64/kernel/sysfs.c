// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/firmware/pguest: the protection of this VM, as far as every user may know it.
 *
 * No file here takes a lock or calls the hypervisor: any program may read it at any rate.
 */
#include <linux/compiler.h>
#include <linux/init.h>
#include <linux/kobject.h>
#include <linux/sysfs.h>

#include <asm/pguest.h>

static ssize_t hypervisor_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", pguest_backend->ops->name);
}

static ssize_t claim_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", pguest_backend->ops->claim);
}

static ssize_t granule_bytes_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", (u64)pguest_backend->granule);
}

static ssize_t shared_bytes_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(pguest_memory.ledger.now) *
			  (u64)pguest_backend->granule);
}

static ssize_t lost_bytes_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(pguest_memory.ledger.lost) *
			  (u64)pguest_backend->granule);
}

static struct kobj_attribute hypervisor_attr = __ATTR_RO(hypervisor);
static struct kobj_attribute claim_attr = __ATTR_RO(claim);
static struct kobj_attribute granule_bytes_attr = __ATTR_RO(granule_bytes);
static struct kobj_attribute shared_bytes_attr = __ATTR_RO(shared_bytes);
static struct kobj_attribute lost_bytes_attr = __ATTR_RO(lost_bytes);

static struct attribute *pguest_attrs[] = {
	&hypervisor_attr.attr,
	&claim_attr.attr,
	&granule_bytes_attr.attr,
	&shared_bytes_attr.attr,
	&lost_bytes_attr.attr,
	NULL
};

static const struct attribute_group pguest_group = { .attrs = pguest_attrs };

static int __init pguest_sysfs_init(void)
{
	struct kobject *dir;
	int err;

	if (!pguest_active())
		return 0;
	dir = kobject_create_and_add("pguest", firmware_kobj);
	if (!dir)
		return -ENOMEM;
	err = sysfs_create_group(dir, &pguest_group);
	if (err)
		kobject_put(dir);
	return err;
}
device_initcall(pguest_sysfs_init);
