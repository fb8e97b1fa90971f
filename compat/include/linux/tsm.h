/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reports of a trusted security module (TSM) in configfs, for trees before 6.7.
 *
 * The interface is that of the header of this name in Linux 6.16. Our include
 * directory comes after the tree's, so the tree's is taken where there is one.
 */
#ifndef __TSM_H
#define __TSM_H

#include <linux/sizes.h>
#include <linux/types.h>
#include <linux/uuid.h>

#define TSM_REPORT_INBLOB_MAX	64
#define TSM_REPORT_OUTBLOB_MAX	SZ_16M

/* Privilege levels are 0 to this. */
#define TSM_REPORT_PRIVLEVEL_MAX	3

/**
 * struct tsm_report_desc - options of a report, set by user space
 * @privlevel:	as written to privlevel
 * @inblob_len:	bytes of @inblob
 * @inblob:	as written to inblob
 * @service_provider: as written to service_provider, or NULL
 * @service_guid: as written to service_guid
 * @service_manifest_version: as written to service_manifest_version
 */
struct tsm_report_desc {
	unsigned int privlevel;
	size_t inblob_len;
	u8 inblob[TSM_REPORT_INBLOB_MAX];
	char *service_provider;
	guid_t service_guid;
	unsigned int service_manifest_version;
};

/**
 * struct tsm_report - a report and its options
 * @desc:	the options
 * @outblob_len: bytes of @outblob
 * @outblob:	the report; all three blobs are freed by kvfree()
 * @auxblob_len: bytes of @auxblob
 * @auxblob:	further data to verify it (certificates), or NULL
 * @manifestblob_len: bytes of @manifestblob
 * @manifestblob: manifest of the service that @service_provider names, or NULL
 */
struct tsm_report {
	struct tsm_report_desc desc;
	size_t outblob_len;
	u8 *outblob;
	size_t auxblob_len;
	u8 *auxblob;
	size_t manifestblob_len;
	u8 *manifestblob;
};

/* For tsm_report_ops.report_attr_visible() */
enum tsm_attr_index {
	TSM_REPORT_GENERATION,
	TSM_REPORT_PROVIDER,
	TSM_REPORT_PRIVLEVEL,
	TSM_REPORT_PRIVLEVEL_FLOOR,
	TSM_REPORT_SERVICE_PROVIDER,
	TSM_REPORT_SERVICE_GUID,
	TSM_REPORT_SERVICE_MANIFEST_VER,
};

/* For tsm_report_ops.report_bin_attr_visible() */
enum tsm_bin_attr_index {
	TSM_REPORT_INBLOB,
	TSM_REPORT_OUTBLOB,
	TSM_REPORT_AUXBLOB,
	TSM_REPORT_MANIFESTBLOB,
};

/**
 * struct tsm_report_ops - a provider of reports
 * @name:	contents of the file provider
 * @privlevel_floor: the lowest privlevel that is accepted
 * @report_new:	fill in the blobs; may sleep
 * @report_attr_visible: is there such a file?
 * @report_bin_attr_visible: likewise
 */
struct tsm_report_ops {
	const char *name;
	unsigned int privlevel_floor;
	int (*report_new)(struct tsm_report *report, void *data);
	bool (*report_attr_visible)(int n);
	bool (*report_bin_attr_visible)(int n);
};

int tsm_report_register(const struct tsm_report_ops *ops, void *priv);
int tsm_report_unregister(const struct tsm_report_ops *ops);

#endif /* __TSM_H */
