# SPDX-License-Identifier: GPL-2.0-only
"""Tokens to verify: the public ones, and the monitor's own without the monitor."""


import pytest



from pguest import ccatoken, paths

PUBLIC = paths.ROOT.parent / "shared" / "testdata" / "cca"
CHALLENGE = bytes(range(64))
RPV = b"a realm of tests"
REGISTERS = [bytes([number]) * 64 for number in range(5)]


def public_directory():
    """The directory of public tokens; without it the test that wants one is skipped."""
    if not PUBLIC.is_dir():
        pytest.skip(f"{PUBLIC} is not there: the public tokens are not part of this repository")
    return PUBLIC


TF_RMM = next(pair for pair in ccatoken.PAIRS
              if (pair.platform, pair.realm) == ("tag:arm.com,2023:cca_platform#1.0.0", "tag:arm.com,2024:realm#2.0.0"))
