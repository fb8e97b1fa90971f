# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The VM hibernates to its second disk while its third one works, and goes on in another machine, which
# has these disks. Devices are used before and after.
#
# pguest_image=plain: to swap; =crypt: to swap that is encrypted; =sealed: by a program that
# encrypts and authenticates the image; =test: to swap, and the same machine starts it.

kind=$(word image plain)
swap=/dev/vdb

prepare_image() {
	if [ "$kind" = sealed ]; then
		mknod /dev/snapshot c 10 231 2>/dev/null
		return 0
	fi
	if [ "$kind" = crypt ]; then
		swap=/dev/dm-0
		crypt open swap /dev/vdb "$(image_key)" || return 1
	fi
	mkswap $swap && swapon $swap
}

hibernate() {
	case $kind in
	sealed) sealed save /dev/vdb ;;
	test) echo test_resume >/sys/power/disk && echo disk >/sys/power/state ;;
	*) echo shutdown >/sys/power/disk && echo disk >/sys/power/state ;;
	esac
}

give_swap_back() {
	[ "$kind" = sealed ] || swapoff $swap
}

check image_has_a_place prepare_image
check disk_mounts mount -t ext4 /dev/vda /mnt
check disk_reads_back write_and_read_back /mnt/data 4
value disk_sha256 "$sum"
net_mib=1 rng_kib=64
check net_sends_before send_to_host
check rng_reads_before read_hwrng
kept=$(cat /proc/sys/kernel/random/uuid)
value kept "$kept"
value before "$(shared_outside_pools)"
start_disk_work /dev/vdc
written=$(sha256 </mnt/data)
check hibernates hibernate
# From here on in the other machine, or if there was no image.
value kept_after "$kept"
check disk_worked_meanwhile end_disk_work
value after "$(shared_outside_pools)"
echo 3 >/proc/sys/vm/drop_caches
check disk_has_the_file same_sum "$(sha256 </mnt/data)" "$written"
check disk_reads_back_after write_and_read_back /mnt/data 4
value disk_sha256_after "$sum"
check disk_unmounts umount /mnt
check swap_is_given_back give_swap_back
check net_sends send_to_host
value net_up_sha256 "$sum"
check net_receives receive_from_host
check rng_reads read_hwrng
[ ! -c /dev/hvc0 ] || check console_writes write_console "pguest console after hibernation"
. /time.sh
if has_steal_time; then
	check_steal_time 3
fi
if has_clock; then
	# The clock page of another machine is another clock. The first reading says so.
	[ "$kind" = test ] || clock 1 >/dev/null 2>&1
	check_clock
fi
