# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Take the drivers of the disk, the network, the random number generator and the
# balloon off their devices and put them back, 50 times. Nothing that was shared
# for them may stay shared, and no slot of the bounce pool in use.

drivers=/sys/bus/pci/drivers/virtio-pci

rebind_once() {
	for device in $devices; do echo "$device" >$drivers/unbind || return 1; done
	for device in $devices; do echo "$device" >$drivers/bind || return 1; done
}

rebind_often() {
	round=0
	while [ $round -lt 50 ]; do
		rebind_once || { echo "round $round"; return 1; }
		round=$((round + 1))
	done
}

devices=$(cd $drivers && echo 0000*)
value rebound "$devices"
# The first round settles what is allocated once and kept (tables, caches).
check rebinds_once rebind_once
value before "$(shared_outside_pools)"
same_shared before 10
value slots_before "$(cat /sys/kernel/debug/swiotlb/io_tlb_used)"
value cells_before "$(sed -n 's/^small_buffers: //p' "$DEBUGFS/pool")"
check rebinds_50_times rebind_often
value after "$(shared_outside_pools)"
same_shared after 11
value slots_after "$(cat /sys/kernel/debug/swiotlb/io_tlb_used)"
value cells_after "$(sed -n 's/^small_buffers: //p' "$DEBUGFS/pool")"
. /scenarios/disk.sh
