# SPDX-License-Identifier: GPL-2.0-only
"""Tokens to verify: the public ones, and the monitor's own without the monitor."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts" / "lib"), str(ROOT / "tests" / "verify")]

import ccatoken  # noqa: E402
import guest  # noqa: E402
import paths  # noqa: E402
from forge import Forge  # noqa: E402

PUBLIC = ROOT.parent / "shared" / "testdata" / "cca"
CHALLENGE = bytes(range(64))
RPV = b"a realm of tests"
REGISTERS = [bytes([number]) * 64 for number in range(5)]


@pytest.fixture(scope="session")
def maketoken():
    """maketoken(word, ...) is what the program prints, from hexadecimal."""
    program = guest.maketoken()

    def run(*words):
        done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return bytes.fromhex(done.stdout)

    return run


@pytest.fixture(scope="session")
def new_token(maketoken):
    """A token of the monitor's, for CHALLENGE and REGISTERS."""
    def new(name="sha256", envelope=907, profile=0, size=0):
        return maketoken("token", name, envelope, profile, size, CHALLENGE.hex(), RPV.hex(),
                         *(register.hex() for register in REGISTERS))

    return new


@pytest.fixture(scope="session")
def monitor_anchors(maketoken):
    return ccatoken.anchors_of((paths.MONITOR / "cpak.pem").read_bytes())


def public_directory():
    """The directory of public tokens; without it the test that wants one is skipped."""
    if not PUBLIC.is_dir():
        pytest.skip(f"{PUBLIC} is not there: the public tokens are not part of this repository")
    return PUBLIC


@pytest.fixture
def public():
    return public_directory()


TF_RMM = next(pair for pair in ccatoken.PAIRS
              if (pair.platform, pair.realm) == ("tag:arm.com,2023:cca_platform#1.0.0", "tag:arm.com,2024:realm#2.0.0"))


@pytest.fixture(scope="session")
def any_token(new_token, monitor_anchors):
    """any_token(name) is (bytes, anchors) of one that verifies."""
    forged = Forge(pair=TF_RMM)
    data = forged.bytes()

    def token(name):
        if name.startswith("cca-token"):
            return ((public_directory() / f"{name}.cbor").read_bytes(),
                    ccatoken.anchors_of((PUBLIC / "cpak.json").read_bytes()))
        if name == "TF-RMM's pair":
            return data, forged.anchors()
        return {"tag 907": lambda: new_token(), "tag 399": lambda: new_token("sha512", 399, 1),
                "oldest": lambda: new_token("sha384", 399, 2)}[name](), monitor_anchors

    return token
