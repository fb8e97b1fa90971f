# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The host keeps all interrupts of devices from the guest for a while, and sends each number once afterwards: what waits
# for one stands still until then, and works on.

# Its own copy of the first MiB, in the order of the device
read_start() {
	dd if=/dev/vda of=/tmp/start bs=4096 count=256 iflag=direct
}

waits() {
	kill -0 "$1" 2>/dev/null || { echo "it has not waited"; return 1; }
}

ends() {
	tries=0
	while kill -0 "$1" 2>/dev/null && [ $tries -lt 600 ]; do
		tries=$((tries + 1))
		usleep 50000
	done
	wait "$1"
}

check disk_works read_start
before=$(sha256 </tmp/start)
doorbell lose 1
read_start &
reader=$!
send_to_host &
sender=$!
sleep 2
check reader_waits waits $reader
doorbell lose 0
check reader_works_on ends $reader
check same_data same_sum "$before" "$(sha256 </tmp/start)"
check sender_works_on ends $sender
. /scenarios/disk.sh
check network_works send_to_host
value net_sha256 "$sum"
