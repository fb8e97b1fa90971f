# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Drivers, devices, CPUs and the bounce pool's memory go and come back, pguest_cycles= times in all and each kind by
# turns: what is shared and what is free is the same in the end.

cycles=$(word cycles 10000)
pci=/sys/bus/pci
drivers=$pci/drivers/virtio-pci

# nth N WORDS: the Nth of them, counted around, in $one
nth() {
	turn=$1
	shift
	shift $((turn % $#))
	one=$1
}

driver_goes_and_comes() {
	# shellcheck disable=SC2086 # a list of words on purpose
	nth "$1" $devices
	echo "$one" >$drivers/unbind && echo "$one" >$drivers/bind
}

device_goes_and_comes() {
	# shellcheck disable=SC2086
	nth "$1" $devices
	echo 1 >"$pci/devices/$one/remove" && echo 1 >$pci/rescan && [ -d "$drivers/$one" ]
}

cpu_goes_and_comes() {
	one=cpu1
	echo 0 >/sys/devices/system/cpu/cpu1/online && echo 1 >/sys/devices/system/cpu/cpu1/online
}

# What shrinkers hold is given back, the pool's memory too; a read of the disk wants it again.
pool_goes_and_comes() {
	one=pool
	echo 2 >/proc/sys/vm/drop_caches && dd if=/dev/vda of=/dev/null bs=4M count=1 iflag=direct 2>/dev/null
}

# some_cycles FIRST LAST
some_cycles() {
	number=$1
	while [ "$number" -le "$2" ]; do
		case $((number % 4)) in
		0) driver_goes_and_comes $((number / 4)) ;;
		1) device_goes_and_comes $((number / 4)) ;;
		2) cpu_goes_and_comes ;;
		3) pool_goes_and_comes ;;
		esac || { echo "cycle $number: $one"; return 1; }
		number=$((number + 1))
	done
}

# weigh NAME MARK: what there is when all has come to rest
weigh() {
	sync
	pool_settles
	echo 3 >/proc/sys/vm/drop_caches
	same_shared "$1" "$2"
	value "$1_owners" "$(shared_outside_pools)"
	value "$1_pool" "$(stat_of pool_shared) $(stat_of pool_present)"
	value "$1_slots" "$(cat /sys/kernel/debug/swiotlb/io_tlb_used)"
	value "$1_cells" "$(sed -n 's/^small_buffers: //p' "$DEBUGFS/pool")"
	value "$1_free" "$(sed -n 's/^MemFree: *\([0-9]*\) kB/\1/p' /proc/meminfo)"
	# What CPUs keep for themselves is free as well.
	value "$1_kept" "$(awk '/ count:/ { pages += $2 } END { print 4 * pages }' /proc/zoneinfo)"
}

if [ -d /lib/modules ]; then
	depmod
	check balloon_loads modprobe virtio_balloon
fi
# Not the disk: it is read meanwhile.
devices=''
for device in "$drivers"/0000*; do
	[ -d "$(echo "$device"/virtio*/block)" ] || devices="$devices ${device##*/}"
done
value devices "$devices"
# No line in the log for each of what follows
echo 4 >/proc/sys/vm/drop_caches
# What is allocated once and kept is there after some of each kind.
check cycles_begin some_cycles 1 100
weigh before 10
from=1
while [ "$from" -le "$cycles" ] && [ "$failed" = 0 ]; do
	to=$((from + 999))
	[ $to -le "$cycles" ] || to=$cycles
	check "cycles_to_$to" some_cycles $from "$to"
	story "$to cycles: $(stat_of shared_now) granules shared, $(stat_of pool_present) bytes of the pool, $(sed -n 's/^MemFree: *//p' /proc/meminfo) free"
	from=$((to + 1))
done
weigh after 11
value pieces "$(stat_of pool_given)"
. /scenarios/disk.sh
