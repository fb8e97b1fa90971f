# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# pguest_starve=sockets|console|disk: what is received is not read, what is written is not
# taken, or another disk does next to nothing. Meanwhile the first disk has to work.

direct_reads() {
	begin=$(uptime_ms)
	dd if=/dev/vda of=/dev/null bs=16384 count=1024 iflag=direct 2>/dev/null || return 1
	took=$(($(uptime_ms) - begin))
}

fill_sockets() {
	echo 65536 65536 65536 >/proc/sys/net/ipv4/tcp_mem
	tcp hold "$port_down" 12 6 >/tmp/held &
	holder=$!
	tries=0
	while [ ! -s /tmp/held ] && [ $tries -lt 1200 ]; do
		tries=$((tries + 1))
		usleep 100000
	done
}

fill_console() {
	for port in /dev/vport*p*; do
		dd if=/dev/zero of="$port" bs=32768 2>/dev/null &
		holder="$holder $!"
	done
	sleep 5
}

# Twice what the pool has room for
fill_disk() {
	job=0
	while [ $job -lt 64 ]; do
		dd if=/dev/zero of=/dev/vdb bs=1M seek=$job count=1 oflag=direct 2>/dev/null &
		holder="$holder $!"
		job=$((job + 1))
	done
	sleep 5
}

holder=
starve=$(word starve)
check reads_before direct_reads
value before_ms "$took"
check "fills_$starve" "fill_$starve"
value slots_held "$(cat /sys/kernel/debug/swiotlb/io_tlb_used)"
check reads_during direct_reads
value during_ms "$took"
value slots_during "$(cat /sys/kernel/debug/swiotlb/io_tlb_used)"
. /scenarios/disk.sh
value requests_cut "$(sed -n 's/^requests_cut: //p' "$DEBUGFS/pool")"
[ ! -s /tmp/held ] || value held "$(cat /tmp/held)"
# shellcheck disable=SC2086 # a list of words on purpose
kill $holder
[ ! -d /sys/class/net/eth0 ] || . /scenarios/net.sh
