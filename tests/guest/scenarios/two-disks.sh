# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Two disks: the one behind PCI works, and requests to the other end.

name_disks() {
	pci='' other=''
	for disk in /sys/block/vd*; do
		case $(readlink -f "$disk") in
		*/pci*) pci=${disk##*/} ;;
		*) other=${disk##*/} ;;
		esac
	done
}

name_disks
check disk_mounts mount -t ext4 "/dev/$pci" /mnt
check disk_reads_back write_and_read_back /mnt/data 8
value disk_sha256 "$sum"
if dd if="/dev/$other" of=/tmp/read bs=4096 count=1 iflag=direct; then
	value other_disk works
else
	value other_disk fails
fi
check disk_unmounts umount /mnt
