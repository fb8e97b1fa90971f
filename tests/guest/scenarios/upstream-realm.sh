# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# A realm whose kernel is not ours: disk, and a report by the kernel's own interface.

. /scenarios/disk.sh
. /report.sh
check reports_are_there mount -t configfs configfs /sys/kernel/config
check report_is_made report "$challenge" /tmp/token
show_token /tmp/token
