# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Memory runs short, and only the disk can free it: what a file system in memory holds goes to
# swap space and comes back.

fill_and_read_back() {
	seed=$(new_seed)
	data "$seed" $((fill * MIB)) >/swapped/file || { echo "write failed"; return 1; }
	same_sum "$(sha256 </swapped/file)" "$(data "$seed" $((fill * MIB)) | sha256)" ||
		{ echo "the data read is not the data written"; return 1; }
}

fill=${fill_mib:-64}
check swap_begins sh -c "mkswap /dev/vda && swapon /dev/vda"
mkdir -p /swapped
check memory_is_mounted mount -t tmpfs -o size=$((2 * fill))m tmpfs /swapped
check data_comes_back fill_and_read_back
value swapped_out "$(sed -n 's/^pswpout //p' /proc/vmstat)"
value swapped_in "$(sed -n 's/^pswpin //p' /proc/vmstat)"
rm -f /swapped/file
check swap_ends swapoff /dev/vda
