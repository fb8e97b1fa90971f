# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The pieces of work that `make bench` counts.

if measure /dev/vda "$port_up" "$port_down"; then pass measure; else fail measure "see above"; fi

# One report, by the kernel's interface, where there are any.
. /report.sh
if in_realm && bring_up_attestation; then
	mark 60
	check report report "$challenge" /tmp/report
	mark 61
	value report_bytes "$(stat -c %s /tmp/report)"
fi
