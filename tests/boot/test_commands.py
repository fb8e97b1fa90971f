# SPDX-License-Identifier: GPL-2.0-only
"""What a person types wrong, or lacks: one clear line and exit status 1, nothing built."""

import hashlib
import json
import os
import shutil
import subprocess
import sys

import pytest

from hookfile import load_hooks, select
from pguest import flavour, kernel, machine, newest, paths, source, ui
from pguest.paths import ROOT


def make_run(*words, build, env=None, around=()):
    """`make run` with a build directory of its own; `around` is a command to run it under."""
    command = [*around, "make", "--no-print-directory", "run", f"BUILD={build}", *words]
    # Of `make test LINUX=`, which is not what these tests ask for.
    inherited = {name: value for name, value in os.environ.items() if name not in ("LINUX", "KERNEL")}
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=120,
                          stdin=subprocess.DEVNULL, env={**inherited, **(env or {})}, check=False)


def assert_one_line(done, *words):
    """Exit status 1 of the script (make makes it 2), and one line that says all of it."""
    assert done.returncode == 2, done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    assert len(lines) == 1, done.stdout + done.stderr
    assert lines[0].startswith("pguest: ")
    for word in words:
        assert word in lines[0], lines[0]
    assert "Traceback" not in done.stderr


def in_namespace(script):
    """A command prefix: our own mounts, and (if root is needed for them) our own root."""
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script + '\nexec "$@"',
            "sh"]


@pytest.fixture
def build(tmp_path):
    return tmp_path / "build"


def test_unknown_mode(build):
    assert_one_line(make_run("MODE=xen", build=build), "MODE=xen", "pkvm-android")
    assert not build.exists()


def test_unknown_kernel(build):
    assert_one_line(make_run("KERNEL=5.4", build=build), "KERNEL=5.4", "6.12")
    assert not (build / "out").exists()


def test_kernel_newer_than_the_hooks(monkeypatch, build):
    """The newest that the hooks know is taken, and where there is none the reason says what to do."""
    mirror_with(monkeypatch, build, MADISON)
    found = newest.versions()
    assert newest.choose(found, {"6.12", "7.2"})[:2] == ("linux-source-7.2", "7.2.13-1")
    with pytest.raises(newest.Unavailable, match="7.3~rc7.*porting.rst"):
        newest.choose(found, {"6.1"})


def test_configuration_is_made_anew_when_the_layer_has_other_options(monkeypatch, tmp_path):
    """make would ask for the value of a new option, and a build has no terminal."""
    made = []
    options = "config PGUEST\n"
    monkeypatch.setattr(flavour.kernel, "make", lambda tree, out, *words, **how: made.append(words[0]))
    monkeypatch.setattr(flavour.kernel, "options_text", lambda: options)
    monkeypatch.setattr(flavour.kernel, "fragment_text", lambda names: "CONFIG_PGUEST=y\n")

    def configure():
        flavour.configure("debian-x", "CONFIG_64BIT=y\n", tmp_path, tmp_path / "out")
        return len(made)

    assert [configure(), configure()] == [1, 1]
    options += "config PGUEST_NEW\n"
    assert configure() == 2


def test_name_of_a_kernel_says_what_it_is():
    recipe = kernel.Recipe("guest-6.1-clang")
    assert (recipe.series, recipe.compiler) == ("6.1", "clang")
    assert kernel.Recipe("newest").fragments[-2:] == ["linux-7.x.config", "linux-7.3.config"]
    for name in ("guest-5.4", "gast"):
        with pytest.raises(ui.Refusal, match=name):
            kernel.Recipe(name)


def test_script_exits_with_1():
    done = subprocess.run([ROOT / "scripts" / "run", "--mode", "xen"], check=False,
                          capture_output=True)
    assert done.returncode == 1


def test_linux_is_no_directory(build):
    assert_one_line(make_run("LINUX=/nowhere", build=build), "LINUX=/nowhere", "no such directory")
    assert not build.exists()


def test_linux_is_no_kernel_tree(build, tmp_path):
    assert_one_line(make_run(f"LINUX={tmp_path}", build=build), "no Linux source tree")


def test_linux_is_another_version(build, tmp_path):
    tree = tmp_path / "linux"
    tree.mkdir()
    (tree / "Makefile").write_text("VERSION = 5\nPATCHLEVEL = 4\nSUBLEVEL = 0\n")
    (tree / "Kbuild").write_text("")
    assert_one_line(make_run(f"LINUX={tree}", build=build), "Linux 5.4", "6.12")


def path_without(tmp_path, *names):
    """A PATH with everything of the usual ones but `names` (and no working sudo)."""
    place = tmp_path / "bin"
    place.mkdir()
    for directory in ("/usr/sbin", "/sbin", "/bin", "/usr/bin"):
        for tool in os.listdir(directory):
            link = place / tool
            if tool not in names and not link.is_symlink():
                link.symlink_to(f"{directory}/{tool}")
    return str(place)


