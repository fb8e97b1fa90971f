# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The command line as the kernel used it; in a realm a report as well.

. /report.sh

value cmdline "$(cat /proc/cmdline)"
[ -z "$challenge" ] || attest
