// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of drivers that may be bound: its syntax, and which of two words takes effect.
 */
#include <kunit/test.h>
#include <linux/device.h>
#include <linux/pguest_devices.h>
#include <linux/platform_device.h>
#include <linux/string.h>

#include <asm/pguest.h>

#include "../../drivers/virt/device_policy.h"

static struct pguest_driver_list *new_list(struct kunit *test)
{
	struct pguest_driver_list *list = kunit_kzalloc(test, sizeof(*list), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, list);
	return list;
}

static int list_parse(struct pguest_driver_list *list, const char *text)
{
	return pguest_drivers_parse(list, text, strlen(text));
}

static bool list_allows(const struct pguest_driver_list *list, const char *driver)
{
	const struct pguest_rule *why;

	return pguest_drivers_allow(list, driver, &why);
}

static void default_is_what_was_tested(struct kunit *test)
{
	static const struct {
		const char *driver;
		bool allow;
	} drivers[] = {
		{ "virtio:virtio_blk", true },		{ "virtio:virtio_net", true },
		{ "virtio:virtio_console", true },	{ "virtio:virtio_rng", true },
		{ "virtio:virtio_balloon", true },	{ "pci:virtio-pci", true },
		{ "platform:pci-host-generic", true },	{ "amba:uart-pl011", true },
		{ "irqchip:arm,gic-v3", true },		{ "psci:arm,psci-1.0", true },
		{ "kernel:alarmtimer", true },		{ "serial-base:port", true },

		{ "virtio:9pnet_virtio", false },	{ "virtio:virtiofs", false },
		{ "virtio:virtio_scsi", false },	{ "virtio:virtio_gpu", false },
		{ "virtio:virtio_input", false },	{ "virtio:virtio_iommu", false },
		{ "pci:nvme", false },			{ "pci:pcieport", false },
		{ "usb:usb-storage", false },		{ "platform:qemu_fw_cfg", false },
		{ "platform:gpio-keys", false },	{ "amba:pl061_gpio", false },
		{ "irqchip:arm,gic-400", false },	{ "psci:arm,psci", false },
		{ "smp:spin-table", false },		{ "earlycon:uart8250", false },
		{ "kernel:rtc-efi", false },		{ "kernel:GHES", false },
		{ "virtio:virtio_blk2", false },	{ "virtio:", false },
		{ "pci:virtio_blk", false },		{ "", false },
	};
	struct pguest_driver_list *list = new_list(test);
	int i;

	for (i = 0; i < ARRAY_SIZE(drivers); i++)
		KUNIT_EXPECT_EQ_MSG(test, list_allows(list, drivers[i].driver), drivers[i].allow,
				    "%s", drivers[i].driver);
}

static void words_add_and_take_out(struct kunit *test)
{
	struct pguest_driver_list *list = new_list(test);

	KUNIT_EXPECT_EQ(test, 0,
			list_parse(list, "+virtio:9pnet_virtio,-virtio:virtio_rng,+usb:*"));
	KUNIT_EXPECT_TRUE(test, list_allows(list, "virtio:9pnet_virtio"));
	KUNIT_EXPECT_FALSE(test, list_allows(list, "virtio:virtio_rng"));
	KUNIT_EXPECT_TRUE(test, list_allows(list, "usb:hub"));
	KUNIT_EXPECT_TRUE(test, list_allows(list, "virtio:virtio_blk"));
	KUNIT_EXPECT_FALSE(test, list_allows(list, "virtio:virtio_scsi"));
}

static void the_last_word_counts(struct kunit *test)
{
	struct pguest_driver_list *list = new_list(test);

	KUNIT_EXPECT_EQ(test, list_parse(list, "+*,-usb:*,+usb:hub"), 0);
	KUNIT_EXPECT_TRUE(test, list_allows(list, "pci:nvme"));
	KUNIT_EXPECT_FALSE(test, list_allows(list, "usb:usb-storage"));
	KUNIT_EXPECT_TRUE(test, list_allows(list, "usb:hub"));
	KUNIT_EXPECT_EQ(test, list_parse(list, "-usb:hub"), 0);
	KUNIT_EXPECT_FALSE(test, list_allows(list, "usb:hub"));
}

static void first_word_without_a_sign_begins_anew(struct kunit *test)
{
	struct pguest_driver_list *list = new_list(test);

	KUNIT_EXPECT_EQ(test, list_parse(list, "+virtio:virtio_scsi"), 0);
	KUNIT_EXPECT_EQ(test, list_parse(list, "virtio:virtio_blk,pci:virtio-pci"), 0);
	KUNIT_EXPECT_TRUE(test, list_allows(list, "virtio:virtio_blk"));
	KUNIT_EXPECT_TRUE(test, list_allows(list, "pci:virtio-pci"));
	KUNIT_EXPECT_FALSE(test, list_allows(list, "virtio:virtio_net"));
	KUNIT_EXPECT_FALSE(test, list_allows(list, "virtio:virtio_scsi"));
	KUNIT_EXPECT_FALSE(test, list_allows(list, "kernel:alarmtimer"));
}

