// SPDX-License-Identifier: GPL-2.0-only
/*
 * compat/tsm-mr.c: the files that are made of measurement registers. Not built
 * where the tree has an implementation of its own.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/tsm-mr.h>

#include <compat/kunit.h>

static u8 values[3][64];
static int answer;
static unsigned int refreshes, writes;
static const struct tsm_measurement_register *written;

static int count_refresh(const struct tsm_measurements *tm)
{
	refreshes++;
	if (!answer)
		memset(values[1], 0x40 + refreshes, 48);
	return answer;
}

static int count_write(const struct tsm_measurements *tm,
		       const struct tsm_measurement_register *mr, const u8 *data)
{
	writes++;
	written = mr;
	if (!answer)
		memcpy(mr->mr_value, data, mr->mr_size);
	return answer;
}

static const struct tsm_measurement_register mrs[] = {
	{ TSM_MR_(rim, SHA256), .mr_value = values[0] },
	{ .mr_name = "rem", .mr_value = values[1], .mr_size = 48,
	  .mr_flags = TSM_MR_F_READABLE | TSM_MR_F_RTMR, .mr_hash = HASH_ALGO_SHA384 },
	{ .mr_name = "plain", .mr_value = values[2], .mr_size = 8,
	  .mr_flags = TSM_MR_F_WRITABLE | TSM_MR_F_NOHASH },
};

static const struct tsm_measurements tm = {
	.mrs = mrs,
	.nr_mrs = ARRAY_SIZE(mrs),
	.refresh = count_refresh,
	.write = count_write,
};

static const struct attribute_group *group;

static ssize_t read_at(unsigned int file, char *buf, loff_t off, size_t count)
{
	struct bin_attribute *attr = group->bin_attrs[file];

	return attr->read(NULL, NULL, attr, buf, off, count);
}

static ssize_t write_at(unsigned int file, char *buf, loff_t off, size_t count)
{
	struct bin_attribute *attr = group->bin_attrs[file];

	return attr->write(NULL, NULL, attr, buf, off, count);
}

static int tsm_mr_init(struct kunit *test)
{
	memset(values, 0, sizeof(values));
	memset(values[0], 0xa5, 32);
	answer = 0;
	refreshes = 0;
	writes = 0;
	group = tsm_mr_create_attribute_group(&tm);
	return PTR_ERR_OR_ZERO(group);
}

static void tsm_mr_exit(struct kunit *test)
{
	tsm_mr_free_attribute_group(group);
}

static const struct file_case {
	const char *name;
	umode_t mode;
	size_t size;
} files[] = {
	{ "rim:sha256", 0444, 32 },
	{ "rem:sha384", 0644, 48 },
	{ "plain", 0200, 8 },
};

static void every_register_has_a_file(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_STREQ(test, group->name, "measurements");
	KUNIT_EXPECT_NULL(test, group->attrs);
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		const struct bin_attribute *attr = group->bin_attrs[i];

		KUNIT_EXPECT_STREQ(test, attr->attr.name, files[i].name);
		KUNIT_EXPECT_EQ(test, attr->attr.mode, files[i].mode);
		KUNIT_EXPECT_EQ(test, attr->size, files[i].size);
	}
	KUNIT_EXPECT_NULL(test, group->bin_attrs[i]);
}

static void read_gives_the_value(struct kunit *test)
{
	char buf[64];

	KUNIT_EXPECT_EQ(test, read_at(0, buf, 0, sizeof(buf)), 32);
	KUNIT_EXPECT_MEMEQ(test, buf, values[0], 32);
	KUNIT_EXPECT_EQ(test, read_at(0, buf, 30, sizeof(buf)), 2);
	KUNIT_EXPECT_EQ(test, read_at(0, buf, 32, sizeof(buf)), 0);
	KUNIT_EXPECT_EQ(test, read_at(0, buf, 0, 5), 5);
	KUNIT_EXPECT_EQ(test, refreshes, 0);
}

static void live_register_is_asked_every_time(struct kunit *test)
{
	char buf[64];

	KUNIT_EXPECT_EQ(test, read_at(1, buf, 0, sizeof(buf)), 48);
	KUNIT_EXPECT_EQ(test, buf[47], 0x41);
	KUNIT_EXPECT_EQ(test, read_at(1, buf, 0, sizeof(buf)), 48);
	KUNIT_EXPECT_EQ(test, buf[0], 0x42);
	KUNIT_EXPECT_EQ(test, refreshes, 2);

	answer = -EIO;
	KUNIT_EXPECT_EQ(test, read_at(1, buf, 0, sizeof(buf)), -EIO);
}

static const struct wrong_write {
	loff_t off;
	size_t count;
} wrong[] = {
	{ 0, 0 }, { 0, 1 }, { 0, 47 }, { 0, 49 }, { 0, 64 }, { 1, 48 }, { 1, 47 }, { 48, 48 },
};

static void write_takes_the_whole_register(struct kunit *test)
{
	char buf[64];
	unsigned int i;

	memset(buf, 0x11, sizeof(buf));
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		KUNIT_EXPECT_EQ(test, write_at(1, buf, wrong[i].off, wrong[i].count), -EINVAL);
	KUNIT_EXPECT_EQ(test, writes, 0);

	KUNIT_EXPECT_EQ(test, write_at(1, buf, 0, 48), 48);
	KUNIT_EXPECT_EQ(test, writes, 1);
	KUNIT_EXPECT_PTR_EQ(test, written, &mrs[1]);
	KUNIT_EXPECT_MEMEQ(test, values[1], buf, 48);

	answer = -EPROTO;
	KUNIT_EXPECT_EQ(test, write_at(1, buf, 0, 48), -EPROTO);
}

static void nonsense_is_refused(struct kunit *test)
{
	static const struct tsm_measurement_register bad[] = {
		{ .mr_value = values[0], .mr_size = 32, .mr_hash = HASH_ALGO_SHA256 },
		{ TSM_MR_(no_value, SHA256) },
		{ .mr_name = "no_size", .mr_value = values[0], .mr_hash = HASH_ALGO_SHA256 },
		{ .mr_name = "no_hash", .mr_value = values[0], .mr_size = 32,
		  .mr_hash = HASH_ALGO__LAST },
		{ .mr_name = "no_refresh", .mr_value = values[0], .mr_size = 32,
		  .mr_flags = TSM_MR_F_LIVE },
		{ .mr_name = "no_write", .mr_value = values[0], .mr_size = 32,
		  .mr_flags = TSM_MR_F_WRITABLE },
	};
	struct tsm_measurements one = { .nr_mrs = 1 };
	unsigned int i;

	KUNIT_EXPECT_EQ(test, PTR_ERR(tsm_mr_create_attribute_group(NULL)), -EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(tsm_mr_create_attribute_group(&one)), -EINVAL);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		one.mrs = &bad[i];
		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR(tsm_mr_create_attribute_group(&one)),
				    -EINVAL, "%s", bad[i].mr_name ?: "no name");
	}
	tsm_mr_free_attribute_group(NULL);
	tsm_mr_free_attribute_group(ERR_PTR(-ENOMEM));
}

static struct kunit_case tsm_mr_cases[] = {
	KUNIT_CASE(every_register_has_a_file),
	KUNIT_CASE(read_gives_the_value),
	KUNIT_CASE(live_register_is_asked_every_time),
	KUNIT_CASE(write_takes_the_whole_register),
	KUNIT_CASE(nonsense_is_refused),
	{ }
};

static struct kunit_suite tsm_mr_suite = {
	.name = "pguest_tsm_mr",
	.init = tsm_mr_init,
	.exit = tsm_mr_exit,
	.test_cases = tsm_mr_cases,
};

kunit_test_suite(tsm_mr_suite);
