# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# User space reads a device page that no driver mapped and so nobody guarded:
# that of fw_cfg. (The AMBA bus looks at each of its own devices at boot.)

if devmem 0x09020000 32 >/tmp/mmio; then
	value unguarded "$(cat /tmp/mmio)"
else
	value unguarded "fault $?"
fi
pass read_returned
