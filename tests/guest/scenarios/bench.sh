# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The pieces of work that `make bench` counts.

if measure /dev/vda "$port_up" "$port_down"; then pass measure; else fail measure "see above"; fi

# A thousand readings of the host's clock, and of /proc/stat with its steal time.
mark 34
check clock clock 1000
mark 35
i=0
mark 36
while [ $i -lt 1000 ]; do
	read -r line </proc/stat
	i=$((i + 1))
done
mark 37
value stat "$line"

# The same disk, encrypted. Keys are as long as those of aes-xts with 256 bits.
key=$(head -c 64 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
if disk=$(crypt open bench /dev/vda "$key"); then
	if measure crypt "$disk"; then pass crypt; else fail crypt "see above"; fi
else
	fail crypt "$disk"
fi

# One report, by the kernel's interface, where there are any.
. /report.sh
if in_realm && bring_up_attestation; then
	mark 60
	check report report "$challenge" /tmp/report
	mark 61
	value report_bytes "$(stat -c %s /tmp/report)"
fi
