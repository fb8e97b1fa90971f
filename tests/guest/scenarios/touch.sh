# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# A realm's process maps the same page twice: where it was private, and where the
# host sees it. Only told here; the host of the test decides what was right.

look_at() {
	if devmem "$1" 32 >/tmp/touch 2>/dev/null; then cat /tmp/touch; else echo "fault $?"; fi
}

ipa_bits=$(sed -n 's/.*ipa_bits=\([0-9]*\).*/\1/p' /proc/cmdline)
. /scenarios/disk.sh
page=$(first_shared_page)
value private_alias "$(look_at "$page")"
value shared_alias "$(look_at $((page + (1 << (${ipa_bits:-40} - 1)))))"
