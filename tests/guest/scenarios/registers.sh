# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The files of the measurement registers: modes, sizes, and what a write does.

. /report.sh

try() {
	name=$1
	shift
	value "$name" "$(attempt "$@")"
}

check attestation_is_there bring_up_attestation
value files "$(ls "$CCA_MISC"/measurements | tr '\n' ' ')"
value modes "$(cd "$CCA_MISC"/measurements && stat -c '%n=%a,%s' -- * | tr '\n' ' ')"
value rpv_mode "$(stat -c '%a,%s' "$CCA_MISC"/rpv)"
show_registers

size=$(stat -c %s "$(register rem2)")
before=$(hex_of "$(register rem2)")
for bytes in 1 $((size - 1)); do try "rem2_write_$bytes" write "$(register rem2)" $bytes; done
check short_writes_change_nothing [ "$before" = "$(hex_of "$(register rem2)")" ]
try rim_write write "$(register rim)" "$size"
try rpv_write write "$CCA_MISC"/rpv 64
try rem2_read_by_1 read "$(register rem2)" 1
try rem2_write write "$(register rem2)" "$size"
value_of_register rem2
try rem3_write_too_much write "$(register rem3)" $((size + 1))
value_of_register rem3
for n in 1 2 3 4; do try "rem4_write_$n" write "$(register rem4)" "$size"; done
value_of_register rem4
