# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What came with a large initramfs arrived whole.

value filler_sha256 "$(sha256 </filler)"
pass filler_read
. /scenarios/disk.sh
