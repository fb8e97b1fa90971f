# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# debootstrap's second stage: Debian's packages configure themselves, on the CPU that they are for.

check root_mounts mount -t ext4 /dev/vda /mnt
mount -t proc proc /mnt/proc
mount -t devtmpfs devtmpfs /mnt/dev

# Each line of it is told to the host as well: this takes ten minutes.
second_stage() {
	# shellcheck disable=SC3040 # busybox's shell has it
	set -o pipefail
	chroot /mnt /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
		/debootstrap/debootstrap --second-stage 2>&1 | tee /dev/kmsg
}
check second_stage second_stage
umount /mnt/dev
umount /mnt/proc
check root_unmounts umount /mnt
