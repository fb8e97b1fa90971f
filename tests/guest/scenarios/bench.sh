# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The pieces of work that `make bench` counts.

if measure /dev/vda "$port_up" "$port_down"; then pass measure; else fail measure "see above"; fi
