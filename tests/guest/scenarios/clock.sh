# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The host's clock: read often, read again after a disruption, while the host never
# ends an update, and when it has.

command -v check_clock >/dev/null || . /time.sh

CLOCK_DISRUPTED=0
CLOCK_STUCK=1

clock_fails() {
	! clock 50 || { echo "there was a time"; return 1; }
}

disrupt() {
	doorbell disrupt "$1" >/dev/null
}

if has_clock; then
	check_clock
	disrupt $CLOCK_DISRUPTED
	check_clock disrupted
	disrupt $CLOCK_STUCK
	check clock_fails clock_fails
	tell_as stuck_
	disrupt $CLOCK_DISRUPTED
	check_clock again
else
	fail clock "there is no clock"
fi
. /scenarios/disk.sh
