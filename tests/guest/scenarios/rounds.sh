# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The kernel wants the pool's memory back while devices want more of it, until pguest_pieces=
# have gone and come back.

shrink_often() {
	round=0
	# No line in the log for each of what follows
	echo 4 >/proc/sys/vm/drop_caches
	while [ "$(stat_of pool_given)" -lt "$pieces" ]; do
		# What shrinkers hold: the pool's is among them.
		echo 2 >/proc/sys/vm/drop_caches || return 1
		round=$((round + 1))
		[ $round -lt 20000 ] || { echo "$(stat_of pool_given) pieces"; return 1; }
	done
}

disks=$(ls /dev/vd?)
while [ ! -f /tmp/enough ]; do
	# shellcheck disable=SC2086 # a list of words on purpose
	hammer 120 8 2 256 $disks >/tmp/hammer.log 2>&1 || break
done &
busy=$!
pieces=$(word pieces)
check gives_many_pieces shrink_often
touch /tmp/enough
wait $busy
value hammer_beside "$(tail -n 1 /tmp/hammer.log)"
. /scenarios/resize.sh
