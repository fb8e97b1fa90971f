# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The VM sleeps while its disk works, and its clock wakes it, three times. Then all devices work,
# and what the host says of time is true.

alarm=/sys/class/rtc/rtc0/wakealarm

sleep_once() {
	echo 0 >$alarm
	echo +3 >$alarm || return 1
	echo mem >/sys/power/state
}

sleep_often() {
	for round in 1 2 3; do
		sleep_once || { echo "round $round"; return 1; }
	done
}

value mem_sleep "$(cat /sys/power/mem_sleep)"
value states "$(cat /sys/power/state)"
check disk_mounts mount -t ext4 /dev/vda /mnt
value before "$(shared_outside_pools)"
mark 10
start_disk_work /dev/vdb
check sleeps sleep_often
check disk_worked_meanwhile end_disk_work
value slept "$(cat /sys/power/suspend_stats/success)"
value after "$(shared_outside_pools)"
mark 11
check disk_reads_back write_and_read_back /mnt/data 8
value disk_sha256 "$sum"
check disk_unmounts umount /mnt
net_mib=1
check net_sends send_to_host
check net_receives receive_from_host
check rng_reads read_hwrng
. /time.sh
if has_steal_time; then
	check_steal_time 3
fi
if has_clock; then
	check_clock
fi