def test_no_qemu_and_no_right_to_install(build, tmp_path):
    """As a user of number 1000 without sudo."""
    path = path_without(tmp_path, "qemu-system-aarch64", "sudo")
    user = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    done = make_run(build=build, env={"PATH": path}, around=user)
    assert_one_line(done, "qemu-system-arm", "not root and no sudo")


@pytest.mark.parametrize("name, text", [
    ("Ubuntu 24.04 LTS", 'ID=ubuntu\nID_LIKE=debian\nPRETTY_NAME="Ubuntu 24.04 LTS"\n'),
    ("Fedora Linux 43", 'ID=fedora\nPRETTY_NAME="Fedora Linux 43"\n'),
    ("unknown", ""),
])
def test_another_distribution(build, tmp_path, name, text):
    """Said before anything is installed."""
    (tmp_path / "os-release").write_text(text)
    done = make_run(build=build, env={"PATH": path_without(tmp_path, "qemu-system-aarch64")},
                    around=in_namespace(f"mount --bind {tmp_path}/os-release /etc/os-release"))
    assert_one_line(done, "qemu-system-arm", f"this machine is {name}", "Debian 12")


def test_disk_full(build):
    """A file system of 64 MiB: told before anything is fetched or built."""
    build.mkdir()
    done = make_run(build=build, around=in_namespace(f"mount -t tmpfs -o size=64m none {build}"))
    assert_one_line(done, "not enough disk", "GiB", str(build))


def test_build_directory_cannot_be_written(tmp_path):
    """BUILD= where a file is in the way."""
    (tmp_path / "file").write_text("")
    assert_one_line(make_run(build=tmp_path / "file" / "build"), "file", "directory")


def test_no_reachable_mirror(build, tmp_path):
    """No kernel source on the machine and every mirror behind a proxy that is not there."""
    config = tmp_path / "apt.conf"
    config.write_text('Acquire::http::Proxy "http://127.0.0.1:9";\n'
                      'Acquire::https::Proxy "http://127.0.0.1:9";\nAcquire::Retries "0";\n')
    done = make_run("KERNEL=6.12", build=build, env={"APT_CONFIG": str(config)},
                    around=in_namespace("mount -t tmpfs none /usr/src"))
    assert_one_line(done, "linux-source-6.12", "mirror")


def test_no_suite_has_the_package(build, tmp_path):
    """Apt sources that answer, and offer nothing."""
    config = tmp_path / "apt.conf"
    config.write_text(f'Dir::Etc::sourcelist "{tmp_path}/none";\n'
                      f'Dir::Etc::sourceparts "{tmp_path}/none.d";\n')
    done = make_run("KERNEL=6.12", build=build, env={"APT_CONFIG": str(config)},
                    around=in_namespace("mount -t tmpfs none /usr/src"))
    assert_one_line(done, "linux-source-6.12")


