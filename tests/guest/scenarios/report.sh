# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# One report by the helper and one without: what an attestation agent does.

. /report.sh

attest
story "the same with mkdir, inblob and outblob alone"
check shell_makes_a_report shell_report "$challenge" /tmp/token2
value shell_token_bytes "$(stat -c %s /tmp/token2)"
value shell_token_sha256 "$(sha256sum </tmp/token2 | cut -d' ' -f1)"
value shell_token "$(base64 -w 0 /tmp/token2 | head -c 64)"
