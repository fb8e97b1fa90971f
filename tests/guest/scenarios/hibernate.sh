# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Every way to write memory out to a disk, and to be replaced by what is on one: the second disk
# is swap.

# Where the header of a swap area says that an image of 4 KiB pages is behind it.
SIGNATURE_AT=$((4096 - 10))

refused() {
	! "$@"
}

swap_to_disk() {
	mkswap /dev/vdb && swapon /dev/vdb
}

hibernate() {
	echo disk >/sys/power/state
}

# The host can write this as well.
forge_image() {
	swapoff /dev/vdb || return 1
	printf 'S1SUSPEND\0' | dd of=/dev/vdb bs=1 seek=$SIGNATURE_AT conv=notrunc 2>/dev/null && sync
}

resume() {
	cat /sys/class/block/vdb/dev >/sys/power/resume
}

check swaps swap_to_disk
value states "$(cat /sys/power/state)"
check hibernation_is_refused refused hibernate
mknod /dev/snapshot c 10 231 2>/dev/null
# As a program does that writes the image itself, and one that reads it.
check snapshot_is_refused refused sh -c 'exec 3</dev/snapshot'
check image_is_refused refused sh -c 'exec 3>/dev/snapshot'
check image_is_forged forge_image
# The write succeeds whatever comes of it; the line in the log counts.
resume
. /scenarios/disk.sh
