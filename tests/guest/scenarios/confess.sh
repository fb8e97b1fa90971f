# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The opposite of secrets.sh: give the secrets to a device, so that a scan has
# something to find.

# At each notification the monitor looks at each 256th page, in turn: a request has fewer pages.
write_secrets() {
	round=0
	while [ $round -lt 64 ]; do
		for file in /tmp/secret /key /plaintext; do
			dd if=$file of=/dev/vda bs=1M count=1 oflag=direct || return 1
		done
		round=$((round + 1))
	done
}

check writes_the_secrets write_secrets
value scan_found "$(doorbell scan "$secret")"
