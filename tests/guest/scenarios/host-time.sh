# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Time on a host that takes it because others run there too: steal time, then its clock. Of that a reading may fail
# while the host's own program has to wait for a CPU in the middle of an update.

. /time.sh
steal_off_percent=15
clock_errors_allowed=20
if has_steal_time; then
	# The host waits for this before it lets others run.
	check console_writes write_console load
	sleep 2
	value steal_time offered
	check_steal_time 4
else
	value steal_time none
fi
show_steal_time
. /scenarios/clock.sh
