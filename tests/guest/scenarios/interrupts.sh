# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# How many interrupts came as messages through the ITS while the disk worked?

. /scenarios/disk.sh
value its_interrupts "$(awk '/ITS-.*MSI/ { n += $2 + $3 } END { print n + 0 }' /proc/interrupts)"
