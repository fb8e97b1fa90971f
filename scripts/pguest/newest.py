# SPDX-License-Identifier: GPL-2.0-only
"""The newest kernel that the machine's mirror has, from whatever suite it is in.

A distribution's kernel team works in suites that a stable machine does not
list: backports, testing, unstable, experimental. They are on the same mirror,
so they are asked for there, with lists of their own beside those of the
machine's suites (see debian.py).
"""

import re
import shutil
import subprocess
from functools import cmp_to_key

from pguest import debian, paths, shell, trees, ui

APT = paths.BUILD / "apt-newest"
SUITES = ("stable-backports", "testing", "unstable", "experimental")
# Which one it is, once it is chosen: another needs a `make distclean`.
CHOICE = paths.BUILD / "src" / "newest"


class Unavailable(ui.Refusal):
    """The mirror has none, or does not answer: no fault of anything here."""


def chosen():
    """(package, version, suite) of the kernel that is 7.x here."""
    return tuple(CHOICE.read_text().split())


def tarball():
    if CHOICE.exists() and (kept := kept_tarball(chosen()[0])).exists():
        return kept
    found = versions()
    package, version, suite = choose(found, trees.known_versions())
    ui.say(f"newest kernel: {package} {version} of {suite}; there are "
           + ", ".join(f"{other[1]} of {other[2]}" for other in found))
    fetch(package, version)
    CHOICE.write_text(" ".join((package, version, suite)) + "\n")
    return kept_tarball(package)


def kept_tarball(package):
    return paths.BUILD / "src" / f"{package}.tar.xz"


def apt(tool, *words, cwd=None):
    for place in ("state/lists/partial", "cache/archives/partial", "deb", "parts"):
        (APT / place).mkdir(parents=True, exist_ok=True)
    command = debian.apt_command(
        "-o", f"Dir::State::lists={APT}/state/lists", "-o", f"Dir::Cache={APT}/cache",
        "-o", f"Dir::Etc::sourcelist={APT}/sources.list", "-o", f"Dir::Etc::sourceparts={APT}/parts",
        *words)
    done = subprocess.run([tool, *command[1:]], cwd=cwd, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          env=shell.environment())
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    with open(paths.LOGS / "apt-newest.log", "a") as log:
        log.write(done.stdout)
    return done


def mirror():
    """Where the machine's own sources say that Debian is."""
    debian.apt_lists("a newest kernel")
    words = debian.apt_command("indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)")
    done = subprocess.run(words, text=True, capture_output=True, check=False,
                          env=shell.environment())
    for line in done.stdout.splitlines():
        origin, label, uri = line.split("|")
        if (origin, label) == ("Debian", "Debian"):
            return uri
    raise Unavailable("no newest kernel: this machine's apt sources name no Debian mirror")


def update():
    """Lists of the newer suites. A mirror may lack one or two; apt says so and fetches the others."""
    uri = mirror()
    listed = "".join(f"deb {debian.signed_by()}{uri} {suite} main\n" for suite in SUITES)
    APT.mkdir(parents=True, exist_ok=True)
    (APT / "sources.list").write_text(listed)
    apt("apt-get", "update")


def offers(names):
    """[(package, version, suite)] that the lists have of these packages."""
    said = apt("apt-cache", "madison", *names).stdout if names else ""
    return re.findall(r"^ *(\S+) \| *(\S+) \| \S+ ([^ /]+)/main ", said, re.M)


def versions():
    """[(package, version, suite)] of each suite's newest linux-source, the newest first."""
    update()
    names = re.findall(r"^(linux-source-[0-9.]+) ", apt(
        "apt-cache", "search", "--names-only", "^linux-source-[0-9.]+$").stdout, re.M)
    found = offers(names)
    if not found:
        raise Unavailable(f"no newest kernel: the mirror answered with none of {', '.join(SUITES)} "
                          f"({paths.LOGS}/apt-newest.log)")
    found.sort(key=cmp_to_key(lambda a, b: compare(a[1], b[1])), reverse=True)
    newest_of_suite = {suite: (package, version, suite) for package, version, suite in found[::-1]}
    return sorted(newest_of_suite.values(), key=found.index)


def choose(found, known):
    """The newest that the hooks know: one that is newer still has to be ported to first."""
    for offer in found:
        if offer[0].removeprefix("linux-source-") in known:
            return offer
    raise Unavailable(f"no newest kernel: the hooks are for {', '.join(trees.in_order(known))}, the mirror has "
                      f"{', '.join(offer[1] for offer in found)}: see Documentation/porting.rst")


def compare(one, other):
    """As dpkg orders versions: 7.3~rc7 comes before 7.3."""
    def holds(relation):
        return subprocess.run(["dpkg", "--compare-versions", one, relation, other],
                              check=False).returncode == 0
    return holds("gt") - holds("lt")


def fetch(package, version):
    progress = ui.Progress(f"fetching {package} {version}")
    deb = download(package, version)
    shell.run(["dpkg-deb", "--extract", deb, APT / "unpacked"], "unpack-newest-deb.log",
              f"unpacking {package}")
    kept_tarball(package).parent.mkdir(parents=True, exist_ok=True)
    shutil.move(APT / "unpacked" / "usr" / "src" / f"{package}.tar.xz", kept_tarball(package))
    shutil.rmtree(APT / "unpacked")
    deb.unlink()
    progress.done()


def download(package, version):
    """One package of the newer suites; returns the .deb."""
    done = apt("apt-get", "download", f"{package}={version}", cwd=APT / "deb")
    debs = sorted((APT / "deb").glob(f"{package}_*.deb"))
    if done.returncode or not debs:
        raise Unavailable(f"cannot fetch {package}: {shell.telling_line(done.stdout.splitlines())}")
    return debs[-1]


def sparse():
    """The newest sparse, built from its Debian source package; the machine's own may be too old for 7.x."""
    built = paths.BUILD / "sparse"
    if (built / "sparse").exists():
        return built / "sparse"
    lists = APT / "tools" / "lists"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    (APT / "tools.list").write_text(f"deb-src {debian.signed_by()}{mirror()} testing main\n")
    options = ["-o", f"Dir::State::lists={lists}", "-o", f"Dir::Etc::sourcelist={APT}/tools.list"]
    shutil.rmtree(APT / "sparse", ignore_errors=True)
    (APT / "sparse").mkdir()
    apt("apt-get", *options, "update")
    done = apt("apt-get", *options, "source", "sparse", cwd=APT / "sparse")
    trees = [path for path in (APT / "sparse").iterdir() if path.is_dir()]
    if done.returncode or not trees:
        raise Unavailable(f"cannot fetch sparse: {shell.telling_line(done.stdout.splitlines())}")
    shell.run(["make", "-C", trees[0], "CC=gcc", "sparse"], "sparse.log", "building sparse")
    shutil.rmtree(built, ignore_errors=True)
    trees[0].rename(built)
    return built / "sparse"
