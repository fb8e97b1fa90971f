# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The RTC has 4 KiB of registers at 0x09010000: what is behind them is nobody's.

check device_works sh -c "dmesg | grep 'pl031: registered as rtc0'"
if devmem 0x09013000 32 >/tmp/mmio; then
	value beside "$(cat /tmp/mmio)"
else
	value beside "fault $?"
fi
