# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What an attestation agent does: a register extended, a token for a challenge.

. /report.sh

attest
