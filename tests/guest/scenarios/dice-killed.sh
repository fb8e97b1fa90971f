# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Readers that are killed while they make reports, or wait for each other: the provider goes on.

. /report.sh

# Each writes to its own entry, so that each read is a report.
reader() {
	while :; do
		echo "$challenge" | xxd -r -p >"$REPORTS/$1"/inblob
		cat "$REPORTS/$1"/outblob >/dev/null || return 1
	done
}

check attestation_is_there bring_up_attestation
for n in 1 2 3 4; do mkdir "$REPORTS/$n"; done
killed=0
for round in 1 2 3 4 5 6 7 8; do
	readers=
	for n in 1 2 3 4; do
		reader $n &
		readers="$readers $!"
	done
	usleep $((round * 20000))
	# shellcheck disable=SC2086 # a list
	kill -9 $readers
	for pid in $readers; do
		wait "$pid"
		[ $? -ne 137 ] || killed=$((killed + 1))
	done
done
value killed $killed
for n in 1 2 3 4; do check "removed_$n" rmdir "$REPORTS/$n"; done
check report_is_made report "$challenge" /tmp/token
show_token /tmp/token
