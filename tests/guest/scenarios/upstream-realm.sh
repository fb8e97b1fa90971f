# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# A realm whose kernel need not be ours: disk, what else the host offers, and a report by the kernel's own interface.

. /scenarios/disk.sh
if [ -n "$net" ]; then
	check net_sends send_to_host
	value net_up_sha256 "$sum"
	check net_receives receive_from_host
	value net_down_sha256 "$sum"
	check rng_reads read_hwrng
fi
. /report.sh
check reports_are_there mount -t configfs configfs /sys/kernel/config
check report_is_made report "$challenge" /tmp/token
show_token /tmp/token
