# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Tokens that are longer and shorter in turn, while others write challenges: a
# reader must never find something behind the end of a token that is not of it.
# The RMM puts 0xdb behind the long ones.

. /report.sh

E=$REPORTS/entry

write_challenges() {
	while :; do
		echo "$challenge" | xxd -r -p >"$E"/inblob
	done
}

look_behind_tokens() {
	long=0 short=0 foreign=0
	for i in $(seq 1 200); do
		cat "$E"/outblob >/tmp/token || continue
		size=$(stat -c %s /tmp/token)
		if [ "$size" -gt "$bytes" ]; then
			long=$((long + 1))
			rest=$(tail -c +$((bytes + 1)) /tmp/token | tr -d '\333' | wc -c)
			[ "$rest" -eq 0 ] || foreign=$((foreign + 1))
		else
			short=$((short + 1))
		fi
	done
}

check attestation_is_there bring_up_attestation
mkdir "$E"
# The first token is a short one.
echo "$challenge" | xxd -r -p >"$E"/inblob
cat "$E"/outblob >/tmp/token
bytes=$(stat -c %s /tmp/token)
write_challenges &
writer=$!
look_behind_tokens
kill $writer
wait $writer 2>/dev/null
rmdir "$E"
value long $long
value short $short
value foreign $foreign
