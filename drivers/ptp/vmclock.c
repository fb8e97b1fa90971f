// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's clock as a PTP clock: "vmclock".
 *
 * The host writes the time into a page, as a function of the guest's counter. In a
 * protected VM that page must be shared first. vmclock_page.c reads and checks the page;
 * this file has the device, the PTP clock and the files in sysfs.
 */
#include <linux/bitops.h>
#include <linux/clocksource_ids.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/pguest_hostpage.h>
#include <linux/platform_device.h>
#include <linux/ptp_clock_kernel.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>

#include <asm/arch_timer.h>

#include <compat/crosststamp.h>

#include "vmclock.h"

/*
 * @said: faults that were logged
 */
struct vmclock_device {
	struct device *dev;
	struct vmclock clock;
	struct ptp_clock_info info;
	unsigned long said;
};

static u64 read_counter(void)
{
	return arch_timer_read_counter();
}

/* Log each fault once, because the host can cause it at any time. */
static int log_fault(struct vmclock_device *vc, enum vmclock_fault fault)
{
	if (fault && !test_and_set_bit(fault, &vc->said))
		dev_warn(vc->dev, "no time from the host's page: %s\n", vmclock_why(fault));
	return vmclock_errno(fault);
}

static int read_time(struct vmclock_device *vc, struct vmclock_reading *reading,
		     struct ptp_system_timestamp *sts)
{
	return log_fault(vc, vmclock_read(&vc->clock, reading, sts));
}

/* The clock */

static struct vmclock_device *to_device(struct ptp_clock_info *info)
{
	return container_of(info, struct vmclock_device, info);
}

static int vmclock_gettimex64(struct ptp_clock_info *info, struct timespec64 *ts,
			      struct ptp_system_timestamp *sts)
{
	struct vmclock_reading reading;
	int err = read_time(to_device(info), &reading, sts);

	if (!err)
		*ts = ktime_to_timespec64(reading.time);
	return err;
}

static int get_time(ktime_t *time, struct compat_counterval *counter, void *ctx)
{
	struct vmclock_reading reading;
	int err = read_time(ctx, &reading, NULL);

	if (err)
		return err;
	*time = reading.time;
	counter->cycles = reading.counter;
	counter->cs_id = CSID_ARM_ARCH_COUNTER;
	return 0;
}

static int vmclock_getcrosststamp(struct ptp_clock_info *info,
				  struct system_device_crosststamp *stamp)
{
	return compat_crosststamp(get_time, to_device(info), stamp);
}

/* The clock belongs to the host, and cannot be set. */
static int vmclock_settime64(struct ptp_clock_info *info, const struct timespec64 *ts)
{
	return -EOPNOTSUPP;
}

static int vmclock_adjtime(struct ptp_clock_info *info, s64 delta)
{
	return -EOPNOTSUPP;
}

static int vmclock_adjfine(struct ptp_clock_info *info, long delta)
{
	return -EOPNOTSUPP;
}

static int vmclock_enable(struct ptp_clock_info *info, struct ptp_clock_request *request,
			  int on)
{
	return -EOPNOTSUPP;
}

static const struct ptp_clock_info vmclock_info = {
	.owner		= THIS_MODULE,
	.name		= "vmclock",
	.gettimex64	= vmclock_gettimex64,
	.getcrosststamp	= vmclock_getcrosststamp,
	.settime64	= vmclock_settime64,
	.adjtime	= vmclock_adjtime,
	.adjfine	= vmclock_adjfine,
	.enable		= vmclock_enable,
};

/* The files */

static int copy_clock_page(struct device *dev, struct vmclock_abi *copy)
{
	struct vmclock_device *vc = dev_get_drvdata(dev);

	return log_fault(vc, vmclock_copy(&vc->clock, copy));
}

static ssize_t disruption_marker_show(struct device *dev, struct device_attribute *attr,
				      char *buf)
{
	struct vmclock_abi copy;
	int err = copy_clock_page(dev, &copy);

	return err ?: sysfs_emit(buf, "%llu\n", le64_to_cpu(copy.disruption_marker));
}
static DEVICE_ATTR_RO(disruption_marker);

static ssize_t generation_show(struct device *dev, struct device_attribute *attr,
			       char *buf)
{
	struct vmclock_abi copy;
	int err = copy_clock_page(dev, &copy);

	if (!err && !(le64_to_cpu(copy.flags) & VMCLOCK_FLAG_VM_GEN_COUNTER_PRESENT))
		err = -ENODATA;
	return err ?: sysfs_emit(buf, "%llu\n", le64_to_cpu(copy.vm_generation_counter));
}
static DEVICE_ATTR_RO(generation);

