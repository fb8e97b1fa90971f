# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Steal time and clock of a host that lies, before or after a disruption. What they
# are is for the host to judge; that the guest lives and works is checked.

. /time.sh

# Values with a prefix
look_at_clock() {
	has_clock || { value "$1_clock" none; return; }
	clock 200 >/tmp/check.log
	tell_as "$1_"
}

has_steal_time && value steal_time offered
look_at_clock before
doorbell disrupt 0 >/dev/null
look_at_clock after
burn 2 >/tmp/burn
sed -n 's/^steal \([0-9]*\) \(.*\)/@pguest {"value": "steal_ms_cpu\1", "is": "\2"}/p' /tmp/burn
. /scenarios/disk.sh
