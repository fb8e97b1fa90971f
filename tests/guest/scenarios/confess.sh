# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The opposite of secrets.sh: give the pattern to a device, so that a scan has
# something to find.

# At each notification the monitor looks at each 256th page, in turn: a request has fewer pages.
write_secret() {
	round=0
	while [ $round -lt 64 ]; do
		dd if=/tmp/secret of=/dev/vda bs=1M count=1 oflag=direct || return 1
		round=$((round + 1))
	done
}

check writes_the_secret write_secret
value scan_found "$(doorbell scan "$secret")"
