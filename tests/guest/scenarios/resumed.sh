# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What the owner's initramfs does: start the image of the scenario hibernated.

resume() {
	if [ "$(word image plain)" = sealed ]; then
		mknod /dev/snapshot c 10 231 2>/dev/null
		sealed start /dev/vdb
		return 1
	fi
	crypt open swap /dev/vdb "$(image_key)" && cat /sys/class/block/dm-0/dev >/sys/power/resume
}

resume >/tmp/resume.log 2>&1
# Here there was no image, or it was refused: what has said so counts.
value not_resumed "$(tail -n 1 /tmp/resume.log | tr -d '"\\\t')"
