# SPDX-License-Identifier: GPL-2.0-only
"""Fixtures. What tests import by name is in reports.py: there is more than one conftest.py."""

import ctypes
import subprocess
import sys

import pytest
from dicelayer import make
from forge import Forge
from reports import CHALLENGE, PUBLIC, REGISTERS, RPV, TF_RMM, public_directory

from pguest import ccatoken, guest, paths


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


@pytest.fixture
def public():
    return public_directory()


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


@pytest.fixture
def verify(tmp_path, new_token):
    """verify(option, ...) runs the program on a token of the monitor's."""
    def run(*words, token=None):
        file = tmp_path / "token"
        file.write_bytes(new_token() if token is None else token)
        return subprocess.run([sys.executable, paths.ROOT / "scripts" / "verify-report", file, *map(str, words)],
                              capture_output=True, text=True, check=False)

    return run


@pytest.fixture(scope="session")
def layer():
    """The layer's own C for DICE."""
    return ctypes.CDLL(make("libdice.so"))
