# SPDX-License-Identifier: GPL-2.0-only
"""What tests/guest/search.c looks for in a guest's memory, and what it found."""

from pguest.leaks import key_material
from pguest.machine import GUEST_BASE

# Something that is in memory in any case: it is in the command line.
CONTROL = "a-text-to-find-0"
LENGTH = 16


def patterns(cdi, above):
    """The first bytes of these, and of the next layer's CDI_Attest."""
    found = {**key_material(cdi), "next": above}
    return {name: bytes(value[:LENGTH]) for name, value in found.items()} | {CONTROL: CONTROL.encode()}


def parameters(guest, cdi, above):
    """For the command line: the range of RAM, and the patterns, each byte inverted."""
    words = [hex(GUEST_BASE), hex(guest.ram_mib << 20),
             *(bytes(byte ^ 0xff for byte in value).hex() for value in patterns(cdi, above).values())]
    return [f"pguest_control={CONTROL}", f"pguest_search={','.join(words)}"]


class Found(dict):
    """How often each pattern is there, by name."""

    mib = 0


def found(seen, name):
    """What the guest says in the value of that name."""
    *counts, mib = map(int, str(seen.values[name]).split())
    names = patterns(bytes(32), bytes(32))
    assert len(counts) == len(names)
    result = Found(zip(names, counts))
    result.mib = mib
    return result
