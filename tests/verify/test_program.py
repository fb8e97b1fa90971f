# SPDX-License-Identifier: GPL-2.0-only
"""scripts/verify-report as people and scripts call it."""

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from reports import CHALLENGE, REGISTERS, RPV
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from forge import Forge
from test_measurements import IMAGE, INITRD, SHAPE, report

from pguest import ccatoken, paths, rim


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
                                   ("--initrd", __file__), ("--machine", __file__), ("--rmm", "2.0"),
                                   ("--image", __file__, "--machine", __file__, "--rmm", "3.0"),
                                   ("--profiles", "tag:arm.com,2023:cca_platform#1.0.0"),
                                   ("--profiles", "tag:arm.com,2023:cca_platform#1.0.0", "none"),
                                   ("--profiles", "tag:arm.com,2024:realm#2.0.0", "none")])
def test_arguments_that_make_no_sense(verify, words):
    done = verify(*KEY, *words)
    assert done.returncode == 2
    assert not done.stdout


def test_an_empty_file(verify):
    done = verify(*KEY, token=b"")
    assert done.returncode == 1
    assert "cut off" in done.stderr


PLATFORM, REALM = "tag:arm.com,2024:cca_platform#2.0.0", "tag:arm.com,2024:realm#2.0.0"


def test_one_pair_of_profiles(verify):
    done = verify(*CHALLENGED, "--profiles", PLATFORM, REALM)
    assert done.returncode == 0
    assert "compared: challenge, profiles" in done.stdout
    done = verify(*CHALLENGED, "--profiles", "http://arm.com/CCA-SSD/1.0.0", "none")
    assert done.returncode == 1
    assert f"refused: profiles: '{PLATFORM}' and '{REALM}' are accepted, and not what was asked for" in done.stderr


def test_no_pair_and_no_claim_is_a_surprise_to_what_is_printed(verify, tmp_path):
    """Every pair, and in each part claims that only a draft knows or nobody."""
    pem = tmp_path / "cpak.pem"
    for pair in ccatoken.PAIRS:
        forge = Forge(pair=pair)
        forge.platform.update({2403: b"line 4", 2406: [b"peer"], 99999: {"a": [None, "\x1b[2J"]}})
        forge.platform[2399][0].update({7: True, 8: [bytes(range(32))]})
        forge.realm.update({44244: 1, 44257: bytes(48), "\x1b[2J": "\x1b[2J"})
        forge.more_parts = {44258: [601, b"devices"], "\x1b": 0}
        pem.write_bytes(forge.cpak.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        done = verify("--cpak", pem, token=forge.bytes())
        assert done.returncode == 0 and not done.stderr
        assert pair.why in done.stdout and "\x1b" not in done.stdout
        for line in ("manufacturing 2403", "6c696e652034  (not checked)", "peer signers 2406", "claim 99999",
                     "may be replaced while it runs", "and by", "devices 44257", "claim ?[2J", "?[2J  (not checked)",
                     "part 44258", "not signed, ignored"):
            assert line in done.stdout
        assert re.search(r"memory encryption +a key of its own\n", done.stdout)
    said = json.loads(verify("--cpak", pem, "--json", token=forge.bytes()).stdout)
    assert said["realm"]["encryption"] == 1
    assert said["realm"]["other"] == {"?[2J": "?[2J"} and set(said["platform"]["other"]) == {"99999"}


@pytest.fixture
def loaded(verify, maketoken, tmp_path):
    """loaded(option, ..., value=RIM, field=value) verifies a token with that RIM against files and a report."""
    words = [*CHALLENGED]
    for option, content in (("image", IMAGE), ("initrd", INITRD)):
        (tmp_path / option).write_bytes(content)
        words += [f"--{option}", tmp_path / option]

    def run(*options, value, **more):
        (tmp_path / "report").write_text(json.dumps(report(**more)))
        name = {32: "sha256", 48: "sha384", 64: "sha512"}[len(value)]
        token = maketoken("token", name, 907, 0, 0, CHALLENGE.hex(), "", value.hex(), *["00"] * 4)
        return verify(*words, "--machine", tmp_path / "report", *options, token=token)

    run.directory = tmp_path
    return run


def test_the_initial_measurement_from_files(loaded):
    value = rim.compute("sha-256", IMAGE, INITRD, SHAPE)
    done = loaded(value=value)
    assert done.returncode == 0
    assert "compared: challenge, RIM" in done.stdout
    assert "worked out for RMM 1.0, of content" in done.stdout

    assert "refused: RIM: is" in loaded(value=value, num_bps=1).stderr
    assert loaded(value=value, rmm="none").stderr == "pguest: cannot work out the RIM: " \
        "realm.rmm is none of 1.0, 2.0, 2.0-bet3\n"
    (loaded.directory / "initrd").write_bytes(INITRD + b"!")
    assert "refused: RIM: is" in loaded(value=value).stderr
    (loaded.directory / "image").write_bytes(b"")
    assert loaded(value=value).stderr == "pguest: cannot work out the RIM: not an arm64 Image\n"


def test_a_machine_that_is_no_json(verify, tmp_path):
    (tmp_path / "image").write_bytes(IMAGE)
    for content in (b"{", b"\xff\xfe", b""):
        (tmp_path / "report").write_bytes(content)
        done = verify(*KEY, "--image", tmp_path / "image", "--machine", tmp_path / "report")
        assert done.returncode == 1
        assert done.stderr == f"pguest: cannot work out the RIM: {tmp_path / 'report'} is no JSON\n"


@pytest.mark.parametrize("rmm, name", zip(rim.RMMS, rim.ALGORITHMS))
def test_the_generation_of_rmm_is_the_reports_or_the_users(loaded, rmm, name):
    value = rim.compute(name, IMAGE, INITRD, replace(SHAPE, rmm=rmm, num_bps=15))
    done = loaded("--json", value=value, num_bps=15, rmm=rmm)
    assert json.loads(done.stdout)["rim_of"] == {"rmm": rmm, "content": True}
    assert loaded("--rmm", rmm, value=value, num_bps=15, rmm="1.0").returncode == 0
    for other in set(rim.RMMS) - {rmm}:
        done = loaded("--rmm", other, value=value, num_bps=15, rmm=rmm)
        assert done.returncode == 1
        assert done.stderr.endswith(f" for RMM {other}; an RMM {rmm} measures the same files so (--rmm {rmm})\n")


def test_no_hint_where_nothing_fits(loaded):
    assert "measures the same files" not in loaded(value=bytes(32)).stderr


def test_a_measurement_that_is_of_no_content_says_so(loaded):
    """It compares, for the host had it made so; what it is worth stands beside it."""
    value = rim.compute("sha-256", IMAGE, INITRD, replace(SHAPE, measured=False))
    done = loaded(value=value, measured=0)
    assert done.returncode == 0
    assert "NOT of content: the host did not have it measured" in done.stdout
    assert json.loads(loaded("--json", value=value, measured=0).stdout)["rim_of"]["content"] is False


def test_public_tokens(public):
    for name in ("cca-token-01", "cca-token-draft-ffm-00"):
        done = subprocess.run([sys.executable, paths.ROOT / "scripts" / "verify-report", public / f"{name}.cbor",
                               "--cpak", public / "cpak.json"], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and "verified: signatures, binding" in done.stdout
