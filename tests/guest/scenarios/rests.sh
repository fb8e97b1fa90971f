# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Work and rest, twice: what Documentation/figures/pool.svg shows.

work_and_rest() {
	# shellcheck disable=SC2086 # a list of words on purpose
	hammer 600 16 2 512 $disks >/tmp/hammer.log 2>&1 || { tail -n 1 /tmp/hammer.log; return 1; }
	sleep 15
}

disks=$(ls /dev/vd?)
check works_and_rests work_and_rest
check works_again work_and_rest
