# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Take a driver off its device and put it back, on a host that may not let go
# of what was shared for it. The disk must still be right.

rebind_rng() {
	device=$(readlink -f /sys/bus/virtio/drivers/virtio_rng/virtio*/.. | head -n 1)
	driver=$(readlink -f "$device/driver")
	device=${device##*/}
	echo "$device" >"$driver/unbind" && echo "$device" >"$driver/bind"
}

check rng_rebinds rebind_rng
. /scenarios/disk.sh
