// SPDX-License-Identifier: GPL-2.0-only
/// Read no more zones of a disk than its report has.
///
// Why:     the disk says how many zones are in its report, and the driver compares that
//          with what it has asked for, but the report is often smaller: the driver
//          reads behind the end of it. Later trees compare both.
// Where:   drivers/block/virtio_blk.c, virtblk_report_zones(): at most 1 match
// Always:  drivers/block/virtio_blk.c, virtblk_report_zones(): sizeof(report->zones[0])
// Trees:   6.6-7.3. Earlier trees have no zones. The include is of 51-virtio-blk.
// Outside: a branch not taken for each report.

@@
identifier f = virtblk_report_zones;
identifier report, buflen, nz;
expression E;
@@
 f(...)
 {
 ...
 struct virtio_blk_zone_report *report;
 ...
 size_t buflen;
 <...
 nz = E;
+if (pguest_active()) {
+	nz = min_t(u64, nz, (buflen - sizeof(*report)) / sizeof(report->zones[0]));
+}
 if (!nz)
	break;
 ...>
 }
