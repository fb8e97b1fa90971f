# SPDX-License-Identifier: GPL-2.0-only
"""A real pKVM host, booted once for each file here: the guests of a file share it, one after the other.

Tests of one file stay on one worker (pytestmark), so that they share the boot.
"""

import importlib.util
import warnings

import pytest

from pguest import host as host_build, newest, paths, source
from pguest.machine import Machine, make_disk
from pguest.pkvm_host import Host


def fixtures_of(path):
    """The fixtures that another directory has in its conftest.py, whose name is ours too."""
    spec = importlib.util.spec_from_file_location("boot_fixtures", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


boot = fixtures_of(paths.ROOT / "tests/boot/conftest.py")
built, new_machine = boot.built, boot.new_machine
# The mark `matrix`, where tests/host is run alone.
pytest_configure = boot.pytest_configure
pytest_collection_modifyitems = boot.pytest_collection_modifyitems


@pytest.fixture(scope="session")
def host_built():
    try:
        return host_build.initramfs(source.integrated_tree())
    except newest.Unavailable as reason:
        pytest.skip(str(reason))


class TestHost(Host):
    """With an Image by name, and a fresh disk for whoever wants one."""

    __test__ = False

    def __init__(self, directory, built):
        super().__init__(directory)
        self.built = built
        self.disk_of = {}

    def vm(self, name, scenario, image="guest", **options):
        return super().vm(name, scenario, image=self.built(image), **options)

    def with_disk(self, name, scenario, **options):
        self.disk_of[name] = make_disk(self.directory / f"{name}.img", mib=64)
        return self.vm(name, scenario, **options).add_disk(self.disk_of[name])


@pytest.fixture(scope="module")
def new_machine_of_module(tmp_path_factory, built):
    """A machine of ours beside the host, for the tests of a file to share."""
    def new(image="guest", **options):
        return Machine(tmp_path_factory.mktemp("machine"), image=built(image), **options)

    return new


@pytest.fixture(scope="module")
def selected(request):
    """The tests of this file that are to run, by their names: a guest that none of them looks at is not booted."""
    return {item.name for item in request.session.items if item.path == request.path}


@pytest.fixture(scope="module")
def new_host(tmp_path_factory, built, host_built):
    return lambda: TestHost(tmp_path_factory.mktemp("host"), built)


# Where the host's kernel ends when an SError comes while a guest runs. Under QEMU 7.2 one did, in one of eleven boots,
# before the guest had printed a line.
SERROR = "kvm_handle_guest_serror"


@pytest.fixture(scope="module")
def boot_host(new_host):
    """boot_host(add): a host to which `add` has added guests, booted; once more if it has ended by itself."""
    def once(add):
        host = new_host()
        add(host)
        return host.boot(timeout=900)

    def run(add):
        host = once(add)
        if SERROR in (host.directory / "console.log").read_text(errors="replace"):
            warnings.warn(f"the host has ended with an SError, and is booted again: {host.directory}")
            host = once(add)
        return host

    return run
