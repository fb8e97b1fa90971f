# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Two encrypted disks with the same key: one by the cipher of the CPU's instructions, one by a template that works on
# what it has written. How much of their data is copied through the pool?

key=$(head -c 64 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
head -c 2097152 /dev/urandom >/tmp/data

# there_and_back DEVICE: by the page cache, and around it, in pieces that are no multiple of each other.
there_and_back() {
	dd if=/tmp/data of="$1" bs=64k conv=fsync 2>/dev/null || return 1
	echo 3 >/proc/sys/vm/drop_caches
	dd if="$1" bs=1M count=2 2>/dev/null | cmp - /tmp/data || return 1
	dd if=/tmp/data of="$1" bs=24k oflag=direct 2>/dev/null || return 1
	dd if="$1" bs=512k count=4 iflag=direct 2>/dev/null | cmp - /tmp/data
}

# of_kind NAME DISK [cipher=CIPHER]
of_kind() {
	name=$1
	shift
	device=$(crypt open "$name" "$1" "$key" ${2:+"$2"}) || { echo "$device"; return 1; }
	# The first time makes the pool grow, which is later than a fast disk.
	there_and_back "$device" || return 1
	sleep 1
	before=$(stat_of bytes_bounced)
	there_and_back "$device" || return 1
	crypt close "$name" || return 1
	echo $(($(stat_of bytes_bounced) - before)) >"/tmp/$name"
}

# What the plain block cipher is called depends on the kernel.
cipher=$(sed -n 's/^driver *: \(aes-generic\|aes-lib\)$/\1/p' /proc/crypto | head -n 1)
check instructions of_kind instructions /dev/vda
value bounced_instructions "$(cat /tmp/instructions)"
check template of_kind template /dev/vdb "cipher=capi:xts(ecb($cipher))-plain64"
value bounced_template "$(cat /tmp/template)"
# Whichever made it, it is the same ciphertext.
check same_ciphertext cmp /dev/vda /dev/vdb
value ciphertext "$(head -c 2097152 /dev/vda | cmp - /tmp/data >/dev/null && echo plain || echo hidden)"
