# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# More direct I/O at once than any pool can hold: see hammer.c.

disks=$(ls /dev/vd?)
# shellcheck disable=SC2086 # a list of words on purpose
if hammer 120 16 4 512 $disks >/tmp/hammer.log 2>&1; then
	pass hammer
else
	fail hammer "$(grep -m 1 hammer: /tmp/hammer.log | tr -d '"')"
fi
value hammer "$(tail -n 1 /tmp/hammer.log)"

by_device=0
sed -n 's/^waits of .*: //p' "$DEBUGFS/pool" >/tmp/waits
while read -r count; do
	by_device=$((by_device + count))
done </tmp/waits
value waits_by_device "$by_device"
value waits "$(sed -n 's/^waits: //p' "$DEBUGFS/pool")"
value waiting "$(sed -n 's/^waits of \(.*\): .*/\1/p' "$DEBUGFS/pool" | tr '\n' ' ')"
