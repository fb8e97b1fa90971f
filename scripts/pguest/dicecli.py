# SPDX-License-Identifier: GPL-2.0-only
"""scripts/verify-report for a pKVM guest: --chain and what goes with it."""

import argparse
import hashlib
import json
from pathlib import Path

from pguest import dice, dicereport, ui

ANY = ("challenge", "code", "authority")
# Arguments for realms
REALMS = ("rim", "rem", "machine", "rmm", "dtb", "cmdline", "rpv", "profiles")


def add_arguments(parser):
    group = parser.add_argument_group("a guest of pKVM (DICE)")
    group.add_argument("--chain", metavar="FILE", type=Path, help="its certificates: auxblob")
    group.add_argument("--roots", metavar="PEM", type=Path, help="public keys, one of which the chain has to begin with")
    group.add_argument("--kernel-salt", metavar="HEX", type=hexadecimal, default=b"",
                       help="with --image: salt of its AVB hash descriptor")
    group.add_argument("--initrd-salt", metavar="HEX", type=hexadecimal, default=b"", help="  of the initramfs's")
    group.add_argument("--code", metavar="HEX", type=hexadecimal, help="the code hash, instead of --image and --initrd")
    group.add_argument("--avb-key", metavar="FILE", type=Path, help="public key that vouches for the kernel, as in VBMeta")
    group.add_argument("--authority", metavar="HEX", type=hexadecimal, help="the authority hash, instead of that")
    group.add_argument("--security-version", metavar="N", type=int, help="the least that will do")
    group.add_argument("--component", metavar="NAME", default=dice.KERNEL, help="name of the kernel's certificate")


def hexadecimal(text):
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not hexadecimal") from None


def check_arguments(parser, given):
    if not given.roots:
        parser.error("--chain needs --roots")
    wrong = [name for name in REALMS if getattr(given, name)]
    if wrong:
        parser.error(f"--{wrong[0]} is for realms, --chain for guests of pKVM")
    if given.code and given.image or given.authority and given.avb_key:
        parser.error("--code or --image, --authority or --avb-key, not both")
    if given.initrd and not given.image:
        parser.error("--initrd goes with --image")


def expected(given):
    code, authority = given.code, given.authority
    if given.image:
        code = dice.code_hash(given.image.read_bytes(), given.initrd.read_bytes() if given.initrd else b"",
                              given.kernel_salt, given.initrd_salt)
    if given.avb_key:
        authority = hashlib.sha512(given.avb_key.read_bytes()).digest()
    return dicereport.Expected(given.challenge, code, authority, given.security_version, given.component)


def run(given, data):
    try:
        report = dicereport.verify(data, given.chain.read_bytes(), dicereport.roots_of(given.roots.read_bytes()),
                                   expected(given))
    except dicereport.Refused as reason:
        raise ui.Refusal(f"refused: {reason}") from reason
    if given.json:
        print(json.dumps(as_json(report)))
    else:
        show(report)
    return 0


def plain(text):
    """Without what a terminal obeys: a name in a certificate is its maker's."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(text))


def show(report):
    print(f"a report of {report.size} bytes, for the challenge {report.challenge.hex()}")
    print(f"  root: {dice.key_id(report.root)}, which is trusted")
    for layer in report.layers:
        print(f"  {plain(layer.name)}: code {layer.code.hex()[:32]}..., authority {layer.authority.hex()[:32]}..., "
              f"security version {layer.version}, key {dice.key_id(layer.key)}")
    print(f"  by the kernel's word: the firmware's secret is {dicereport.REGIONS[report.region]}")
    left_out = [name for name in ANY if name not in report.compared]
    print(f"verified: signatures, modes; compared: {', '.join(report.compared) or 'nothing'}"
          + (f"; NOT compared: {', '.join(left_out)}" if left_out else ""))


def as_json(report):
    return {"verified": True, "compared": report.compared, "size": report.size, "root": dice.key_id(report.root),
            "challenge": report.challenge.hex(), "region": report.region,
            "layers": [{"name": plain(layer.name), "security_version": layer.version, "code": layer.code.hex(),
                        "authority": layer.authority.hex(), "key": dice.raw(layer.key).hex()}
                       for layer in report.layers]}
