# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# All devices do real work: this is what `make run` shows.

# For the page: where the kernel has devices, and what went through the bounce pool up to here.
show_devices() {
	grep -v -e "^ " -e "System RAM" /proc/iomem | head -n 40 | while read -r line; do
		echo "@pguest {\"device\": \"$(echo "$line" | tr -d '"\\\t')\"}"
	done
}

show_bounced() {
	bounced=$(stat_of bytes_bounced 2>/dev/null)
	[ -z "$bounced" ] || echo "@pguest {\"bounced\": $bounced}"
}

# Of the first mapping of this shell, in KiB.
value page_kib "$(sed -n 's/^KernelPageSize: *\([0-9]*\) kB/\1/p' /proc/self/smaps | head -n 1)"

show_devices
show_bounced
story "disk: 64 MiB to ext4 and back"
check disk_mounts mount -t ext4 /dev/vda /mnt
check disk_reads_back write_and_read_back /mnt/data 64
show_bounced
value disk_sha256 "$sum"
check disk_unmounts umount /mnt

story "network: $net_mib MiB each way"
check net_sends send_to_host
value net_up_sha256 "$sum"
show_bounced
check net_receives receive_from_host
value net_down_sha256 "$sum"
show_bounced

story "random numbers: $rng_kib KiB of /dev/hwrng"
check rng_reads read_hwrng
show_bounced

story "console: one line"
check console_writes write_console "pguest console $(uname -r)"

# What the host says of time has to be true where it is offered.
. /time.sh
if has_steal_time; then
	story "steal time: every CPU works for 3 seconds"
	check_steal_time 3
fi
if has_clock; then
	story "the host's clock: 1000 readings"
	check_clock
fi

. /report.sh
if in_realm; then
	story "attestation: a register extended, a report for the host's challenge"
	attest
elif [ -n "$challenge" ] && has_dice; then
	story "attestation: a report for the host's challenge"
	attest_dice
fi

. /scenarios/peeks.sh
