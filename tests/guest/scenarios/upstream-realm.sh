# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# A realm whose kernel is not ours: disk, and a report by the kernel's own interface.

. /scenarios/disk.sh
