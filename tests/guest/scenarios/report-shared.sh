# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Readers of one entry, and a writer: all get whole tokens, nobody waits for ever.

. /report.sh

E=$REPORTS/entry

reader() {
	for i in $(seq 1 50); do
		cat "$E"/outblob >"/tmp/r$1" || return 1
		[ -s "/tmp/r$1" ] || return 1
	done
}

check attestation_is_there bring_up_attestation
mkdir "$E"
echo "$challenge" | xxd -r -p >"$E"/inblob
readers=
for n in 1 2 3 4; do
	reader $n &
	readers="$readers $!"
done
for i in $(seq 1 50); do echo "$challenge" | xxd -r -p >"$E"/inblob; done
for pid in $readers; do check "reader_$pid" wait "$pid"; done
check generation_counts_writes [ "$(cat "$E"/generation)" = 51 ]
cat "$E"/outblob >/tmp/token
rmdir "$E"
show_token /tmp/token