static void nonsense_is_left_out_and_the_rest_counts(struct kunit *test)
{
	static const char * const nonsense[] = {
		"+", "-", "+virtio", "+,+", ",", "+virtio_blk", "-x",
	};
	struct pguest_driver_list *list = new_list(test);
	char text[PGUEST_DRIVER_LEN + 8];
	int i;

	for (i = 0; i < ARRAY_SIZE(nonsense); i++)
		KUNIT_EXPECT_EQ_MSG(test, list_parse(list, nonsense[i]), -EINVAL, "%s",
				    nonsense[i]);
	list->replaced = false;
	KUNIT_EXPECT_EQ(test, list->nr, 0U);

	KUNIT_EXPECT_EQ(test, list_parse(list, "+nothing,+pci:nvme"), -EINVAL);
	KUNIT_EXPECT_TRUE(test, list_allows(list, "pci:nvme"));

	/* One more than fits, and one that does. */
	memset(text, 'x', sizeof(text));
	memcpy(text, "+a:", 3);
	KUNIT_EXPECT_EQ(test, pguest_drivers_parse(list, text, PGUEST_DRIVER_LEN + 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, pguest_drivers_parse(list, text, PGUEST_DRIVER_LEN), 0);
	KUNIT_EXPECT_EQ(test, list_parse(list, ""), 0);
}

static void more_words_than_fit(struct kunit *test)
{
	struct pguest_driver_list *list = new_list(test);
	unsigned int i;

	for (i = 0; i < PGUEST_RULES; i++)
		KUNIT_EXPECT_EQ(test, list_parse(list, "+a:b"), 0);
	KUNIT_EXPECT_EQ(test, list_parse(list, "+*"), -ENOSPC);
	KUNIT_EXPECT_TRUE(test, list_allows(list, "a:b"));
	KUNIT_EXPECT_FALSE(test, list_allows(list, "pci:nvme"));
}

static void rule_that_decides_is_reported(struct kunit *test)
{
	struct pguest_driver_list *list = new_list(test);
	const struct pguest_rule *why;

	KUNIT_EXPECT_EQ(test, list_parse(list, "-virtio:*"), 0);
	KUNIT_EXPECT_FALSE(test, pguest_drivers_allow(list, "virtio:virtio_blk", &why));
	KUNIT_ASSERT_NOT_NULL(test, why);
	KUNIT_EXPECT_STREQ(test, why->pattern, "virtio:*");
	KUNIT_EXPECT_FALSE(test, pguest_drivers_allow(list, "pci:nvme", &why));
	KUNIT_EXPECT_NULL(test, why);
}

static int fake_probe(struct platform_device *pdev)
{
	return 0;
}

static struct platform_driver fake_driver = {
	.probe = fake_probe,
	.driver = { .name = "pguest-fake" },
};

/* By the driver core. A platform device without resources is made by the kernel itself. */
static void driver_core_asks(struct kunit *test)
{
	struct resource registers = DEFINE_RES_MEM(0x1000, 0x1000);
	struct platform_device *own, *shown, *child;
	struct platform_device_info info = {
		.name = "pguest-fake", .id = 2, .res = &registers, .num_res = 1,
	};

	KUNIT_ASSERT_EQ(test, platform_driver_register(&fake_driver), 0);
	own = platform_device_register_simple("pguest-fake", 1, NULL, 0);
	shown = platform_device_register_full(&info);
	KUNIT_ASSERT_FALSE(test, IS_ERR(own) || IS_ERR(shown));
	info.id = 3;
	info.num_res = 0;
	info.parent = &shown->dev;
	child = platform_device_register_full(&info);
	KUNIT_ASSERT_FALSE(test, IS_ERR(child));

	KUNIT_EXPECT_NOT_NULL(test, own->dev.driver);
	KUNIT_EXPECT_EQ(test, !shown->dev.driver, pguest_active());
	KUNIT_EXPECT_EQ(test, !child->dev.driver, pguest_active());

	platform_device_unregister(child);
	platform_device_unregister(shown);
	platform_device_unregister(own);
	platform_driver_unregister(&fake_driver);
}

static struct kunit_case devices_cases[] = {
	KUNIT_CASE(default_is_what_was_tested),
	KUNIT_CASE(words_add_and_take_out),
	KUNIT_CASE(the_last_word_counts),
	KUNIT_CASE(first_word_without_a_sign_begins_anew),
	KUNIT_CASE(nonsense_is_left_out_and_the_rest_counts),
	KUNIT_CASE(more_words_than_fit),
	KUNIT_CASE(rule_that_decides_is_reported),
	KUNIT_CASE(driver_core_asks),
	{ }
};

static struct kunit_suite devices_suite = {
	.name = "pguest_devices",
	.test_cases = devices_cases,
};

kunit_test_suite(devices_suite);
