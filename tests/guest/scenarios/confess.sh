# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The opposite of secrets.sh: give the pattern to a device, so that a scan has
# something to find.

write_secret() {
	dd if=/tmp/secret of=/dev/vda bs=64k count=16 oflag=direct
}

check writes_the_secret write_secret
value scan_found "$(doorbell scan "$secret")"
