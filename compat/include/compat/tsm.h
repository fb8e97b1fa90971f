/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/tsm.h> by its names since Linux 6.16, which have "report" in them.
 */
#ifndef _COMPAT_TSM_H
#define _COMPAT_TSM_H

#include <linux/tsm.h>

#ifndef TSM_REPORT_OUTBLOB_MAX
#define TSM_REPORT_INBLOB_MAX	TSM_INBLOB_MAX
#define TSM_REPORT_OUTBLOB_MAX	TSM_OUTBLOB_MAX

#define tsm_report_ops		tsm_ops
#define tsm_report_register	tsm_register
#define tsm_report_unregister	tsm_unregister
#endif

#endif /* _COMPAT_TSM_H */
