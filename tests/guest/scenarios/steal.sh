# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# CPUs lose time to the host: what is accounted for is what was taken. Then they
# leave and come back, twenty times, and it goes on.

. /time.sh

steal_granules() {
	[ -d "$DEBUGFS" ] && sed -n 's/^owner steal-time //p' "$DEBUGFS/stats"
}

cpu_switch() {
	echo "$2" >"/sys/devices/system/cpu/cpu$1/online"
}

hotplug_rounds() {
	for round in $(seq 1 20); do
		for cpu in $others; do cpu_switch "$cpu" 0 || return 1; done
		for cpu in $others; do cpu_switch "$cpu" 1 || return 1; done
		ledger=$(steal_granules)
		[ "$ledger" = "$ledger_before" ] ||
			{ echo "round $round: $ledger granules of steal time, was $ledger_before"; return 1; }
	done
}

others=$(seq 1 $(($(nproc) - 1)))
ledger_before=$(steal_granules)
value steal_granules "$ledger_before"
if has_steal_time; then
	value steal_time offered
	check_steal_time 4
	check cpus_go_and_come hotplug_rounds
	check_steal_time 2 hotplug
else
	value steal_time none
fi
show_steal_time
. /scenarios/disk.sh
