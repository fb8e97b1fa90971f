# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# How much memory there is, when all that can be given back has been.

. /scenarios/disk.sh
[ ! -d "$DEBUGFS" ] || pool_settles
value memory_total "$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)"
