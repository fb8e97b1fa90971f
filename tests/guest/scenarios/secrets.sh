# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Work the devices over memory that had secrets in it, then let the host look.

. /report.sh

# reads_as_plaintext FLAGS: both copies, without what is cached of them.
reads_as_plaintext() {
	echo 3 >/proc/sys/vm/drop_caches
	dd if="$crypt" bs=64k count=16 ${1:+"$1"} 2>/dev/null | cmp - /tmp/twice
}

# The disk gets what is written through dm-crypt once by the page cache, and once out of the writer's memory.
encrypts() {
	crypt key disk /key || return 1
	crypt=$(crypt open secret /dev/vdb :64:user:disk) || { echo "$crypt"; return 1; }
	cat /plaintext /plaintext >/tmp/twice
	dd if=/plaintext of="$crypt" bs=64k conv=fsync || return 1
	dd if=/plaintext of="$crypt" bs=64k seek=8 oflag=direct || return 1
	reads_as_plaintext && reads_as_plaintext iflag=direct
}

check disk_mounts mount -t ext4 /dev/vda /mnt
check disk_reads_back write_and_read_back /mnt/data 16
check disk_unmounts umount /mnt
check encrypts encrypts
check network_works send_to_host
rm /tmp/secret
check reads_over_freed_secrets sh -c 'dd if=/dev/vda of=/dev/null bs=1M count=64'
check reads_over_a_secret overwrite "$secret" /dev/vda
if [ -n "$challenge" ] && has_dice; then attest_dice; fi
check short_packets_and_reads secret short "$secret" 10.0.2.2 /dev/vda
check still_encrypted reads_as_plaintext iflag=direct
check key_is_kept crypt same disk /key
value scan_found "$(doorbell scan "$secret")"
. /scenarios/peeks.sh
