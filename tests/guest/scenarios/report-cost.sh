# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What `make bench-dice` counts: ten reports, by one process.

. /report.sh

check attestation_is_there bring_up_attestation
# The first one needs the program and the provider's pages in the cache.
check report_is_made report many 1 /tmp/reports
mark 62
check reports_are_made report many 10 /tmp/reports
mark 63
