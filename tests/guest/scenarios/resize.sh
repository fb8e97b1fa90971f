# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The bounce pool grows with the work and shrinks when it is done.

MARK_BOOT=20
MARK_WORK=21
MARK_IDLE=22
few=$((2 * MIB))

pool_is_small() {
	tries=0
	while [ $tries -lt 600 ]; do
		[ "$(stat_of pool_shared)" -lt $few ] && [ "$(stat_of pool_present)" -lt $((2 * few)) ] &&
			[ "$(stat_of pool_settled)" = yes ] && return 0
		tries=$((tries + 1))
		usleep 100000
	done
	echo "$(stat_of pool_shared) bytes shared, $(stat_of pool_present) there"
	return 1
}

phase() {
	same_shared "$1" "$2"
	value "$1_present" "$(stat_of pool_present)"
	value "$1_pool_shared" "$(stat_of pool_shared)"
	value "$1_memory_free" "$(sed -n 's/^MemFree: *\([0-9]*\) kB/\1/p' /proc/meminfo)"
}

value memory_total "$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)"
value cma_total "$(sed -n 's/^CmaTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)"
phase boot $MARK_BOOT
disks=$(ls /dev/vd?)
# shellcheck disable=SC2086 # a list of words on purpose
if hammer 600 16 2 512 $disks >/tmp/hammer.log 2>&1; then
	pass hammer
else
	fail hammer "$(grep -m 1 hammer: /tmp/hammer.log | tr -d '"')"
fi
phase work $MARK_WORK
check pool_shrinks pool_is_small
phase idle $MARK_IDLE
