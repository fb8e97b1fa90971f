# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Reset the machine once; what was written before is there after it.

mount -t ext4 /dev/vda /mnt
if [ ! -f /mnt/before ]; then
	check disk_writes write_and_read_back /mnt/data 4
	echo "$sum" >/mnt/before
	umount /mnt
	mark 10
	story "reset"
	reboot -f
fi
value disk_sha256 "$(cat /mnt/before)"
check data_is_there same_sum "$(sha256 </mnt/data)" "$(cat /mnt/before)"
check disk_unmounts umount /mnt
