// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hibernation of a protected VM, which pguest.hibernate=on allows.
 *
 * An image has all memory, and replaces the kernel that starts it. On a disk that is not
 * encrypted the host reads the image, and it can put another one there: so the owner has
 * to ask for it.
 *
 * In the image nothing is shared: before it is made all that is shared becomes private,
 * and is shared again afterwards, as it is when the image runs. Its ledger is the list.
 * The kernel that starts the image takes back what it has shared itself in the same way.
 * That is done on the last CPU, after all devices and the ITS have been suspended.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/panic.h>
#include <linux/pguest_hibernate.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/string.h>
#include <linux/suspend.h>

#include <asm/pguest.h>
#include <compat/sha256.h>
#include <compat/syscore.h>

static bool allowed __ro_after_init;

/*
 * @scratch: has the contents of a granule while its state changes; NULL if no hibernation
 *	     is under way
 * @cookie: is in the image, and differs each time
 * @restarted: the image runs, and not the kernel that has made it
 */
static struct {
	void *scratch;
	unsigned long cookie;
	bool restarted;
} hibernation;

/* Not in the image: there is what the kernel before it has, or the kernel that made it. */
static unsigned long cookie_outside __nosavedata;

static void keep_contents(phys_addr_t start, phys_addr_t end, bool back)
{
	void *at = phys_to_virt(start);

	if (back)
		memcpy(at, hibernation.scratch, end - start);
	else
		memcpy(hibernation.scratch, at, end - start);
}

static int suspend_sharing(void *data)
{
	phys_addr_t at;
	int err;

	if (!hibernation.scratch)
		return 0;
	pguest_gic_suspend();
	err = pguest_space_suspend(&pguest_memory, keep_contents, &at);
	if (err == -EIO)
		panic("pguest: no hibernation: the state of the memory at %pa is not known\n",
		      &at);
	if (err) {
		pr_err("no hibernation: %pa cannot be taken back from the host: %d\n", &at, err);
		pguest_gic_resume();
		return err;
	}
	pr_info("hibernation: %lu granules taken back from the host\n", pguest_memory.ledger.now);
	return 0;
}

/* Devices of the VM that made the image are granted, since the other kernel had its own. */
static void enter_machine(void)
{
	phys_addr_t at;
	int err = pguest_guard_again(&pguest_devices, &at);

	if (err)
		panic("pguest: hibernation: the device at %pa cannot be mapped again: %d\n",
		      &at, err);
}

/*
 * A device would be given addresses of memory that it cannot reach, and the kernel would
 * count as shared what is private: there is nothing to go on with.
 */
static void share_again(void)
{
	phys_addr_t at;
	int err = pguest_space_resume(&pguest_memory, keep_contents, &at);

	if (err)
		panic("pguest: hibernation: the memory at %pa cannot be shared again: %d\n",
		      &at, err);
	pr_info("hibernation: %lu granules shared again\n", pguest_memory.ledger.now);
}

static void resume_sharing(void *data)
{
	if (!hibernation.scratch)
		return;
	hibernation.restarted = cookie_outside != hibernation.cookie;
	if (hibernation.restarted)
		enter_machine();
	share_again();
	pguest_gic_resume();
	if (hibernation.restarted)
		pguest_steal_again();
}

static void add_number(struct compat_sha256_ctx *ctx, u64 number)
{
	sha256_update(ctx, (const u8 *)&number, sizeof(number));
}

/* All RAM. The page of a key that no image has is a region of its own. */
static void digest_memory(struct compat_sha256_ctx *ctx)
{
	struct memblock_region *r;

	for_each_mem_region(r) {
		add_number(ctx, r->base);
		add_number(ctx, r->size);
		add_number(ctx, memblock_is_nomap(r));
	}
}

/* Behind pguest_hibernate_mark(). */
void __pguest_hibernate_mark(char *version, size_t size)
{
	const struct pguest_backend *backend = pguest_backend;
	struct compat_sha256_ctx ctx;
	u8 digest[SHA256_DIGEST_SIZE];

	sha256_init(&ctx);
	sha256_update(&ctx, (const u8 *)version, size);
	sha256_update(&ctx, (const u8 *)backend->ops->name, strlen(backend->ops->name));
	add_number(&ctx, backend->granule);
	add_number(&ctx, backend->mmio_granule);
	add_number(&ctx, backend->shared_bit);
	digest_memory(&ctx);
	sha256_final(&ctx, digest);
	scnprintf(version, size, "%*phN", (int)sizeof(digest), digest);
}

COMPAT_DEFINE_SYSCORE(sharing, suspend_sharing, resume_sharing);

static int begin_sleep(void)
{
	if (pguest_memory.ledger.lost) {
		pr_err("no hibernation: %lu granules are lost\n", pguest_memory.ledger.lost);
		return -EIO;
	}
	/* Whole pages, of which it needs one for each that a granule has. */
	hibernation.scratch = alloc_pages_exact(pguest_backend->granule, GFP_KERNEL);
	if (!hibernation.scratch)
		return -ENOMEM;
	hibernation.restarted = false;
	hibernation.cookie = get_random_long();
	cookie_outside = hibernation.cookie;
	return 0;
}

/* An image can be started more than once, each time with the generator as it was. */
static void reseed_generator(void)
{
#if IS_ENABLED(CONFIG_VMGENID)
	add_vmfork_randomness(&hibernation.cookie, sizeof(hibernation.cookie));
#endif
}

static void end_sleep(void)
{
	if (!hibernation.scratch)
		return;
	free_pages_exact(hibernation.scratch, pguest_backend->granule);
	hibernation.scratch = NULL;
	if (hibernation.restarted)
		reseed_generator();
}

static int prepare_sleep(const char *refusal)
{
	if (allowed)
		return begin_sleep();
	pr_err("%s\n", refusal);
	return -EPERM;
}

static const char no_image[] =
	"no hibernation: it would write all memory out for the host to read";

static int follow_sleep(struct notifier_block *nb, unsigned long event, void *data)
{
	int err = 0;

	switch (event) {
	case PM_HIBERNATION_PREPARE:
		err = prepare_sleep(no_image);
		break;
	case PM_RESTORE_PREPARE:
		err = prepare_sleep("no resume: the host could have made the image");
		break;
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		end_sleep();
		break;
	}
	return notifier_from_errno(err);
}

static struct notifier_block follower = { .notifier_call = follow_sleep };

static int __init watch_hibernation(void)
{
	if (!pguest_active())
		return 0;
	if (allowed)
		pr_warn("hibernation is allowed: who reads an image has all memory, who writes one this VM\n");
	return register_pm_notifier(&follower);
}
core_initcall(watch_hibernation);

/*
 * The first that is registered is suspended last and resumed first: so this has to be
 * before the driver of the ITS, whose tables are shared memory.
 */
static int __init hibernate_param(char *value)
{
	if (!value || strcmp(value, "on")) {
		pr_warn("pguest.hibernate=%s is not known; on is\n", value ?: "");
		return 0;
	}
	if (pguest_active() && !allowed) {
		allowed = true;
		compat_register_syscore(&sharing);
	}
	return 0;
}
early_param("pguest.hibernate", hibernate_param);
