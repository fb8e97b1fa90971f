# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Work the devices over memory that had secrets in it, then let the host look.

. /report.sh

check disk_mounts mount -t ext4 /dev/vda /mnt
check disk_reads_back write_and_read_back /mnt/data 16
check disk_unmounts umount /mnt
check network_works send_to_host
rm /tmp/secret
check reads_over_freed_secrets sh -c 'dd if=/dev/vda of=/dev/null bs=1M count=64'
check reads_over_a_secret overwrite "$secret" /dev/vda
if [ -n "$challenge" ] && has_dice; then attest_dice; fi
check short_packets_and_reads secret short "$secret" 10.0.2.2 /dev/vda
value scan_found "$(doorbell scan "$secret")"
. /scenarios/peeks.sh
