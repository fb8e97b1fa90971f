# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# User space reads a device page that no driver mapped and so nobody guarded.

value unguarded "$(devmem 0x09030000 32 2>&1 | tail -n 1)"
pass read_returned
