# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Negative control: no device works here. Show that by trying.

data_came() {
	timeout 5 dd if=/dev/vda of=/tmp/read bs=4096 count=1 iflag=direct
}

rng_came() {
	timeout 2 dd if=/dev/hwrng of=/tmp/read bs=64 count=1 && [ -s /tmp/read ]
}

if rng_came; then value rng works; else value rng fails; fi
if [ -b /dev/vda ] && data_came; then value disk works; else value disk fails; fi
