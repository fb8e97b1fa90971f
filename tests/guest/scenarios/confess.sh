# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The opposite of secrets.sh: give the pattern to a device, so that a scan has
# something to find.

write_secret() {
	for _ in 1 2 3 4 5 6 7 8; do
		dd if=/tmp/secret of=/dev/vda bs=1M count=1 oflag=direct || return 1
	done
}

check writes_the_secret write_secret
value scan_found "$(doorbell scan "$secret")"
