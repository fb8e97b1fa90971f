# SPDX-License-Identifier: GPL-2.0-only
"""Realms under an RMM that the user brings: FIRMWARE=/directory. Without it there is nothing to test."""

import importlib.util
import os

import pytest

from pguest import newest, paths, qemu, rmm, source
from pguest.rmm_host import RmmHost

WITHOUT = "needs FIRMWARE=/directory, see Documentation/rmm-host.rst"


def fixtures_of(path):
    """The fixtures that another directory has in its conftest.py, whose name is ours too."""
    spec = importlib.util.spec_from_file_location("boot_fixtures", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


boot = fixtures_of(paths.ROOT / "tests/boot/conftest.py")
built, disk = boot.built, boot.disk
pytest_configure = boot.pytest_configure
pytest_collection_modifyitems = boot.pytest_collection_modifyitems


@pytest.fixture(scope="session")
def firmware():
    if not os.environ.get("FIRMWARE"):
        pytest.skip(WITHOUT)
    try:
        rmm.host(source.integrated_tree())
        qemu.command()
    except newest.Unavailable as reason:
        pytest.skip(str(reason))
    return rmm.firmware()


@pytest.fixture
def new_realm(tmp_path, built, firmware):
    """A machine factory: new_realm(image="guest", cpus=2, host={"ipa_bits": 48}, ...)."""
    def new(image="guest", host=None, **options):
        return RmmHost(tmp_path / "machine", firmware=firmware, image=built(image), monitor=host, **options)

    return new
