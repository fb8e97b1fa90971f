# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Reports that may fail: how each ends, for a host that plays a broken RMM.
# pguest_reports=N is their number.

. /report.sh

reports=$(word reports)

# A program beside it that wants the CPU now and then: it tells whether it got it.
heart_beats() {
	while :; do
		echo
		usleep 10000
	done >/tmp/beats
}

check attestation_is_there bring_up_attestation
show_registers
mkdir "$REPORTS"/r
for i in $(seq 1 "${reports:-2}"); do
	echo "$challenge" | xxd -r -p >"$REPORTS"/r/inblob
	heart_beats &
	heart=$!
	start=$(uptime_ms)
	value "report_$i" "$(attempt read "$REPORTS"/r/outblob)"
	value "ms_$i" $(($(uptime_ms) - start))
	kill $heart
	value "beats_$i" "$(wc -l </tmp/beats)"
	cat "$REPORTS"/r/outblob >"/tmp/token$i" 2>/dev/null
done
rmdir "$REPORTS"/r
[ -s "/tmp/token$i" ] && show_token "/tmp/token$i"
