# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# For the fault campaign, which boots this very often: little work, but of each kind. Memory is shared, taken
# back when a driver goes, and data go to the disk and come back. A device may stand still; the guest must not.

rebind_rng() {
	device=$(readlink -f /sys/bus/virtio/drivers/virtio_rng/virtio*/.. | head -n 1)
	driver=$(readlink -f "$device/driver")
	device=${device##*/}
	echo "$device" >"$driver/unbind" && echo "$device" >"$driver/bind"
}

work() {
	check rng_rebinds rebind_rng
	check rng_reads timeout 10 dd if=/dev/hwrng of=/tmp/random bs=1024 count=1 iflag=fullblock
	check disk_mounts mount -t ext4 /dev/vda /mnt
	check disk_reads_back write_and_read_back /mnt/data 1
	check disk_unmounts umount /mnt
	touch /tmp/worked
}

work &
tries=0
while [ ! -e /tmp/worked ] && [ $tries -lt 200 ]; do
	tries=$((tries + 1))
	usleep 100000
done
if [ -e /tmp/worked ]; then
	pass work_ends
else
	# What init does next would wait for the device as well.
	fail work_ends "a device stands still"
	say_summary
	power_off
fi
