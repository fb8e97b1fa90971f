# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Which driver has each device? The host looks at its devices meanwhile, and says that it has by making the
# disk larger. Then one of them, pguest_again=BUS:NAME, is taken away and found again.

driver_of() {
	driver=$(readlink "$1/driver") && echo "${driver##*/}" || echo none
}

drivers_on() {
	for device in /sys/bus/"$1"/devices/*; do
		[ ! -e "$device" ] || echo "${device##*/}=$(driver_of "$device")"
	done | tr '\n' ' '
}

# What a virtio device is of, by its number in the virtio specification.
virtio_by_kind() {
	for device in /sys/bus/virtio/devices/*; do
		echo "$(($(cat "$device/device")))=$(driver_of "$device")"
	done | tr '\n' ' '
}

wait_for_the_host() {
	tries=0
	while [ "$(cat /sys/block/vda/size)" = "$before" ]; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || { echo "the host did nothing in 60 s"; return 1; }
		usleep 100000
	done
}

share_mounts() {
	mount -t 9p -o trans=virtio,version=9p2000.L share /mnt || return 1
	echo written >/mnt/from-guest
	cat /mnt/from-host
	umount /mnt
}

value virtio "$(virtio_by_kind)"
value platform "$(drivers_on platform)"
value amba "$(drivers_on amba)"
grep ^refused "$DEBUGFS/devices" | while read -r _ driver device times why; do
	value "refused_$driver" "$device $times $why"
done
if grep -q 9pnet_virtio /proc/cmdline; then
	check share_mounts share_mounts
fi
before=$(cat /sys/block/vda/size)
story "devices ready"
check host_looked wait_for_the_host
value virtio_later "$(virtio_by_kind)"
case $(cat /proc/cmdline) in
*pguest_again=*)
	again=$(sed 's/.*pguest_again=\([^ ]*\).*/\1/' /proc/cmdline)
	echo 1 >"/sys/bus/pci/devices/$again/remove"
	value virtio_removed "$(virtio_by_kind)"
	echo 1 >/sys/bus/pci/rescan
	value virtio_again "$(virtio_by_kind)"
	;;
esac
. /scenarios/disk.sh
