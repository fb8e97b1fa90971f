# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# A little of everything on the disk: small enough to be in most boots.

check disk_mounts mount -t ext4 /dev/vda /mnt
check disk_reads_back write_and_read_back /mnt/data 8
value disk_sha256 "$sum"
check disk_unmounts umount /mnt