def test_integrate_without_a_tree():
    done = subprocess.run(["make", "--no-print-directory", "integrate"], cwd=ROOT, text=True,
                          capture_output=True, check=False,
                          env={name: value for name, value in os.environ.items()
                               if name != "LINUX"})
    assert_one_line(done, "LINUX=")


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
def test_shell_scripts_are_clean():
    scripts = [ROOT / "scripts" / "deps", ROOT / ".ci" / "run", ROOT / "tests/guest/init",
               ROOT / "tests/debian/init", ROOT / "tests/debian/check", ROOT / "tests/vmm/host-init"]
    scripts += sorted((ROOT / "tests/guest").glob("*.sh"))
    scripts += sorted((ROOT / "tests/guest/scenarios").glob("*.sh"))
    but = "SC1090,SC1091,SC2154,SC2034,SC2013,SC2016,SC2012,SC2015,SC2153"
    done = subprocess.run(["shellcheck", "-x", "-e", but, *scripts],
                          text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.fixture
def users(tmp_path, build, monkeypatch):
    """A tree for LINUX= with what is looked at, and nothing that takes long to copy. No mirror has 6.6."""
    tree = tmp_path / "linux"
    tree.mkdir()
    (tree / "Makefile").write_text("VERSION = 6\nPATCHLEVEL = 6\nSUBLEVEL = 1\n")
    (tree / "Kbuild").write_text("# nothing\n")
    (tree / "mm.c").write_text("int mm;\n")
    for name, value in (("BUILD", build), ("LOGS", build / "logs"), ("LINUX", tree), ("LINUX_VERSION", (6, 6)),
                        ("LINUX_NAME", "user-1"), ("KERNEL", "6.6")):
        monkeypatch.setattr(paths, name, value)
    return tree


def contents(tree):
    return {path.relative_to(tree): (path.lstat().st_mtime_ns, path.read_bytes())
            for path in tree.rglob("*") if path.is_file()}


def test_pristine_tree_is_copied_and_left_alone(users, build, monkeypatch):
    """LINUX= of a tree without us: the copy is integrated, the user's own is as it was."""
    integrated = []
    monkeypatch.setattr(source, "integrate", integrated.append)
    before = contents(users)

    used = source.users_tree()
    assert used.parent == build
    assert integrated == [used]
    assert contents(users) == before
    assert contents(used).keys() == before.keys()


def test_copy_follows_the_pristine_tree(users, monkeypatch):
    """The layer goes into the copy anew each time, and what the user has changed since comes along."""
    monkeypatch.setattr(source, "integrate", lambda tree: (tree / "Kbuild").write_text("obj-y += pguest/\n"))
    used = source.users_tree()
    (users / "mm.c").write_text("int mm = 1;\n")
    assert source.users_tree() == used
    assert (used / "mm.c").read_text() == "int mm = 1;\n"
    assert (used / "Kbuild").read_text() == "obj-y += pguest/\n"


def test_copy_is_made_anew_if_it_cannot_be_updated(users, monkeypatch):
    """As when the user has changed a file that a hook had changed in the copy."""
    used = paths.tree("6.6")

    def integrate(tree):
        if (tree / "pguest").exists():
            raise ui.Refusal("changed since scripts/integrate wrote it")
        (tree / "pguest").mkdir()
    monkeypatch.setattr(source, "integrate", integrate)
    source.users_tree()
    (used / "mine").write_text("of before")
    source.users_tree()
    assert not (used / "mine").exists() and (used / "pguest").exists()


def test_integrated_tree_is_used_where_it_is(users, monkeypatch):
    (users / "pguest").symlink_to(ROOT)
    monkeypatch.setattr(source, "integrate", lambda *_: pytest.fail("integrated twice"))
    assert source.users_tree() == users
    assert source.integrated_tree("6.6") == users


def integrate_small(tree, **changes):
    """What scripts/integrate leaves in a tree that it has changed, as far as it is looked at here."""
    (tree / "pguest").mkdir(exist_ok=True)
    (tree / ".pguest").mkdir(exist_ok=True)
    hooks = {hook.name: hook.sha256 for hook in select(load_hooks(ROOT / "hooks"), "6.6")}
    state = {"version": 1, "link": str(ROOT), "hooks": hooks, "copy": {}, **changes}
    (tree / ".pguest" / "state.json").write_text(json.dumps(state))


def test_integrated_tree_that_is_up_to_date(users):
    for state in ({}, {"link": None, "copy": {"Kbuild": [hashlib.sha256((ROOT / "Kbuild").read_bytes()).hexdigest()]}}):
        integrate_small(users, **state)
        assert source.users_tree() == users


@pytest.mark.parametrize("state, because", [
    ({"hooks": {"52-balloon.cocci": "of before"}}, "with other hooks (10-include-path.lines, "),
    ({"hooks": {**{hook.name: hook.sha256 for hook in select(load_hooks(ROOT / "hooks"), "6.6")}, "99-gone.cocci": "x"}},
     "with other hooks (99-gone.cocci)"),
    ({"link": "/elsewhere/pguest"}, "the layer of /elsewhere/pguest"),
    ({"link": None, "copy": {"Kbuild": ["of before"]}}, "its copy of the layer is another one (Kbuild)"),
    ({"unfinished": True}, "was interrupted there"),
])
def test_integrated_tree_of_before_is_refused(users, state, because):
    """It would be built and booted, and what was reported would be true of hooks that are no more."""
    integrate_small(users, **state)
    with pytest.raises(ui.Refusal) as refusal:
        source.check_users_tree()
    assert because in str(refusal.value) and str(refusal.value).endswith(f": scripts/integrate {users} updates it")


def test_pristine_kernel_of_an_integrated_tree(users, build, monkeypatch):
    """What is built without the layer is made of a copy from which it was taken out."""
    (users / "pguest").mkdir()
    asked = []
    monkeypatch.setattr(source, "integrate", lambda tree, *options: asked.append((tree, options)))
    assert source.pristine_tree("6.6") == build / "linux-user-1-pristine"
    assert asked == [(build / "linux-user-1-pristine", ("--revert",))]


def test_no_source_of_a_kernel_that_the_mirror_has_not():
    with pytest.raises(ui.Refusal, match="6.18.*LINUX=/path"):
        source.tarball("6.18")


WHAT_LINUX_MEANS = """
from pguest import kernel, paths, trees
print(paths.KERNEL, paths.kernel_name("test"), paths.OUT.name == paths.LINUX_NAME, trees.series_to_test())
print(kernel.Recipe(paths.kernel_name("guest")).fragments, kernel.has_lpa2(paths.KERNEL))
"""


@pytest.mark.parametrize("version, means", [
    ((6, 6), """6.6 test-6.6 True ['6.6']\n['guest.config', 'pguest.config'] False\n"""),
    ((6, 12), """6.12 test True ['6.12']\n['guest.config', 'pguest.config'] True\n"""),
    ((7, 1), """7.1 test-7.1 True ['7.1']\n['guest.config', 'pguest.config', 'linux-7.x.config'] True\n"""),
    ((7, 3), """7.x test-7.x True ['7.x']\n"""
             """['guest.config', 'pguest.config', 'linux-7.x.config', 'linux-7.3.config'] True\n"""),
])
def test_tree_says_which_kernel_it_is(users, version, means):
    """LINUX= is enough: the names of kernels, their options, and which kernels are tested."""
    assert what_linux_means(users, version) == means


def what_linux_means(users, version):
    (users / "Makefile").write_text("VERSION = {}\nPATCHLEVEL = {}\nSUBLEVEL = 1\n".format(*version))
    done = subprocess.run([sys.executable, "-c", WHAT_LINUX_MEANS], check=True, text=True, capture_output=True,
                          cwd=ROOT / "scripts", env={**os.environ, "LINUX": str(users), "KERNEL": "6.12"})
    return done.stdout


def test_android_tree_has_the_fields_of_vendors(users):
    """A vendor's fs/proc/base.c uses them without an #ifdef; a mainline 6.6 does not know the options."""
    kconfig = users / "drivers" / "android" / "Kconfig"
    kconfig.parent.mkdir(parents=True)
    kconfig.write_text("config ANDROID_BINDER_IPC\n")
    assert "android.config" not in what_linux_means(users, (6, 6))
    kconfig.write_text("config ANDROID_BINDER_IPC\nconfig ANDROID_VENDOR_OEM_DATA\n")
    assert "'pguest.config', 'android.config']" in what_linux_means(users, (6, 6))


def test_each_option_of_a_vendor_is_set_by_its_fragment():
    for fragment, (_, option) in kernel.VENDORS.items():
        assert f"CONFIG_{option}=y\n" in (ROOT / "tests" / "configs" / fragment).read_text()


MADISON = """\
linux-source-7.3 | 7.3~rc7-1~exp1 | http://mirror/debian experimental/main arm64 Packages
linux-source-7.2 |   7.2.13-1 | http://mirror/debian unstable/main arm64 Packages
linux-source-7.2 |   7.2.12-1 | http://mirror/debian testing/main arm64 Packages
linux-source-7.2 |    7.2.9-1 | http://mirror/debian testing/main arm64 Packages
linux-source-6.12 |  6.12.95-1 | http://mirror/debian stable/main arm64 Packages
"""


def mirror_with(monkeypatch, build, madison):
    """A mirror that answers apt with `madison`."""
    def apt(tool, *words, **_):
        names = "".join(f"{line.split()[0]} - a kernel\n" for line in madison.splitlines())
        said = {"madison": madison, "search": names}.get(words[0], "")
        return subprocess.CompletedProcess([tool], 0, stdout=said)

    monkeypatch.setattr(newest, "APT", build / "apt-newest")
    monkeypatch.setattr(newest, "mirror", lambda: "http://mirror/debian/")
    monkeypatch.setattr(newest, "apt", apt)


def test_newest_kernel_is_the_newest_of_any_suite(monkeypatch, build):
    """By version and not by suite, and each suite's newest is named in the log."""
    mirror_with(monkeypatch, build, MADISON)
    found = newest.versions()
    assert found[0] == ("linux-source-7.3", "7.3~rc7-1~exp1", "experimental")
    assert [suite for _, _, suite in found] == ["experimental", "unstable", "testing", "stable"]
    assert newest.compare("7.3", "7.3~rc7") > 0 > newest.compare("7.2.9", "7.2.13")


def test_mirror_without_a_newest_kernel(monkeypatch, build):
    """The tests that need it are skipped with this reason."""
    mirror_with(monkeypatch, build, "")
    with pytest.raises(newest.Unavailable, match="no newest kernel"):
        newest.versions()


@pytest.mark.parametrize("result", ['{"value": ["a"], "is": 1}', '{"value": "a"}', '{"check": {}, "ok": true}', '{"value"}'])
def test_result_of_another_shape_is_a_bad_line(result):
    """The guest writes its console: what it says there ends the run with a line, and not the program."""
    seen = machine.Seen()
    machine.Machine._take_line(f"@pguest {result}", seen, 0)
    assert [name for name, _ in seen.bad] == ["torn result"]
