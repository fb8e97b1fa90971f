# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The host's clock: read often, read again after a disruption, while the host never
# ends an update, and when it has.

. /time.sh

CLOCK_DISRUPTED=0
CLOCK_STUCK=1

clock_fails() {
	! clock 50 || { echo "there was a time"; return 1; }
}

disrupt() {
	doorbell disrupt "$1" >/dev/null
}

if has_clock; then
	value clock_phase start
	check_clock
	disrupt $CLOCK_DISRUPTED
	value clock_phase disrupted
	check_clock
	disrupt $CLOCK_STUCK
	value clock_phase stuck
	check clock_fails clock_fails
	grep '^@pguest' /tmp/check.log
	disrupt $CLOCK_DISRUPTED
	value clock_phase again
	check_clock
else
	fail clock "there is no clock"
fi
. /scenarios/disk.sh
