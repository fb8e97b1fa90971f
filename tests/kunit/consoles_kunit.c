// SPDX-License-Identifier: GPL-2.0-only
/*
 * A virtio console is a terminal of hvc_console.c, which a host can remove while a program
 * opens it.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/kdev_t.h>
#include <linux/tty.h>
#include <linux/tty_port.h>

#include <asm/pguest.h>

#include <hvc_console.h>

#define MAJOR_OF_HVC	229	/* Documentation/admin-guide/devices.txt */
#define VTERMNO		0x7067

/* It is in the list of consoles as long as this is there. */
static struct going {
	const struct tty_port_operations *ops;
	int index;
	bool ended, opened;
} going;

/* The last reference is gone; the driver's own callback takes it out of the list. */
static void open_it_once_more(struct tty_port *port)
{
	struct tty_struct *tty = tty_kopen_exclusive(MKDEV(MAJOR_OF_HVC, going.index));

	going.ended = true;
	going.opened = !IS_ERR(tty);
	/* To close it would free the console twice. */
	if (going.opened)
		tty_unlock(tty);
	else
		going.ops->destruct(port);
}

static const struct tty_port_operations ops_of_going = {
	.destruct = open_it_once_more,
};

static void a_console_that_goes_is_not_opened(struct kunit *test)
{
	static const struct hv_ops no_ops;
	struct hvc_struct *hp;

	if (!pguest_active())
		kunit_skip(test, "this takes a protected VM");
	hp = hvc_alloc(VTERMNO, 0, &no_ops, 16);
	KUNIT_ASSERT_FALSE(test, IS_ERR(hp));
	going = (struct going){ .ops = hp->port.ops, .index = hp->index };
	hp->port.ops = &ops_of_going;
	hvc_remove(hp);
	KUNIT_EXPECT_TRUE(test, going.ended);
	KUNIT_EXPECT_FALSE(test, going.opened);
}

static struct kunit_case consoles_cases[] = {
	KUNIT_CASE(a_console_that_goes_is_not_opened),
	{ }
};

static struct kunit_suite consoles_suite = {
	.name = "pguest_consoles",
	.test_cases = consoles_cases,
};

kunit_test_suite(consoles_suite);
