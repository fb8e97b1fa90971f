# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What `make bench HOST=pkvm` counts, in any kernel.

slots=/sys/kernel/debug/swiotlb/io_tlb_nslabs
[ ! -f $slots ] || value pool_kib $(($(cat $slots) * 2))

if measure /dev/vda "$port_up" "$port_down"; then pass measure; else fail measure "see above"; fi
