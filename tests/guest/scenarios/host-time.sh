# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Time on a host that takes it because others run there too: steal time, then its clock.

. /time.sh
if has_steal_time; then
	# The host waits for this before it lets others run.
	echo load >/dev/hvc0
	sleep 2
	value steal_time offered
	check_steal_time 4
else
	value steal_time none
fi
show_steal_time
. /scenarios/clock.sh
