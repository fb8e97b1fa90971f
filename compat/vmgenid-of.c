// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VM's generation ID from a device tree ("microsoft,vmgenid"), for trees before
 * Linux 6.10, whose driver supports ACPI only.
 *
 * The host writes a new ID and raises an interrupt when the VM was cloned or restored.
 * The new ID reseeds the random number generator without credit.
 */
#include <linux/err.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/pguest_hostpage.h>
#include <linux/platform_device.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#define ID_SIZE	16

/*
 * @page: the page of the host, which can change at any time
 * @id: the ID that was read last
 */
struct generation {
	const void *page;
	u8 id[ID_SIZE];
};

/* In a thread, because notifiers of a fork of the VM may sleep. */
static irqreturn_t generation_changed(int irq, void *data)
{
	struct generation *gen = data;
	u8 id[ID_SIZE];

	memcpy(id, gen->page, ID_SIZE);
	if (!memcmp(id, gen->id, ID_SIZE))
		return IRQ_HANDLED;
	memcpy(gen->id, id, ID_SIZE);
	add_vmfork_randomness(id, ID_SIZE);
	return IRQ_HANDLED;
}

static int generation_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct generation *gen;
	struct resource *res;
	int irq;

	res = platform_get_resource(pdev, IORESOURCE_MEM, 0);
	if (!res || resource_size(res) < ID_SIZE)
		return -EINVAL;
	irq = platform_get_irq(pdev, 0);
	if (irq < 0)
		return irq;
	gen = devm_kzalloc(dev, sizeof(*gen), GFP_KERNEL);
	if (!gen)
		return -ENOMEM;
	gen->page = pguest_devm_host_page(dev, res->start, ID_SIZE, PGUEST_GENERATION);
	if (IS_ERR(gen->page))
		return PTR_ERR(gen->page);
	memcpy(gen->id, gen->page, ID_SIZE);
	add_device_randomness(gen->id, ID_SIZE);
	return devm_request_threaded_irq(dev, irq, NULL, generation_changed,
					 IRQF_ONESHOT | IRQF_SHARED, "vmgenid", gen);
}

static const struct of_device_id generation_ids[] = {
	{ .compatible = "microsoft,vmgenid" },
	{ }
};
MODULE_DEVICE_TABLE(of, generation_ids);

static struct platform_driver generation_driver = {
	.probe	= generation_probe,
	.driver	= {
		.name		= "vmgenid",
		.of_match_table	= generation_ids,
	},
};
module_platform_driver(generation_driver);

MODULE_DESCRIPTION("Generation ID of the VM, by device tree");
MODULE_LICENSE("GPL");
