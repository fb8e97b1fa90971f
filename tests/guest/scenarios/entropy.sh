# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Is the random number generator ready, and what does it give?

RANDOM_SYSCTL=/proc/sys/kernel/random

value bits "$(cat $RANDOM_SYSCTL/entropy_avail)"
value now "$(entropy now)"
value wait "$(entropy wait)"
value bits_after_wait "$(cat $RANDOM_SYSCTL/entropy_avail)"
if [ -f /sys/class/misc/hw_random/rng_current ]; then
	value device "$(cat /sys/class/misc/hw_random/rng_current)"
	value quality "$(cat /sys/class/misc/hw_random/rng_quality)"
fi
