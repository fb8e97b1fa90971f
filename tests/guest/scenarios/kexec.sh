# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# A life of several kernels: each works its devices and starts the next one, which is a file of
# the first disk. pguest_lives= is the number of kernels, pguest_life= which of them this is,
# pguest_last=WORD,WORD what the last one has on its command line as well.

lives=$(word lives 1)
life=$(word life 1)

# What the next kernel gets: no secret, so that all that the host could find is of the first one.
next_command_line() {
	tr ' ' '\n' </proc/cmdline | grep -v -e '^pguest_life=' -e '^pguest_secret=' | tr '\n' ' '
	[ "$1" -lt "$lives" ] || word last | tr ',\n' '  '
	echo "pguest_life=$1"
}

# A kernel without the layer has no device to work. It has memory.
use_memory() {
	data 7 $((64 * MIB)) >/tmp/big && rm /tmp/big
}

work_and_go_on() {
	check "disk_mounts$life" mount -t ext4 /dev/vda /mnt
	check "disk_reads_back$life" write_and_read_back /mnt/data 4
	value disk_sha256 "$sum"
	net_mib=1 rng_kib=256
	if [ -n "$net" ]; then
		check "net_sends$life" send_to_host
		check "net_receives$life" receive_from_host
	fi
	[ ! -c /dev/hwrng ] || check "rng_reads$life" read_hwrng
	if [ "$life" -lt "$lives" ]; then
		check loads load_kernel load "/mnt/Image$((life + 1))" "$(next_command_line $((life + 1)))"
		check "disk_unmounts$life" umount /mnt
		value "shared$life" "$(stat_of shared_now)"
		story "kexec"
		kexec jump
		fail jumps "the kernel came back"
	else
		check "disk_unmounts$life" umount /mnt
	fi
}

value "life$life" "$(uname -r)"
case " $(cat /proc/cmdline) " in
*" pguest=off "*) check memory_is_usable use_memory ;;
*) work_and_go_on ;;
esac
