# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Attestation: tokens and measurement registers of a realm, reports of a pKVM guest.

CCA_DEVICE=/sys/devices/platform/arm-cca-dev
CCA_MISC=/sys/devices/virtual/misc/arm_cca_guest
REPORTS=/sys/kernel/config/tsm/report

in_realm() {
	[ -d $CCA_DEVICE ]
}

# What every init does for every device: its alias finds the module, if it is one.
load_by_alias() {
	[ -f "/lib/modules/$(uname -r)/modules.dep" ] || depmod
	find /sys/devices -name modalias -exec cat {} + | sort -u | xargs modprobe -a -q
}

bring_up_attestation() {
	[ -d "/lib/modules/$(uname -r)" ] && load_by_alias
	[ -d $REPORTS ] || mount -t configfs configfs /sys/kernel/config
	[ -d $REPORTS ] && { [ -d $CCA_MISC ] || has_dice; } || { echo "no attestation in this kernel"; return 1; }
}

# register NAME: the path of its file, whatever the hash.
register() {
	echo "$CCA_MISC/measurements/$1":*
}

hash_name() {
	register rim | sed 's/.*://'
}

# Is there a provider for guests of pKVM? Only where a firmware has handed a secret over.
has_dice() {
	[ -d $REPORTS ] || mount -t configfs configfs /sys/kernel/config 2>/dev/null
	mkdir $REPORTS/probe 2>/dev/null || return 1
	provider=$(cat $REPORTS/probe/provider)
	rmdir $REPORTS/probe
	[ "$provider" = pkvm_guest ]
}

hex_of() {
	xxd -p "$1" | tr -d '\n'
}

value_of_register() {
	value "$1" "$(hex_of "$(register "$1")")"
}

# extend NAME HEX: by as many of these bytes as the register has.
extend() {
	size=$(stat -c %s "$(register "$1")")
	echo "$2" | xxd -r -p | dd of="$(register "$1")" bs="$size" count=1 2>/tmp/extend.log ||
		{ cat /tmp/extend.log; return 1; }
}

# shell_report HEX FILE: a token without a program, as in the documentation.
shell_report() {
	mkdir $REPORTS/shell || return 1
	echo "$1" | xxd -r -p >$REPORTS/shell/inblob
	cat $REPORTS/shell/outblob >"$2"
	got=$?
	rmdir $REPORTS/shell
	[ $got -eq 0 ] && [ -s "$2" ]
}

# shell_blobs HEX FILE CHAIN: a report and the certificates that come with it.
shell_blobs() {
	mkdir $REPORTS/shell || return 1
	echo "$1" | xxd -r -p >$REPORTS/shell/inblob
	cat $REPORTS/shell/outblob >"$2" && cat $REPORTS/shell/auxblob >"$3"
	got=$?
	rmdir $REPORTS/shell
	[ $got -eq 0 ] && [ -s "$2" ] && [ -s "$3" ]
}

# A token for the host, in lines that fit into a record of the kernel's log.
show_token() {
	show_blob token "$1"
}

show_blob() {
	base64 -w 512 "$2" | while read -r piece; do
		echo "@pguest {\"$1\": \"$piece\"}"
	done
}

# rim, rem1 to rem4, rpv and the hash's name, as values.
show_registers() {
	value hash "$(hash_name)"
	for register in rim rem1 rem2 rem3 rem4; do
		value_of_register $register
	done
	value rpv "$(hex_of $CCA_MISC/rpv)"
}

# All of it, for the challenge of the command line: rem1 is extended by the
# beginning of the challenge, so that the host knows what it must be.
attest() {
	check attestation_is_there bring_up_attestation || return 1
	check rem_is_extended extend rem1 "$challenge"
	show_registers
	check report_is_made report "$challenge" /tmp/token
	show_token /tmp/token
	rm -f /tmp/token
}

# The same in a guest of pKVM, by the same client; the chain is the same for each report.
attest_dice() {
	check report_is_made report "$challenge" /tmp/token
	check chain_is_there shell_blobs "$challenge" /tmp/token2 /tmp/chain
	check reports_are_equal cmp /tmp/token /tmp/token2
	show_blob token /tmp/token
	show_blob chain /tmp/chain
	rm -f /tmp/token /tmp/token2 /tmp/chain
}

# search_for_secrets LIFE: what root finds of the patterns of pguest_search=, in all ways to read memory.
search_for_secrets() {
	words=$(word search | tr , ' ')
	[ -n "$words" ] || return 0
	story "search: memory, as root can read it"
	# The addresses in /proc/vmallocinfo
	echo 1 >/proc/sys/kernel/kptr_restrict
	# shellcheck disable=SC2086 # START SIZE PATTERN...
	value "in_mem$1" "$(search mem $words 2>&1)"
	# shellcheck disable=SC2086
	value "in_kcore$1" "$(search kcore ${words#* * } 2>&1)"
	# shellcheck disable=SC2086
	[ ! -e /dev/open-dice0 ] || value "in_dice$1" "$(search dice ${words#* * } 2>&1)"
}
