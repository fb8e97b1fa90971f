# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Commands that a program gives a SCSI disk itself, up to the size that the disk says.

check commands_move_data sgio /dev/sda
value sgio_limit "$(sed -n 's/^limit //p' /tmp/check.log)"
