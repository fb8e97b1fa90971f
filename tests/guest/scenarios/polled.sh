# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# A read whose end the kernel polls for, and one that ends by an interrupt.

value polled "$(polled /dev/vda 2>&1)"
echo 3 >/proc/sys/vm/drop_caches
if dd if=/dev/vda of=/tmp/read bs=4096 count=1 iflag=direct; then value disk works; else value disk fails; fi
