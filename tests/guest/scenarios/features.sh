# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What the kernel says of the CPU's features: each line of the file, all registers included.

if [ -f "$DEBUGFS/features" ]; then
	grep -v ': ' "$DEBUGFS/features" | while read -r kind name rest; do
		value "${kind}_$name" "$rest"
	done
fi
pass booted
