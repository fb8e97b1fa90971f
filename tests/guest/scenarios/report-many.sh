# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Two tasks read reports at once and leave them on two disks for the host.
# pguest_reports=N for each; pguest_hotplug=1 takes CPUs away meanwhile.

. /report.sh

cpus_go_and_come() {
	rounds=0
	while [ -d "/proc/$first" ] || [ -d "/proc/$second" ]; do
		for cpu in $(seq 1 $(($(nproc) - 1))); do
			echo 0 >"/sys/devices/system/cpu/cpu$cpu/online" || return 1
		done
		for cpu in /sys/devices/system/cpu/cpu*/online; do echo 1 >"$cpu"; done
		rounds=$((rounds + 1))
	done
	value hotplug_rounds $rounds
}

check attestation_is_there bring_up_attestation
count=$(word reports)
report many "$count" /dev/vda >/tmp/first.log 2>&1 &
first=$!
report many "$count" /dev/vdb >/tmp/second.log 2>&1 &
second=$!
[ -z "$(word hotplug)" ] || cpus_go_and_come || fail cpus_go_and_come "a CPU stayed"
check first_task_is_done wait $first
check second_task_is_done wait $second
cat /tmp/first.log /tmp/second.log
check all_cpus_are_back [ "$(cat /sys/devices/system/cpu/online)" = "$(cat /sys/devices/system/cpu/present)" ]
check nothing_is_left [ -z "$(ls "$REPORTS")" ]
sync
