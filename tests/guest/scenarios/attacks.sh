# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Disks from vdb on have the contents of vda and devices that lie, each in its way:
# pguest_attacks=NAME,NAME. What each read and write ends in, for the host to judge:
# right, wrong, short (there the disk ends), error, or hangs.

BLOCK=32768
READERS=4
BLOCKS=8	# for each

# Blocks FROM to FROM + BLOCKS of a disk, and how that ended
part_read() {
	dd if="/dev/$1" of="/tmp/$1.$2" bs=$BLOCK skip="$2" count=$BLOCKS iflag=direct
	echo $? >"/tmp/$1.$2.status"
}

part_write() {
	dd if="/tmp/part.$2" of="/dev/$1" bs=$BLOCK seek=$(($2 + $3)) count=$BLOCKS oflag=direct
	echo $? >"/tmp/$1.$2.status"
}

parts() {
	seq 0 $BLOCKS $((BLOCKS * (READERS - 1)))
}

# at_once COMMAND DEVICE [WORDS]: all parts, and the result of each as a line
at_once() {
	command=$1 device=$2
	shift 2
	rm -f /tmp/"$device".*
	for part in $(parts); do
		# One that hangs must not keep the pipe open that its result is read from:
		# where a shell redirects a function's output it keeps the old one at hand.
		(
			exec >/dev/null 2>&1
			"$command" "$device" "$part" "$@"
		) &
	done
	for _ in $(seq 1 80); do
		[ "$(ls /tmp/"$device".*.status 2>/dev/null | wc -l)" = $READERS ] && break
		usleep 100000
	done
	for part in $(parts); do
		if [ ! -f "/tmp/$device.$part.status" ]; then
			echo hangs
		elif [ "$(cat "/tmp/$device.$part.status")" != 0 ]; then
			echo error
		elif [ "$command" = part_read ] &&
			[ "$(stat -c %s "/tmp/$device.$part")" -lt $((BLOCK * BLOCKS)) ]; then
			echo short
		elif [ "$command" = part_read ] && ! cmp -s "/tmp/$device.$part" "/tmp/part.$part"; then
			echo wrong
		else
			echo right
		fi
	done
}

# The kinds of outcome, without how many of each.
kinds() {
	sort -u | tr '\n' ' ' | sed 's/ $//'
}

# What was written is right if the honest disk says so, whatever the other one said.
look_at_writes() {
	while read -r outcome; do
		part=$(($1 + BLOCKS * line))
		line=$((line + 1))
		[ "$outcome" = right ] && ! dd if=/dev/vda bs=$BLOCK skip=$part count=$BLOCKS iflag=direct 2>/dev/null |
			cmp -s - "/tmp/part.$((part - $1))" && outcome=wrong
		echo "$outcome"
	done
}

data "$(new_seed)" $((BLOCK * BLOCKS * READERS)) >/tmp/whole
for part in $(parts); do
	dd if=/tmp/whole of="/tmp/part.$part" bs=$BLOCK skip="$part" count=$BLOCKS 2>/dev/null
done
check honest_disk_writes dd if=/tmp/whole of=/dev/vda bs=$BLOCK oflag=direct

letters=bcdefghijklmnopqrstuvwxyz
for attack in $(word attacks | tr ',' ' '); do
	disk=vd${letters%"${letters#?}"}
	letters=${letters#?}
	story "attack: $attack on $disk"
	value "read_$attack" "$(at_once part_read "$disk" | kinds)"
	line=0
	base=$((BLOCKS * READERS * (26 - ${#letters})))
	value "write_$attack" "$(at_once part_write "$disk" "$base" | look_at_writes "$base" | kinds)"
done
check honest_disk_reads sh -c "dd if=/dev/vda bs=$BLOCK count=$((BLOCKS * READERS)) iflag=direct | cmp - /tmp/whole"
