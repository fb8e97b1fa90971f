# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Is there a provider of reports, and does it give one? What does root find of the secrets? With
# an Image on the first disk, the kernel of that file is asked the same (pguest_life=2).

. /report.sh

life=$(word life)

if has_dice; then
	value "provider$life" pkvm_guest
	attest_dice
else
	value "provider$life" none
fi
[ -z "$life" ] && [ -b /dev/vda ] || search_for_secrets "$life"

if [ -z "$life" ] && [ -b /dev/vda ] && mount -t ext4 /dev/vda /mnt; then
	kexec load /mnt/Image2 /mnt/initramfs "$(cat /proc/cmdline) pguest_life=2"
	umount /mnt
	story "kexec"
	kexec jump
	fail jumps "the kernel came back"
fi
