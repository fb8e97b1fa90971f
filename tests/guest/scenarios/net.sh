# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# TCP in both directions.

check net_sends send_to_host
value net_up_sha256 "$sum"
check net_receives receive_from_host
value net_down_sha256 "$sum"
value net_dropped "$(cat /sys/class/net/eth0/statistics/tx_dropped)"
