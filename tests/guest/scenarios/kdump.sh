# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# A kernel that crashes while it works its devices, and the crash kernel that saves the dump to
# the second disk. pguest_crash= is how the first one ends, pguest_after= after how many ms.
# pguest_tools=debian: Debian's makedumpfile reads the dump as well, for the line pguest_marker=
# that the first kernel has logged.

life=$(word life 1)
crash=$(word crash sysrq)
after=$(word after 2000)
marker=$(word marker)

# One CPU, as Debian's kdump-tools has it; no secret, and no memory for another crash kernel.
crash_command_line() {
	tr ' ' '\n' </proc/cmdline | grep -v -e '^crashkernel=' -e '^pguest_secret=' | tr '\n' ' '
	echo "pguest_life=2 nr_cpus=1"
}

# The log of the first kernel, from the dump itself or from what makedumpfile made of it.
read_first_log() {
	/usr/sbin/makedumpfile --dump-dmesg "$1" "$2" && grep -q "@@ $marker @@" "$2"
}

# All but free pages, the page cache and programs.
make_small_dump() {
	/usr/sbin/makedumpfile -c -d 31 /proc/vmcore /mnt/small && sync
}

try_debians_tools() {
	check disk_mounts_again mount -t ext4 /dev/vda /mnt
	check log_in_dump read_first_log /proc/vmcore /tmp/log
	check small_dump_is_made make_small_dump
	value small_bytes "$(stat -c %s /mnt/small)"
	check log_in_small_dump read_first_log /mnt/small /tmp/log-of-small
	check disk_unmounts umount /mnt
}

work_for_ever() {
	while :; do write_and_read_back "/mnt/data$1" 2; done
}

send_for_ever() {
	while :; do send_to_host; done
}

. /report.sh

if [ "$life" = 1 ]; then
	[ -z "$challenge" ] || ! has_dice || attest_dice
	check disk_mounts mount -t ext4 /dev/vda /mnt
	check loads load_kernel crash /mnt/Image2 "$(crash_command_line)"
	value crash_memory "$(sed -n 's/^ *\(.*\) : Crash kernel$/\1/p' /proc/iomem | tr '\n' ' ')"
	value banner "$(cat /proc/version)"
	for worker in 1 2 3; do work_for_ever $worker >/dev/null 2>&1 & done
	net_mib=1
	[ -z "$net" ] || send_for_ever >/dev/null 2>&1 &
	usleep $((after * 1000))
	value shared1 "$(stat_of shared_now)"
	[ -z "$marker" ] || echo "@@ $marker @@"
	story "crash: $crash"
	case $crash in
	sysrq) echo c >/proc/sysrq-trigger ;;
	share)
		# Rings are shared when a driver is bound. The kernel panics with the ledger locked.
		device=$(basename "$(readlink -f /sys/class/net/eth0/device)")
		echo "$device" >/sys/bus/virtio/drivers/virtio_net/unbind
		echo 1 >/sys/module/pguest_test/parameters/crash_in_share
		echo "$device" >/sys/bus/virtio/drivers/virtio_net/bind
		;;
	*) fail crash "there is no way $crash to crash" ;;
	esac
	fail crashes "the kernel goes on"
else
	value life2 "$(uname -r)"
	[ -z "$challenge" ] || value provider2 "$(has_dice && echo pkvm_guest || echo none)"
	search_for_secrets 2
	if [ -e /proc/vmcore ]; then
		check dump_is_saved vmcore /dev/vdb
		value dump_bytes "$(stat -c %s /proc/vmcore)"
		[ "$(word tools)" != debian ] || try_debians_tools
	else
		value dump_bytes 0
	fi
fi
