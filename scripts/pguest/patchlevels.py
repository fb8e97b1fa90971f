# SPDX-License-Identifier: GPL-2.0-only
"""Hooks on many trees at once: of each tree only the files that hooks touch are read, and nothing is built.

A tree comes from a package of the mirror or from a commit in a git repository.
"""

import concurrent.futures
import functools
import hashlib
import os
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import treefit
from hookfile import HookError, load_hooks, select
from pguest import debian, newest, paths, shell, ui

HOME = paths.BUILD / "patchlevels"
APT = HOME / "apt"
# One package comes while another one is unpacked.
FETCHERS = 2
# On each Debian archive that the machine's sources name. An archive that lacks one is asked for the others.
SUITES = ("oldstable", "oldstable-backports", "oldstable-proposed-updates", "oldstable-security", "stable", "stable-backports",
          "stable-proposed-updates", "stable-security", "testing", "unstable", "experimental")


@dataclass
class Tree:
    """The files of a tree that hooks may touch, and what came of the hooks."""
    name: str
    files: dict  # path -> text
    commit: str = ""
    version: str = ""
    release: str = ""
    hooks: list = field(default_factory=list)
    problems: list = field(default_factory=list)

    def __post_init__(self):
        found = dict(re.findall(r"^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)[ \t]*=[ \t]*(\S*)[ \t]*$",
                                self.files.get("Makefile", ""), re.MULTILINE))
        if not {"VERSION", "PATCHLEVEL"} <= found.keys():
            raise ui.Refusal(f"{self.name}: no Makefile of Linux")
        self.version = f"{found['VERSION']}.{found['PATCHLEVEL']}"
        self.release = f"{self.version}.{found.get('SUBLEVEL', '0')}{found.get('EXTRAVERSION', '')}"

    def has(self, path):
        return path in self.files


def wanted():
    """All paths that a hook of any version names, and what treefit looks for."""
    hooks = load_hooks(paths.ROOT / "hooks")
    return sorted({"Makefile", *treefit.OWN, *(path for hook in hooks for path in [*hook.paths(), *hook.needs])})


# --- from the mirror --------------------------------------------------------


def archives():
    """The Debian archives of the machine's sources, each with the suites to ask for."""
    debian.apt_lists("kernel sources")
    words = debian.apt_command("indextargets", "--format", "$(ORIGIN)|$(REPO_URI)|$(RELEASE)", "Created-By: Packages")
    done = subprocess.run(words, text=True, capture_output=True, check=False, env=shell.environment())
    found = [line.split("|") for line in done.stdout.splitlines()]
    uris = dict.fromkeys(uri for origin, uri, _ in found if origin == "Debian")
    if not uris:
        raise newest.Unavailable("no kernel sources: this machine's apt sources name no Debian mirror")
    own = dict.fromkeys((uri, release) for origin, uri, release in found if origin == "Debian")
    return [*own, *((uri, suite) for uri in uris for suite in SUITES if suite.endswith("-security") == ("-security" in uri))]


def apt(tool, *words, cwd=None):
    options = {"Dir::State::lists": APT / "lists", "Dir::Cache": APT / "cache", "Dir::Etc::sourcelist": APT / "list",
               "Dir::Etc::sourceparts": APT / "parts"}
    command = debian.apt_command(*(word for name, value in options.items() for word in ("-o", f"{name}={value}")), *words)
    return subprocess.run([tool, *command[1:]], cwd=cwd, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, env=shell.environment()).stdout


def offers():
    """[(package, version)] of all kernel sources in any suite, of versions that the hooks know; the oldest first."""
    for place in ("lists/partial", "cache/archives/partial", "parts", "deb"):
        (APT / place).mkdir(parents=True, exist_ok=True)
    (APT / "list").write_text("".join(f"deb {debian.signed_by()}{uri} {suite} main\n" for uri, suite in archives()))
    apt("apt-get", "update")
    known = {version for hook in load_hooks(paths.ROOT / "hooks") for version in hook.trees}
    said = apt("apt-cache", "madison", *(f"linux-source-{version}" for version in sorted(known)))
    found = set(re.findall(r"^ *(\S+) \| *(\S+) \| \S+ \S+/main ", said, re.MULTILINE))
    if not found:
        raise newest.Unavailable("no kernel sources: the mirror answered with none")
    return sorted(found, key=functools.cmp_to_key(lambda one, other: newest.compare(one[1], other[1])))


def of_packages(found):
    """The trees of these packages, in this order. While one is unpacked the next one comes."""
    with concurrent.futures.ThreadPoolExecutor(FETCHERS) as pool:
        return list(pool.map(of_package, *zip(*found)))


def of_package(package, version):
    """A tree of the mirror. Its package is not kept, but each directory in which hooks touch a file.

    So a hook for another file of these directories fetches nothing.
    """
    kept = HOME / f"{package}_{version.replace(':', '_')}.tar.gz"
    listed = kept.with_suffix(".directories")
    directories = {os.path.dirname(path) for path in wanted()}
    if not listed.exists() or not directories <= set(listed.read_text().split("\n")):
        listed.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{package}-", dir=HOME) as half:
            unpack(package, version, sorted(directories), Path(half))
            subprocess.run(["tar", "--create", "--gzip", "-f", kept, "-C", half, "."], check=True)
        listed.write_text("\n".join(sorted(directories)))
    return Tree(f"Debian's {version}", read_kept(kept))


def read_kept(kept):
    files, names = {}, set(wanted())
    with tarfile.open(kept) as tar:
        # In one go: going back in a compressed file means to begin again.
        for member in tar:
            path = member.name.removeprefix("./")
            if path in names and member.isfile():
                files[path] = tar.extractfile(member).read().decode("utf-8", "surrogateescape")
    return files