static ssize_t clock_status_show(struct device *dev, struct device_attribute *attr,
				 char *buf)
{
	static const char * const names[] = {
		[VMCLOCK_STATUS_UNKNOWN]	= "unknown",
		[VMCLOCK_STATUS_INITIALIZING]	= "initializing",
		[VMCLOCK_STATUS_SYNCHRONIZED]	= "synchronized",
		[VMCLOCK_STATUS_FREERUNNING]	= "freerunning",
		[VMCLOCK_STATUS_UNRELIABLE]	= "unreliable",
	};
	struct vmclock_abi copy;
	int err = copy_clock_page(dev, &copy);

	if (!err && copy.clock_status >= ARRAY_SIZE(names))
		err = -EPROTO;
	return err ?: sysfs_emit(buf, "%s\n", names[copy.clock_status]);
}
static DEVICE_ATTR_RO(clock_status);

static ssize_t max_error_ns_show(struct device *dev, struct device_attribute *attr,
				 char *buf)
{
	struct vmclock_reading reading;
	int err = read_time(dev_get_drvdata(dev), &reading, NULL);

	if (!err && reading.error == VMCLOCK_UNSTATED)
		err = -ENODATA;
	return err ?: sysfs_emit(buf, "%llu\n", reading.error);
}
static DEVICE_ATTR_RO(max_error_ns);

static ssize_t disruptions_show(struct device *dev, struct device_attribute *attr,
				char *buf)
{
	struct vmclock_device *vc = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%llu\n", READ_ONCE(vc->clock.disruptions));
}
static DEVICE_ATTR_RO(disruptions);

static ssize_t refused_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct vmclock_device *vc = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%llu\n", READ_ONCE(vc->clock.refused));
}
static DEVICE_ATTR_RO(refused);

static struct attribute *vmclock_attrs[] = {
	&dev_attr_disruption_marker.attr,
	&dev_attr_generation.attr,
	&dev_attr_clock_status.attr,
	&dev_attr_max_error_ns.attr,
	&dev_attr_disruptions.attr,
	&dev_attr_refused.attr,
	NULL
};
ATTRIBUTE_GROUPS(vmclock);

/* The device */

static void unregister_clock(void *clock)
{
	ptp_clock_unregister(clock);
}

static int register_clock(struct vmclock_device *vc)
{
	struct ptp_clock *clock;

	vc->info = vmclock_info;
	clock = ptp_clock_register(&vc->info, vc->dev);
	if (IS_ERR_OR_NULL(clock))
		return PTR_ERR_OR_ZERO(clock);
	return devm_add_action_or_reset(vc->dev, unregister_clock, clock);
}

/* The driver core does not log -ENODEV. */
static int refuse_page(struct device *dev, enum vmclock_fault fault)
{
	dev_err(dev, "the host's clock page is refused: %s\n", vmclock_why(fault));
	return -ENODEV;
}

static int vmclock_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct vmclock_reading reading;
	struct vmclock_device *vc;
	enum vmclock_fault fault;
	struct resource *res;
	void *page;

	res = platform_get_resource(pdev, IORESOURCE_MEM, 0);
	if (!res || resource_size(res) < sizeof(struct vmclock_abi))
		return refuse_page(dev, VMCLOCK_SIZE_BAD);
	if (!IS_ALIGNED(res->start, sizeof(u64)))
		return refuse_page(dev, VMCLOCK_ADDRESS_BAD);
	vc = devm_kzalloc(dev, sizeof(*vc), GFP_KERNEL);
	if (!vc)
		return -ENOMEM;
	vc->dev = dev;
	platform_set_drvdata(pdev, vc);

	/* pguest_map_host_page() has logged an error. */
	page = pguest_devm_host_page(dev, res->start, sizeof(struct vmclock_abi),
				     PGUEST_CLOCK);
	if (IS_ERR(page))
		return -ENODEV;

	fault = vmclock_init(&vc->clock, page, resource_size(res), read_counter,
			     arch_timer_get_cntfrq());
	if (fault)
		return refuse_page(dev, fault);
	/* A host that is not ready may become so; an invalid page is refused for good. */
	fault = vmclock_read(&vc->clock, &reading, NULL);
	if (vmclock_errno(fault) == -EPROTO)
		return refuse_page(dev, fault);
	/* Some hosts report disruptions only. */
	if (fault == VMCLOCK_NO_COUNTER) {
		dev_info(dev, "the host reports disruptions, but no time\n");
		return 0;
	}
	log_fault(vc, fault);
	return register_clock(vc);
}

static const struct of_device_id vmclock_of_ids[] = {
	{ .compatible = "amazon,vmclock" },
	{ }
};
MODULE_DEVICE_TABLE(of, vmclock_of_ids);

static const struct acpi_device_id vmclock_acpi_ids[] = {
	{ "VMCLOCK" },
	{ }
};
MODULE_DEVICE_TABLE(acpi, vmclock_acpi_ids);

static struct platform_driver vmclock_driver = {
	.probe	= vmclock_probe,
	.driver	= {
		.name			= "vmclock",
		.of_match_table		= vmclock_of_ids,
		.acpi_match_table	= vmclock_acpi_ids,
		.dev_groups		= vmclock_groups,
	},
};
module_platform_driver(vmclock_driver);

MODULE_DESCRIPTION("Clock that the host keeps in a page");
MODULE_LICENSE("GPL");
