// SPDX-License-Identifier: GPL-2.0-only
/*
 * A virtio console is a terminal of hvc_console.c, which a host can remove while a program
 * opens or closes it.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kdev_t.h>
#include <linux/panic.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <linux/tty_port.h>

#include <asm/pguest.h>

#include <compat/hvc.h>

#include <hvc_console.h>
#include <tty.h>

#define MAJOR_OF_HVC	229	/* Documentation/admin-guide/devices.txt */
#define VTERMNO		0x7067
#define WAIT_MS		2000

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

static struct hvc_struct *polled;

/* The port is gone, and a program closes the terminal: the poll has the last reference. */
static COMPAT_GET_CHARS(close_it)
{
	struct tty_struct *tty = polled->port.tty;

	if (!tty)
		return 0;
	tty_port_tty_set(&polled->port, NULL);
	tty_kref_put(tty);
	return -EPIPE;
}

static const struct hv_ops ops_of_closed = { .get_chars = close_it };

static bool freed;

static void note_end(struct tty_struct *tty)
{
	freed = true;
}

static const struct tty_operations ops_of_terminal = { .cleanup = note_end };

static void poll_while_it_closes(struct kunit *test, struct tty_driver *driver)
{
	struct tty_struct *tty = alloc_tty_struct(driver, 0);
	unsigned int waited;

	KUNIT_ASSERT_NOT_NULL(test, tty);
	tty_driver_kref_get(driver);	/* put by who frees the terminal */
	tty_port_tty_set(&polled->port, tty);
	freed = false;
	hvc_poll(polled);
	for (waited = 0; !READ_ONCE(freed) && waited < WAIT_MS; waited += 20)
		msleep(20);
	KUNIT_EXPECT_TRUE(test, freed);
}

static void a_console_that_closes_is_not_hung_up(struct kunit *test)
{
	unsigned long taint = get_taint();
	struct tty_driver *driver;

	if (!pguest_active())
		kunit_skip(test, "this takes a protected VM");
	driver = tty_alloc_driver(1, TTY_DRIVER_DYNAMIC_DEV);
	KUNIT_ASSERT_FALSE(test, IS_ERR(driver));
	driver->name = "pguest";
	driver->ops = &ops_of_terminal;
	polled = hvc_alloc(VTERMNO + 1, 0, &ops_of_closed, 16);
	KUNIT_EXPECT_FALSE(test, IS_ERR(polled));
	if (!IS_ERR(polled)) {
		poll_while_it_closes(test, driver);
		hvc_remove(polled);
	}
	tty_driver_kref_put(driver);
	KUNIT_EXPECT_EQ(test, get_taint(), taint);
}

static struct kunit_case consoles_cases[] = {
	KUNIT_CASE(a_console_that_goes_is_not_opened),
	KUNIT_CASE(a_console_that_closes_is_not_hung_up),
	{ }
};

static struct kunit_suite consoles_suite = {
	.name = "pguest_consoles",
	.test_cases = consoles_cases,
};

kunit_test_suite(consoles_suite);
