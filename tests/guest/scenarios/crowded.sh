# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# A network card takes what the pool has, while the rest of the pool's memory holds pages that
# disks are about to write. The pool gets memory only by moving such pages, and their disks need
# the pool.

virtio_net=/sys/bus/virtio/drivers/virtio_net
card=$(cd $virtio_net && echo virtio*)
disks=$(ls /dev/vd?)
rounds=4

write_all() {
	for disk in $disks; do
		dd if=/dev/zero of="$disk" bs=1M count=24 2>/dev/null &
	done
	sync
}

# All of the card's receive buffers are mapped when the interface comes up.
crowd_once() {
	echo "$card" >$virtio_net/unbind && echo "$card" >$virtio_net/bind || return 1
	# shellcheck disable=SC2086 # a list of words on purpose
	cat $disks >/dev/null
	pool_settles
	write_all &
	usleep 100000
	ip link set eth0 up
	wait
}

crowd_often() {
	round=0
	while [ $round -lt $rounds ]; do
		crowd_once || { echo "round $round"; return 1; }
		sync
		round=$((round + 1))
	done
}

check crowds crowd_often
ip address add 10.0.2.15/24 dev eth0
value cma_free "$(sed -n 's/^CmaFree: *\([0-9]*\) kB/\1/p' /proc/meminfo)"
. /scenarios/net.sh
