# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# A token with mkdir, inblob and outblob alone.

. /report.sh

check attestation_is_there bring_up_attestation
check shell_makes_a_report shell_report "$challenge" /tmp/token
! in_realm || show_registers
show_token /tmp/token
