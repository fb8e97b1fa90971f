# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Give memory away on demand: the host asks for it through QEMU while we wait.

free_kib() {
	sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo
}

wait_until_less_than() {
	tries=0
	while [ "$(free_kib)" -gt "$1" ]; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] || { echo "nothing left in 30 s"; return 1; }
		usleep 100000
	done
}

wait_until_more_than() {
	tries=0
	while [ "$(free_kib)" -lt "$1" ]; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] || { echo "nothing came back in 30 s"; return 1; }
		usleep 100000
	done
}

before=$(free_kib)
value free_before "$before"
mark 10
story "balloon ready"
check balloon_inflates wait_until_less_than $((before - 48 * 1024))
mark 11
story "balloon inflated"
check balloon_deflates wait_until_more_than $((before - 16 * 1024))
# What came back is memory again: use it.
check memory_is_usable sh -c 'data 7 67108864 >/tmp/big && rm /tmp/big'
. /scenarios/disk.sh