def unpack(package, version, directories, place):
    """Those directories of a source package, without what is below them, straight out of the package."""
    progress = ui.Progress(f"fetching {package} {version}")
    said = apt("apt-get", "download", f"{package}={version}", cwd=APT / "deb")
    debs = sorted((APT / "deb").glob(f"{package}_{version.replace(':', '%3a')}_*.deb"))
    if not debs:
        raise newest.Unavailable(f"cannot fetch {package} {version}: {shell.telling_line(said.splitlines())}")
    patterns = "".join(f"{package}/{directory}/*\n" if directory else f"{package}/*\n" for directory in directories)
    with tempfile.NamedTemporaryFile("w", suffix=".patterns", dir=HOME) as names:
        names.write(patterns)
        names.flush()
        steps = [["dpkg-deb", "--fsys-tarfile", debs[0]],
                 ["tar", "--extract", "--to-stdout", f"./usr/src/{package}.tar.xz"],
                 ["xz", "--decompress", "--stdout", "--threads=0"],
                 ["tar", "--extract", "--no-recursion", "--wildcards", "--no-wildcards-match-slash",
                  "--strip-components=1", "-C", place, f"--files-from={names.name}"]]
        problems = run_pipe(steps)
    debs[0].unlink()
    # A tree need not have all directories.
    problems = [line for line in problems if not line.endswith((": Not found in archive", "due to previous errors"))]
    if problems or not (place / "Makefile").exists():
        raise ui.Refusal(f"cannot unpack {package} {version}: {(problems or ['no Makefile'])[0]}")
    progress.done()


def run_pipe(steps):
    """Commands, each reading what the one before it writes; what the last one says, and a line for each other that fails."""
    pipes = []
    for step in steps:
        last = step is steps[-1]
        pipes.append(subprocess.Popen(step, stdin=pipes[-1].stdout if pipes else subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL if last else subprocess.PIPE,
                                      stderr=subprocess.PIPE if last else subprocess.DEVNULL,
                                      env=shell.environment()))
        if len(pipes) > 1:
            # The reader alone has it then, and those before it end when it ends.
            pipes[-2].stdout.close()
    said = pipes[-1].stderr.read().decode(errors="replace").splitlines()
    return [f"{step[0]} failed" for step, pipe in zip(steps, pipes) if pipe.wait() and pipe is not pipes[-1]] + said


# --- from git, or a directory ------------------------------------------------


def of_git(given):
    """A tree in a git repository, bare or not: [NAME=]DIRECTORY[:PATH], its HEAD. Only the files that hooks touch are read."""
    name, _, place = given.rpartition("=")
    directory, _, under = place.partition(":")
    prefix = under.rstrip("/") + "/" if under else ""

    def git(*words):
        return subprocess.run(["git", "-C", directory, *words], capture_output=True, check=False)
    head = git("rev-parse", "HEAD")
    if head.returncode:
        raise ui.Refusal(f"{place}: git: {shell.telling_line(head.stderr.decode(errors='replace').splitlines())}")
    files = {}
    for path in wanted():
        blob = git("cat-file", "blob", f"HEAD:{prefix}{path}")
        if not blob.returncode:
            files[path] = blob.stdout.decode("utf-8", "surrogateescape")
    return Tree(name or place, files, head.stdout.decode().strip())


def of_directory(given):
    """A tree without git, as it came: [NAME=]DIRECTORY."""
    name, _, place = given.rpartition("=")
    if not Path(place).is_dir():
        raise ui.Refusal(f"{place}: no such directory")
    if (Path(place) / ".pguest").exists():
        raise ui.Refusal(f"{place}: has the layer already (scripts/integrate --check says whether the hooks fit)")
    return Tree(name or place, read_files(Path(place)))


def read_files(place):
    return {path: (place / path).read_text(encoding="utf-8", errors="surrogateescape")
            for path in wanted() if (place / path).is_file()}


# --- the hooks --------------------------------------------------------------


def try_hooks(trees):
    """Fill in what hooks each tree takes and which of them do not fit. Equal files are tried once."""
    every = load_hooks(paths.ROOT / "hooks")
    for tree in trees:
        tree.hooks = select(every, tree.version, tree.has)
        if not tree.hooks:
            tree.problems.append(f"no hook is for Linux {tree.version}")
        tree.problems += treefit.own_protection(tree, tree.hooks)
    names = sorted({path for tree in trees for hook in tree.hooks for path in hook.paths()})
    with tempfile.TemporaryDirectory(prefix="pguest-trees-") as scratch, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(try_path, path, trees, Path(scratch, str(number))) for number, path in enumerate(names)]
        for job in jobs:
            for tree, problem in job.result():
                tree.problems.append(problem)


def try_path(path, trees, scratch):
    """The problems of one file in each tree; a hook sees each text once."""
    known, problems = {}, []
    for tree in trees:
        text = tree.files.get(path)
        for hook in (hook for hook in tree.hooks if path in hook.paths()):
            if text is None:
                problems.append((tree, f"hooks/{hook.name}: {path}: no such file"))
                continue
            key = hook.name, places_of(hook, path), hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
            if key not in known:
                known[key] = outcome(hook, path, text, scratch / str(len(known)))
            text, problem = known[key]
            if problem:
                problems.append((tree, problem))
    return problems


def places_of(hook, path):
    return repr([place for place in hook.places if place.path == path])


def outcome(hook, path, text, workdir):
    """(the text with the hook, what is wrong): after a hook that does not fit the next ones see the text before it."""
    workdir.mkdir(parents=True)
    try:
        return hook.apply(path, text, workdir), None
    except HookError as error:
        return text, str(error)
