# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Drivers, modules and CPUs come and go in the order of chance, while a disk works and the host asks
# for memory and gives it back. pguest_cycles= is how often, pguest_seed= the chance.

cycles=$(word cycles 1000)
chance=$(word seed 1)

drivers=/sys/bus/pci/drivers/virtio-pci

# random N: 0 to N - 1 in $pick. The low bits of such a generator repeat soon.
random() {
	chance=$(((chance * 1103515245 + 12345) % 2147483648))
	pick=$((chance / 65536 % $1))
}

# one_of WORDS: one of them in $one
one_of() {
	random $#
	shift "$pick"
	one=$1
}

driver_goes_and_comes() {
	# shellcheck disable=SC2086 # a list of words on purpose
	one_of $devices
	echo "$one" >$drivers/unbind && echo "$one" >$drivers/bind
}

module_goes_and_comes() {
	# shellcheck disable=SC2086 # a list of words on purpose
	one_of $modules
	rmmod "$one" && modprobe "$one"
}

cpu_goes_and_comes() {
	# shellcheck disable=SC2086 # a list of words on purpose
	one_of $cpus
	echo 0 >"$one/online" && echo 1 >"$one/online"
}

mixed_cycles() {
	for number in $(seq "$1"); do
		one_of driver module cpu
		kind=$one
		"${kind}_goes_and_comes" || { echo "cycle $number: $kind $one"; return 1; }
	done
}

free_kib() {
	echo 3 >/proc/sys/vm/drop_caches
	sed -n 's/^MemFree: *\([0-9]*\) kB/\1/p' /proc/meminfo
}

# The host gives back what it had asked for a while after it was asked to: the balloon's pages are memory again then.
wait_for_memory() {
	tries=0
	while [ "$(free_kib)" -lt "$1" ] && [ $tries -lt 100 ]; do
		tries=$((tries + 1))
		usleep 100000
	done
}

depmod
modprobe virtio_balloon
modules=virtio_balloon
! modprobe -q arm_cca_guest || modules="$modules arm_cca_guest"
# The disks go on: those of a disk's driver are in test_drivers_rebound_50_times_leave_nothing_shared.
devices=''
for device in "$drivers"/0000*; do
	[ -d "$(echo "$device"/virtio*/block)" ] || devices="$devices ${device##*/}"
done
cpus=$(ls -d /sys/devices/system/cpu/cpu[1-9]*)
value kinds "$(echo "$devices" | wc -w) $(echo "$modules" | wc -w) $(echo "$cpus" | wc -w)"

start_disk_work /dev/vdb
# What is allocated once and kept is allocated after some of each kind.
check cycles_begin mixed_cycles 40
check disk_works_first end_disk_work
value before "$(shared_outside_pools)"
free=$(free_kib)
value free_before "$free"
mark 10
story "cycles begin"
start_disk_work /dev/vdb
check cycles mixed_cycles "$cycles"
check disk_worked_meanwhile end_disk_work
story "cycles end"
wait_for_memory "$free"
value free_after "$(free_kib)"
value after "$(shared_outside_pools)"
mark 11
. /scenarios/disk.sh
