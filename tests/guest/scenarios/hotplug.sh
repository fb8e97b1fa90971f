# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Every CPU but the first leaves and comes back, five times, while the disk works.

cpu_switch() {
	echo "$2" >"/sys/devices/system/cpu/cpu$1/online"
}

hotplug_rounds() {
	for round in 1 2 3 4 5; do
		for cpu in $others; do cpu_switch "$cpu" 0 || return 1; done
		[ "$(cat /sys/devices/system/cpu/online)" = 0 ] || { echo "round $round: not off"; return 1; }
		for cpu in $others; do cpu_switch "$cpu" 1 || return 1; done
	done
	[ "$(cat /sys/devices/system/cpu/online)" = "$(cat /sys/devices/system/cpu/present)" ]
}

others=$(seq 1 $(($(nproc) - 1)))
hammer 60 4 4 64 /dev/vdb >/tmp/hammer.log 2>&1 &
hammer_pid=$!
check cpus_go_and_come hotplug_rounds
check disk_worked_meanwhile wait $hammer_pid
. /scenarios/disk.sh
