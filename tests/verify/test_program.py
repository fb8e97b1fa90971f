# SPDX-License-Identifier: GPL-2.0-only
"""scripts/verify-report as people and scripts call it."""

import json
import subprocess
import sys

import paths
import pytest
import rim
from reports import CHALLENGE, REGISTERS, ROOT, RPV
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from forge import Forge
from test_measurements import IMAGE, INITRD, SHAPE


@pytest.fixture
def verify(tmp_path, new_token):
    """verify(option, ...) runs the program on a token of the monitor's."""
    def run(*words, token=None):
        file = tmp_path / "token"
        file.write_bytes(new_token() if token is None else token)
        return subprocess.run([sys.executable, ROOT / "scripts" / "verify-report", file, *map(str, words)],
                              capture_output=True, text=True, check=False)

    return run


KEY = ("--cpak", paths.MONITOR / "cpak.pem")
CHALLENGED = (*KEY, "--challenge", CHALLENGE.hex())


def test_everything_given(verify):
    words = [*CHALLENGED, "--rim", REGISTERS[0][:32].hex(), "--rpv", RPV.hex()]
    for number in (1, 2, 3, 4):
        words += ["--rem", f"{number}={REGISTERS[number][:32].hex()}"]
    done = verify(*words)
    assert done.returncode == 0 and not done.stderr
    assert "not compared" not in done.stdout.lower()
    assert '"a realm of tests"' in done.stdout
    assert "secured" in done.stdout
    assert CHALLENGE.hex() in done.stdout


def test_it_says_what_it_did_not_compare(verify):
    done = verify(*KEY)
    assert done.returncode == 0
    assert done.stdout.strip().endswith("compared: nothing; NOT compared: challenge, RIM")
    assert done.stdout.count("(not compared)") == 7


def test_nothing_that_a_terminal_obeys(verify, tmp_path):
    forge = Forge()
    forge.platform[2399][0][1] = forge.platform[2400] = "\x1b[2Jfirmware\r\n"
    forge.realm[44235] = b"\x1b[2J".ljust(64, b"\0")
    pem = tmp_path / "cpak.pem"
    pem.write_bytes(forge.cpak.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    done = verify("--cpak", pem, token=forge.bytes())
    assert done.returncode == 0
    assert "?[2Jfirmware??" in done.stdout and "\x1b" not in done.stdout


def test_for_programs(verify):
    said = json.loads(verify(*CHALLENGED, "--json").stdout)
    assert said["verified"] is True and said["compared"] == ["challenge"]
    assert said["realm"]["challenge"] == CHALLENGE.hex()
    assert said["realm"]["rem"] == [register[:32].hex() for register in REGISTERS[1:]]


@pytest.mark.parametrize("words, why", [
    ((*KEY, "--challenge", "00"), "refused: challenge: is 000102"),
    ((*CHALLENGED, "--rim", "00"), "refused: RIM: is"),
    ((*CHALLENGED, "--rem", "2=" + "00" * 32), "refused: REM 2: is"),
    ((*CHALLENGED, "--rpv", "00"), "refused: RPV: is"),
    (("--cpak", "/nowhere"), "/nowhere: No such file"),
    (("--cpak", __file__), "no PEM, no JWK"),
])
def test_one_line_for_a_refusal(verify, words, why):
    done = verify(*words)
    assert done.returncode == 1
    assert not done.stdout
    assert done.stderr.startswith("pguest: ") and done.stderr.count("\n") == 1
    assert why in done.stderr


@pytest.mark.parametrize("words", [("--challenge", "xy"), ("--challenge", ""), ("--challenge", "00" * 65),
                                   ("--rem", "5=00"), ("--rem", "00"), ("--rim", "0"),
                                   ("--image", __file__), ("--rim", "00", "--image", __file__),
                                   ("--initrd", __file__), ("--machine", __file__)])
def test_arguments_that_make_no_sense(verify, words):
    done = verify(*KEY, *words)
    assert done.returncode == 2
    assert not done.stdout


def test_an_empty_file(verify):
    done = verify(*KEY, token=b"")
    assert done.returncode == 1
    assert "cut off" in done.stderr


def test_the_initial_measurement_from_files(verify, maketoken, tmp_path):
    (tmp_path / "Image").write_bytes(IMAGE)
    (tmp_path / "initrd").write_bytes(INITRD)
    report = {"cpus": 3, "realm": {
        "ipa_bits": 40, "measured": 1, "described": {"start": "0x42000000", "size": 5 << 20},
        "initrd": {"start": "0x42100000", "size": len(INITRD)}, "dtb": {"start": "0x42300000", "size": 0x3000}}}
    (tmp_path / "report").write_text(json.dumps(report))
    value = rim.compute("sha-256", IMAGE, INITRD, SHAPE)
    token = maketoken("token", "sha256", 907, 0, 0, CHALLENGE.hex(), "", value.hex(), *["00"] * 4)
    words = [*CHALLENGED, "--image", tmp_path / "Image", "--initrd", tmp_path / "initrd",
             "--machine", tmp_path / "report"]
    done = verify(*words, token=token)
    assert done.returncode == 0
    assert "compared: challenge, RIM" in done.stdout

    (tmp_path / "initrd").write_bytes(INITRD + b"!")
    assert "refused: RIM: is" in verify(*words, token=token).stderr
    (tmp_path / "report").write_text("{}")
    assert "cannot work out the RIM" in verify(*words, token=token).stderr
    (tmp_path / "Image").write_bytes(b"")
    assert "cannot work out the RIM" in verify(*words, token=token).stderr


def test_public_tokens(public):
    for name in ("cca-token-01", "cca-token-draft-ffm-00"):
        done = subprocess.run([sys.executable, ROOT / "scripts" / "verify-report", public / f"{name}.cbor",
                               "--cpak", public / "cpak.json"], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and "verified: signatures, binding" in done.stdout
